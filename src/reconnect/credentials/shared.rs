//! The token cache as attempts share it: each waits for the one fetch that is under way.

use super::{
    cache::{Asker, Cache, Kept, Reply},
    fetch::{Fetch, Source},
    token::Token,
};
use crate::{
    reconnect::{Failure, clock::Clock, machine::Now},
    waiters::{Place, WaitList, wake},
};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

pub(super) struct Shared(Mutex<Inner>);

struct Inner {
    cache: Cache,
    /// With the task that asks it, for as long as that runs.
    source: Option<Box<dyn Source>>,
    waiting: WaitList,
    /// The clock of the first socket.
    clock: Option<Clock>,
}

impl Shared {
    pub(super) fn new(source: Box<dyn Source>) -> Self {
        let inner = Inner { cache: Cache::default(), source: Some(source), waiting: WaitList::default(), clock: None };
        Self(Mutex::new(inner))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The application has a token itself, or none any more.
    pub(super) fn set(&self, token: Option<Token>) {
        let (_displaced, woken) = {
            let mut inner = self.lock();
            let now = inner.clock.as_ref().unwrap_or(&Clock::Platform).now();
            (inner.cache.set(token, now), inner.waiting.take_all())
        };
        wake(woken);
    }

    /// The fetch under way has ended: its source comes back.
    pub(super) fn fetched(&self, source: Box<dyn Source>, result: Result<Token, Failure>, now: Now) {
        let (_displaced, woken) = {
            let mut inner = self.lock();
            inner.source = Some(source);
            (inner.cache.fetched(result, now), inner.waiting.take_all())
        };
        wake(woken);
    }
}

impl Inner {
    /// The clock that tokens expire by.
    fn clock(&mut self, of_socket: &Clock) -> &Clock {
        let Self { cache, clock, .. } = self;
        clock.get_or_insert_with(|| {
            // a token that was given before there was a socket went by the platform's
            cache.change_clock(Clock::Platform.now(), of_socket.now());
            of_socket.clone()
        })
    }
}

/// A token, for one attempt. Dropped before, it leaves nothing behind, and a fetch goes on.
pub(super) struct Needed {
    shared: Arc<Shared>,
    asker: Asker,
    clock: Clock,
    /// How long a fetch may take.
    timeout: Duration,
    place: Place,
}

impl Needed {
    pub(super) fn new(shared: Arc<Shared>, asker: Asker, clock: Clock, timeout: Duration) -> Self {
        Self { shared, asker, clock, timeout, place: Place::default() }
    }
}

impl Future for Needed {
    type Output = Result<Kept, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        loop {
            let mut inner = this.shared.lock();
            let now = inner.clock(&this.clock).now();
            let reply = inner.cache.ask(&mut this.asker, now);
            match reply {
                Reply::Use(kept) => return Poll::Ready(Ok(kept)),
                Reply::Fail(failure) => return Poll::Ready(Err(failure)),
                Reply::Wait => {
                    let displaced = inner.waiting.wait(&mut this.place, 0, context);
                    drop(inner);
                    drop(displaced);
                    return Poll::Pending;
                }
                Reply::Fetch(request) => {
                    let (source, clock) = (inner.source.take(), inner.clock(&this.clock).clone());
                    drop(inner);
                    Fetch { shared: this.shared.clone(), source, clock, timeout: this.timeout }.begin(request);
                }
            }
        }
    }
}

impl Drop for Needed {
    fn drop(&mut self) {
        let _waker = self.shared.lock().waiting.leave(&mut self.place);
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::reconnect::{BoxError, UserError};
    use futures::{FutureExt, channel::oneshot, task::noop_waker};
    use std::{
        fmt,
        task::{Wake, Waker},
    };

    type Answers = Vec<oneshot::Receiver<Result<Token, BoxError>>>;

    /// A source with these answers, the last first.
    fn shared(mut answers: Answers) -> Arc<Shared> {
        let source = move |_| {
            let answer = answers.pop();
            async move { answer.ok_or("asked too often")?.await? }
        };
        Arc::new(Shared::new(Box::new(source)))
    }

    fn needed(shared: &Arc<Shared>) -> Needed {
        Needed::new(shared.clone(), Asker::default(), Clock::Platform, Duration::from_secs(60))
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
    }

    fn secret(token: Option<Result<Kept, Failure>>) -> String {
        token.expect("an answer").expect("a token").secret
    }

    struct Count;

    impl Wake for Count {
        fn wake(self: Arc<Self>) {}
    }

    #[tokio::test]
    async fn who_is_dropped_leaves_no_waker_and_the_fetch_goes_on() {
        let (answer, answered) = oneshot::channel();
        let shared = shared(vec![answered]);
        let count = Arc::new(Count);
        let waker = Waker::from(count.clone());
        let before = Arc::strong_count(&count);
        for _ in 0..1_000 {
            let mut needed = needed(&shared);
            for _ in 0..3 {
                assert!(needed.poll_unpin(&mut Context::from_waker(&waker)).is_pending());
            }
            assert_eq!(shared.lock().waiting.len(), 1);
        }
        assert_eq!((shared.lock().waiting.len(), Arc::strong_count(&count)), (0, before));
        answer.send(Ok("kept".into())).expect("it is waited for");
        assert_eq!(secret(Some(needed(&shared).await)), "kept");
    }

    #[test]
    fn where_the_runtime_is_gone_who_waits_learns_it_and_another_asks_anew() {
        let (late, answered) = oneshot::channel();
        let (answer, second) = oneshot::channel();
        let shared = shared(vec![second, answered]);
        let (mut begun, mut unbegun) = (needed(&shared), needed(&shared));
        let first = runtime();
        first.block_on(async {
            assert!((&mut begun).now_or_never().is_none());
            tokio::task::yield_now().await;
        });
        assert!((&mut unbegun).now_or_never().is_none());
        assert!(!late.is_canceled());
        drop(first);
        assert!(late.is_canceled());
        for needed in [&mut begun, &mut unbegun] {
            let Some(Err(failure)) = needed.now_or_never() else { panic!("it hangs") };
            let text = "the token source failed: the runtime that ran it was shut down";
            assert_eq!(format!("{failure:#}"), text);
        }
        answer.send(Ok("anew".into())).expect("not asked yet");
        assert_eq!(secret(Some(runtime().block_on(needed(&shared)))), "anew");
    }

    #[test]
    fn a_runtime_that_is_shut_down_already_is_a_failure_too() {
        let shared = shared(Vec::new());
        let runtime = runtime();
        let handle = runtime.handle().clone();
        drop(runtime);
        let _within = handle.enter();
        assert!(matches!(needed(&shared).now_or_never(), Some(Err(Failure::Credentials { .. }))));
    }

    /// Wakers, and errors of the application's, may do anything when they are dropped.
    #[tokio::test]
    async fn nothing_foreign_is_dropped_under_the_lock() {
        struct Prying(Arc<Mutex<Option<Arc<Shared>>>>);
        impl Drop for Prying {
            fn drop(&mut self) {
                if let Some(shared) = self.0.lock().expect("whole").clone() {
                    assert!(shared.0.try_lock().is_ok(), "dropped under the lock");
                }
            }
        }
        impl fmt::Display for Prying {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("it pries")
            }
        }
        impl fmt::Debug for Prying {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("Prying")
            }
        }
        impl std::error::Error for Prying {}
        impl Wake for Prying {
            fn wake(self: Arc<Self>) {}
        }

        let slot = Arc::new(Mutex::new(None));
        let waker = || Waker::from(Arc::new(Prying(slot.clone())));
        let failing = slot.clone();
        let source = move |_| std::future::ready(Err(Prying(failing.clone()).into()));
        let shared = Arc::new(Shared::new(Box::new(source)));
        *slot.lock().expect("whole") = Some(shared.clone());
        for _ in 0..3 {
            let mut needed = needed(&shared);
            for _ in 0..3 {
                assert!(needed.poll_unpin(&mut Context::from_waker(&waker())).is_pending());
            }
            drop(needed);
            let Err(Failure::Credentials { error, .. }) = self::needed(&shared).await else { panic!("no failure") };
            assert!(UserError::find::<Prying>(&error).is_some());
        }
        shared.set(None);
        *slot.lock().expect("whole") = None;
    }

    #[tokio::test]
    async fn a_replaced_token_wakes_who_waits() {
        let (_never, answered) = oneshot::channel();
        let shared = shared(vec![answered]);
        let mut needed = needed(&shared);
        assert!(needed.poll_unpin(&mut Context::from_waker(&noop_waker())).is_pending());
        let waiting = tokio::spawn(needed);
        tokio::task::yield_now().await;
        shared.set(Some("mine".into()));
        assert_eq!(secret(waiting.await.ok()), "mine");
    }
}
