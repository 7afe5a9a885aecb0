//! What waits to be sent: filled by the handles, emptied by the driver in one go.

use super::tcp::Taken;
use crate::{
    ReadyState, SendError,
    backend::CloseRequest,
    waiters::{Line, Place, Wait, WaitList, register, wake},
};
use std::{
    collections::VecDeque,
    mem,
    ops::ControlFlow,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};
use tokio_tungstenite::tungstenite::Message;

#[derive(Default)]
pub(super) struct Outbox {
    state: Mutex<State>,
    /// Bytes of payload in the queue and in the driver's hands. Changes under the lock only, and
    /// is looked at without.
    buffered: AtomicU64,
    taken: Taken,
    /// The server has refused the connection, which is about to be told.
    refused: AtomicBool,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Message>,
    /// The close that was asked for, to be sent after the queue.
    close: Option<CloseRequest>,
    is_closing: bool,
    /// Nothing is accepted any more: a close was asked for, by either side, or the connection is lost or has ended.
    sealed: bool,
    /// Nobody takes anything any more, though the connection has not ended.
    lost: bool,
    /// Nothing can leave any more.
    ended: bool,
    /// Woken when there is something to do; `None` while the driver is awake.
    driver: Option<Waker>,
    /// Woken when no more than so much is buffered.
    drained: WaitList,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts in the frame that is made then; of what is refused none is made.
    pub(super) fn push(&self, length: u64, frame: impl FnOnce() -> Message) -> Result<(), SendError> {
        let driver = {
            let mut state = self.lock();
            if state.sealed {
                let state = if state.ended { ReadyState::Closed } else { ReadyState::Closing };
                return Err(SendError::NotOpen { state });
            }
            state.queue.push_back(frame());
            self.buffered.store(self.buffered() + length, Ordering::Relaxed);
            state.driver.take()
        };
        wake(driver);
        Ok(())
    }

    pub(super) fn close(&self, frame: CloseRequest) {
        let driver = {
            let mut state = self.lock();
            if state.is_closing || state.ended {
                return;
            }
            state.is_closing = true;
            state.sealed = true;
            state.close = Some(frame);
            state.driver.take()
        };
        wake(driver);
    }

    pub(super) fn buffered(&self) -> u64 {
        self.buffered.load(Ordering::Relaxed)
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    pub(super) fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }

    /// How many bytes the system has taken of the connection.
    pub(super) fn taken(&self) -> &Taken {
        &self.taken
    }

    pub(super) fn poll_buffered(self: &Arc<Self>, most: u64, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        if self.buffered() <= most {
            return wait.over();
        }
        wait.poll(self, |place| {
            let mut state = self.lock();
            match state.lost || state.ended || self.buffered() <= most {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(state.drained.wait(place, most, context)),
            }
        })
    }
}

impl Line for Outbox {
    fn leave(&self, place: &mut Place) -> Option<Waker> {
        self.lock().drained.leave(place)
    }
}

/// The driver's side.
impl Outbox {
    /// Takes what waits into an empty queue, and the close after it; where there is neither,
    /// registers the driver to be woken.
    pub(super) fn take(&self, queue: &mut VecDeque<Message>, context: &mut Context<'_>) -> Option<CloseRequest> {
        debug_assert!(queue.is_empty());
        let (close, _replaced) = {
            let mut state = self.lock();
            mem::swap(&mut state.queue, queue);
            (state.close.take(), register(&mut state.driver, context))
        };
        close
    }

    /// Ready when a close was asked for.
    pub(super) fn poll_close(&self, context: &mut Context<'_>) -> Poll<()> {
        let _replaced = {
            let mut state = self.lock();
            if state.close.is_some() {
                return Poll::Ready(());
            }
            register(&mut state.driver, context)
        };
        Poll::Pending
    }

    /// So many bytes were handed to the network.
    pub(super) fn handed_over(&self, length: u64) {
        let drained = {
            let mut state = self.lock();
            let buffered = self.buffered() - length;
            self.buffered.store(buffered, Ordering::Relaxed);
            state.drained.take_if(|most| buffered <= *most)
        };
        wake(drained);
    }

    /// The peer closes: nothing is accepted any more.
    pub(super) fn seal(&self) {
        self.lock().sealed = true;
    }

    /// The peer is gone: nothing is accepted any more, and nobody need wait for what was.
    pub(super) fn lose(&self) {
        let drained = {
            let mut state = self.lock();
            state.sealed = true;
            state.lost = true;
            state.drained.take_all()
        };
        wake(drained);
    }

    /// The connection has ended.
    pub(super) fn end(&self) {
        // what is dropped may be foreign, and call back
        let (drained, _unsent, _driver) = {
            let mut state = self.lock();
            state.sealed = true;
            state.ended = true;
            (state.drained.take_all(), mem::take(&mut state.queue), state.driver.take())
        };
        wake(drained);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::task::Wake;

    /// A payload or a waker that calls back when it is dropped, and notes whether the lock was free then.
    struct CallsBack {
        outbox: Arc<Outbox>,
        was_free: Arc<Mutex<Vec<bool>>>,
    }

    impl Drop for CallsBack {
        fn drop(&mut self) {
            let is_free = self.outbox.state.try_lock().is_ok();
            self.was_free.lock().expect("whole").push(is_free);
        }
    }

    impl AsRef<[u8]> for CallsBack {
        fn as_ref(&self) -> &[u8] {
            b"payload"
        }
    }

    impl Wake for CallsBack {
        fn wake(self: Arc<Self>) {}
    }

    #[derive(Default)]
    struct Case {
        outbox: Arc<Outbox>,
        was_free: Arc<Mutex<Vec<bool>>>,
    }

    impl Case {
        fn calls_back(&self) -> CallsBack {
            CallsBack { outbox: self.outbox.clone(), was_free: self.was_free.clone() }
        }

        fn waker(&self) -> Waker {
            Arc::new(self.calls_back()).into()
        }

        fn push(&self, payload: Bytes) {
            let length = payload.len() as u64;
            let pushed = self.outbox.push(length, || Message::Binary(payload));
            assert!(pushed.is_ok());
        }

        /// So many were dropped since, each where no lock was held.
        #[track_caller]
        fn assert_dropped(&self, count: usize) {
            let was_free = mem::take(&mut *self.was_free.lock().expect("whole"));
            assert_eq!(was_free, vec![true; count]);
        }
    }

    #[test]
    fn what_was_never_sent_is_dropped_under_no_lock() {
        let case = Case::default();
        case.push(Bytes::from_owner(case.calls_back()));
        case.outbox.end();
        case.assert_dropped(1);
    }

    #[test]
    fn wakers_are_dropped_under_no_lock() {
        let case = Case::default();
        let mut wait = Wait::default();
        case.push(Bytes::from_static(b"waits"));
        for _ in 0..3 {
            let waker = case.waker();
            assert!(case.outbox.poll_buffered(0, &mut wait, &mut Context::from_waker(&waker)).is_pending());
        }
        case.assert_dropped(2);
        drop(wait);
        case.assert_dropped(1);
        for _ in 0..2 {
            assert!(case.outbox.poll_close(&mut Context::from_waker(&case.waker())).is_pending());
            let mut queue = VecDeque::new();
            case.outbox.take(&mut queue, &mut Context::from_waker(&case.waker()));
        }
        case.assert_dropped(3);
        case.outbox.end();
        case.assert_dropped(1);
    }
}
