//! Time that a test moves.

use crate::{
    reconnect::machine::{Moment, Now},
    waiters::{Line, Place, Wait, WaitList, register, wake},
};
use std::{
    collections::BTreeMap,
    fmt,
    future::{Future, poll_fn},
    ops::ControlFlow,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

/// What the wall clock shows at the start: 2024-01-01 00:00:00 UTC.
const WALL_AT_START: Duration = Duration::from_secs(1_704_067_200);
/// How many turns other tasks get before the next alarm is looked for: enough for a few to pass
/// on to each other what happened.
const TURNS: usize = 16;

/// A clock that stands still until a test moves it. Cheap to clone; clones are the same clock.
///
/// Give it to [`reconnect::Builder::clock`](crate::reconnect::Builder::clock) and
/// [`Network::with_clock`](super::Network::with_clock), and all deadlines of the socket and its
/// connections go by it. It has a monotonic clock and a wall clock, which begins with the year
/// 2024 (UTC), so that runs are the same.
///
/// # How to move it
///
/// A reconnecting socket is driven by a task, which acts when it gets its turn. So a test waits
/// for what tells that the socket has come where time matters, such as a
/// [state](crate::reconnect::State), then moves the clock, then awaits what follows from it. A
/// deadline runs from when the task begins what it limits: before you advance past one, wait until
/// the provider or token source was asked, the network has
/// [accepted](super::Network::accept) the connection, or the session handshake was called.
///
/// - [`advance`](Self::advance) goes over all deadlines within the time at once, and the socket
///   sees only where the clock stands at the end. It has the same result whatever thread the
///   socket is driven on.
/// - [`advance_to_alarm`](Self::advance_to_alarm) goes exactly as far as the next alarm. It lets
///   other tasks run before it looks for that, which suffices in browsers and in tokio's runtimes
///   of one thread, `#[tokio::test]` among them. Where several threads run, the socket may just be
///   about to set an earlier alarm: use `advance` there.
///
/// A reconnecting socket that finds itself more than 5 s behind a deadline takes it that the
/// computer slept, and then asks a silent peer once more rather than giving it up. So do not
/// advance much further than the deadline that is tested. An alarm need not change anything that
/// can be seen: the socket also looks at its clocks every 10 s
/// ([`clock_check`](crate::reconnect::Builder::clock_check)), and may wake for a deadline that was
/// put off meanwhile.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::test_kit::Clock;
/// use std::time::Duration;
///
/// let clock = Clock::new();
/// clock.advance(Duration::from_secs(3));
/// clock.sleep(Duration::from_secs(3600)); // the lid is closed
/// assert_eq!(clock.now(), Duration::from_secs(3));
/// # Ok(()) });
/// ```
#[derive(Clone, Default)]
pub struct Clock(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    now: Duration,
    /// How much the wall clock is ahead.
    slept: Duration,
    alarms: BTreeMap<Key, Ring>,
    set: u64,
    /// Those who wait for an alarm to be set.
    watchers: WaitList,
}

/// When it rings; the second number tells apart those of the same moment.
type Key = (Duration, u64);

/// What an alarm does.
enum Ring {
    Wake(Option<Waker>),
    Call(Box<dyn FnOnce() + Send>),
}

impl Ring {
    fn ring(self) {
        match self {
            Self::Wake(waker) => waker.into_iter().for_each(Waker::wake),
            Self::Call(function) => function(),
        }
    }
}

impl Clock {
    /// A clock at its start, with no alarm set.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time since the start by the monotonic clock, which stands still in
    /// [`sleep`](Self::sleep).
    pub fn now(&self) -> Duration {
        self.lock().now
    }

    /// Time passes, by both clocks. Alarms whose time has come ring, the earliest first.
    pub fn advance(&self, time: Duration) {
        let due = self.lock().advance(time);
        due.into_values().for_each(Ring::ring);
    }

    /// The computer sleeps: the wall clock alone goes on. Nothing rings, as nothing runs then;
    /// a socket notices when it next looks at its clocks.
    pub fn sleep(&self, time: Duration) {
        let mut state = self.lock();
        state.slept = state.slept.saturating_add(time);
    }

    /// Lets other tasks run, waits until an alarm is set, moves both clocks to exactly the
    /// earliest and rings it. Returns how far that was.
    ///
    /// # Cancel safety
    ///
    /// A future dropped before it is done has moved nothing.
    pub async fn advance_to_alarm(&self) -> Duration {
        for _ in 0..TURNS {
            let mut had_its_turn = false;
            poll_fn(|context| match std::mem::replace(&mut had_its_turn, true) {
                true => Poll::Ready(()),
                false => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
            })
            .await;
        }
        let mut wait = Wait::default();
        let (time, due) = poll_fn(|context| {
            wait.poll(&self.0, |place| {
                let mut state = self.lock();
                let Some((at, _)) = state.alarms.keys().next().copied() else {
                    return ControlFlow::Continue(state.watchers.wait(place, 0, context));
                };
                let time = at.saturating_sub(state.now);
                ControlFlow::Break((time, state.advance(time)))
            })
        })
        .await;
        due.into_values().for_each(Ring::ring);
        time
    }

    /// For a socket's driver.
    pub(crate) fn read(&self) -> Now {
        let state = self.lock();
        Now { at: Moment(state.now), wall: WALL_AT_START + state.now.saturating_add(state.slept) }
    }

    pub(crate) fn alarm(&self, at: Moment) -> Alarm {
        self.set(at.0, Ring::Wake(None))
    }

    /// Calls a function after a time, from whoever moves the clock, unless the alarm is dropped
    /// before.
    pub(crate) fn call_after(&self, time: Duration, function: impl FnOnce() + Send + 'static) -> Alarm {
        let at = self.now().saturating_add(time);
        self.set(at, Ring::Call(Box::new(function)))
    }

    fn set(&self, at: Duration, ring: Ring) -> Alarm {
        let (key, watchers) = {
            let mut state = self.lock();
            state.set += 1;
            let key = (at, state.set);
            state.alarms.insert(key, ring);
            (key, state.watchers.take_all())
        };
        wake(watchers);
        Alarm { clock: self.clone(), key }
    }
}

impl Line for Mutex<State> {
    fn leave(&self, place: &mut Place) -> Option<Waker> {
        self.lock().unwrap_or_else(PoisonError::into_inner).watchers.leave(place)
    }
}

impl State {
    /// Moves the clocks, and takes out the alarms that are to ring.
    fn advance(&mut self, time: Duration) -> BTreeMap<Key, Ring> {
        self.now = self.now.saturating_add(time);
        let later = self.alarms.split_off(&(self.now, u64::MAX));
        std::mem::replace(&mut self.alarms, later)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        formatter.debug_struct("Clock").field("now", &state.now).field("alarms", &state.alarms.len()).finish()
    }
}

/// Ends at a moment of a test's clock; dropping it frees it.
pub(crate) struct Alarm {
    clock: Clock,
    key: Key,
}

impl Future for Alarm {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let _replaced = {
            let mut state = self.clock.lock();
            if state.now >= self.key.0 {
                return Poll::Ready(());
            }
            match state.alarms.get_mut(&self.key) {
                Some(Ring::Wake(waker)) => register(waker, context),
                _ => None,
            }
        };
        Poll::Pending
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // what is dropped with it may be anything, and is not to be dropped under the lock
        let _ring = { self.clock.lock().alarms.remove(&self.key) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn alarms_ring_when_their_time_has_come_the_earliest_first() {
        let clock = Clock::new();
        let rung = Arc::new(Mutex::new(Vec::new()));
        let ring = |name: &'static str, after| {
            let rung = rung.clone();
            clock.call_after(after, move || rung.lock().expect("whole").push(name))
        };
        let _alarms = [ring("third", 3 * SECOND), ring("first", SECOND), ring("second", SECOND)];
        drop(ring("dropped", SECOND));
        let mut future = clock.alarm(Moment(2 * SECOND));
        clock.advance(SECOND);
        assert_eq!(*rung.lock().expect("whole"), ["first", "second"]);
        assert!((&mut future).now_or_never().is_none());
        clock.advance(5 * SECOND);
        assert_eq!(*rung.lock().expect("whole"), ["first", "second", "third"]);
        assert!(future.now_or_never().is_some());
        assert_eq!(clock.lock().alarms.len(), 0);
    }

    #[test]
    fn in_sleep_the_wall_clock_alone_goes_on() {
        let clock = Clock::new();
        let before = clock.read();
        clock.advance(SECOND);
        clock.sleep(9 * SECOND);
        let after = clock.read();
        assert_eq!((after.at.since(before.at), after.wall - before.wall), (SECOND, 10 * SECOND));
        assert_eq!(clock.now(), SECOND);
    }
}
