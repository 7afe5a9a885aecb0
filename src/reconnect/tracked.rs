//! Messages whose fate is awaited.

use super::{DropReason, Event, Outcome, Progress, SequenceNumber, Sequences, core::Accepted};
use std::{
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// A message that was accepted, and what becomes of it: a future of its [`Outcome`].
///
/// It is [`Delivered`](Outcome::Delivered) once the peer's application is known to have it: by its
/// answer to a [heartbeat message](super::Heartbeat::message), or by
/// [`confirm_through`](super::Handle::confirm_through). Without either its fate is settled when the
/// connection that took it has ended: it is [`Reached`](Outcome::Reached) if a ping was answered after
/// it, and [`Unknown`](Outcome::Unknown) else. [`reached`](Self::reached) tells of the answered ping at
/// once.
///
/// # Cancel safety
///
/// Dropping it changes nothing for the message.
#[must_use = "it does nothing unless awaited; `send` sends without it"]
pub struct Tracked {
    number: SequenceNumber,
    cell: Arc<Cell>,
}

impl Tracked {
    /// The message's number.
    pub fn sequence_number(&self) -> SequenceNumber {
        self.number
    }

    /// Waits until it was handed to a connection, and tells whether it was: `false` if it was
    /// dropped before.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn handed_over(&mut self) -> bool {
        self.wait(Fate::is_handed_over).await
    }

    /// Waits until the peer's WebSocket layer is known to have it, and tells whether it has: `false` if
    /// the connection ended before that was known, or if it was not sent. Whether the application has
    /// read it is another matter, which the [`Outcome`] tells.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn reached(&mut self) -> bool {
        self.wait(Fate::is_reached).await
    }

    async fn wait<T>(&mut self, look: fn(&Fate) -> Option<T>) -> T {
        let place = Leaves(&self.cell);
        poll_fn(|context| place.0.poll(context, look)).await
    }
}

/// Whoever waited is not to be kept alive for as long as the message is followed.
struct Leaves<'a>(&'a Cell);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl Future for Tracked {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        self.cell.poll(context, |fate| fate.outcome)
    }
}

/// Nobody awaits it any more: whoever did is not to be kept alive.
impl Drop for Tracked {
    fn drop(&mut self) {
        self.cell.leave();
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Tracked").field(&self.number).finish()
    }
}

/// What is known of a message, for the one who awaits it.
#[derive(Debug, Default)]
struct Cell(Mutex<Fate>);

#[derive(Debug, Default)]
struct Fate {
    handed_over: bool,
    reached: bool,
    outcome: Option<Outcome>,
    waiter: Option<Waker>,
}

impl Fate {
    fn is_handed_over(&self) -> Option<bool> {
        match &self.outcome {
            Some(outcome) => Some(!matches!(outcome, Outcome::NotSent(_))),
            None => self.handed_over.then_some(true),
        }
    }

    fn is_reached(&self) -> Option<bool> {
        match &self.outcome {
            Some(outcome) => Some(matches!(outcome, Outcome::Delivered | Outcome::Reached)),
            None => self.reached.then_some(true),
        }
    }
}

impl Cell {
    fn lock(&self) -> MutexGuard<'_, Fate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nobody waits any more.
    fn leave(&self) {
        let _waker = { self.lock().waiter.take() };
    }

    fn settle(&self, outcome: Outcome) -> Option<Waker> {
        let mut fate = self.lock();
        fate.outcome = Some(outcome);
        fate.waiter.take()
    }

    fn hand_over(&self) -> Option<Waker> {
        let mut fate = self.lock();
        if std::mem::replace(&mut fate.handed_over, true) { None } else { fate.waiter.take() }
    }

    fn reach(&self) -> Option<Waker> {
        let mut fate = self.lock();
        if std::mem::replace(&mut fate.reached, true) { None } else { fate.waiter.take() }
    }

    fn poll<T>(&self, context: &mut Context<'_>, look: impl FnOnce(&Fate) -> Option<T>) -> Poll<T> {
        let (known, _replaced) = {
            let mut fate = self.lock();
            let known = look(&fate);
            let replaced = if known.is_none() { fate.waiter.replace(context.waker().clone()) } else { None };
            (known, replaced)
        };
        known.map_or(Poll::Pending, Poll::Ready)
    }
}

/// Fewer that nobody awaits any more are not looked for.
const FEW: usize = 64;

/// All messages whose fate is awaited, by number: they come in order and most leave at the front.
#[derive(Debug, Default)]
struct Tracking {
    cells: VecDeque<(u64, Arc<Cell>)>,
    /// All up to this number were told that they are handed over.
    handed_over: u64,
    /// All up to this number were told that they have reached the peer.
    reached: u64,
    /// Of how many on those that nobody awaits are looked for again.
    crowd: usize,
    /// Who is to be woken.
    woken: Vec<Waker>,
}

impl Tracking {
    fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Follows a message that was accepted.
    fn follow(&mut self, accepted: Accepted) -> Tracked {
        let tracked = self.track(accepted.number);
        tracked.cell.lock().handed_over = accepted.is_handed_over;
        tracked
    }

    fn track(&mut self, number: SequenceNumber) -> Tracked {
        if self.cells.len() >= self.crowd.max(FEW) {
            // without a heartbeat the fate of a message may be open for as long as its connection
            self.cells.retain(|(_, cell)| Arc::strong_count(cell) > 1);
            self.crowd = 2 * self.cells.len();
        }
        let cell = Arc::new(Cell::default());
        self.cells.push_back((number.0, cell.clone()));
        Tracked { number, cell }
    }

    /// What became of these messages is known.
    fn settle(&mut self, numbers: &Sequences, outcome: &Outcome) {
        for range in numbers.ranges() {
            let settled = self.position(range.start().0)..self.position(range.end().0 + 1);
            self.woken.extend(self.cells.drain(settled).filter_map(|(_, cell)| cell.settle(*outcome)));
        }
    }

    /// Messages have come so far; those of another fate have been settled before.
    fn advance(&mut self, progress: &Progress) {
        let [delivered, reached, handed_over] = [progress.delivered, progress.reached, progress.handed_over]
            .map(|number| number.map_or(0, SequenceNumber::get));
        // those of former connections have been settled
        let settled = ..self.position(delivered + 1);
        self.woken.extend(self.cells.drain(settled).filter_map(|(_, cell)| cell.settle(Outcome::Delivered)));
        if handed_over > self.handed_over {
            let news = self.position(self.handed_over + 1)..self.position(handed_over + 1);
            self.woken.extend(self.cells.range(news).filter_map(|(_, cell)| cell.hand_over()));
            self.handed_over = handed_over;
        }
        if reached > self.reached {
            let news = self.position(self.reached + 1)..self.position(reached + 1);
            self.woken.extend(self.cells.range(news).filter_map(|(_, cell)| cell.reach()));
            self.reached = reached;
        }
    }

    /// Where the first is whose number is not below this one.
    fn position(&self, number: u64) -> usize {
        self.cells.partition_point(|(other, _)| *other < number)
    }

    /// Who is to be woken, after the lock is released.
    fn take_woken(&mut self) -> Vec<Waker> {
        std::mem::take(&mut self.woken)
    }
}

/// Tells those who follow messages what becomes of them. Behind `dyn`, so that only programs in which
/// somebody follows any have its code.
pub(crate) trait Follow: Send {
    fn follow(&mut self, accepted: Accepted) -> Tracked;
    /// The same for a request, which is delivered once it is answered.
    fn follow_request(&mut self, accepted: Accepted) -> Tracked;
    fn is_empty(&self) -> bool;
    /// What an event tells.
    fn settle(&mut self, event: &Event);
    /// What is left below the marks; after what events tell. Gives back who is to be woken, after the lock is
    /// released.
    fn advance(&mut self, progress: &Progress) -> Vec<Waker>;
}

#[derive(Debug, Default)]
pub(crate) struct Followers {
    messages: Tracking,
    requests: Tracking,
}

impl Followers {
    fn settle_both(&mut self, numbers: &Sequences, outcome: Outcome) {
        for tracking in [&mut self.messages, &mut self.requests] {
            tracking.settle(numbers, &outcome);
        }
    }
}

impl Follow for Followers {
    fn follow(&mut self, accepted: Accepted) -> Tracked {
        self.messages.follow(accepted)
    }

    fn follow_request(&mut self, accepted: Accepted) -> Tracked {
        self.requests.follow(accepted)
    }

    fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.requests.is_empty()
    }

    fn settle(&mut self, event: &Event) {
        let (handed_over, unknown, reached) = match event {
            Event::Dropped(dropped) => {
                return self.settle_both(&dropped.messages, Outcome::NotSent(dropped.reason));
            }
            Event::Interrupted(lost) => (&lost.handed_over, &lost.unknown, &lost.reached),
            Event::Ended(ended) => {
                let unsent = ended.unsent.iter().map(|(number, _)| number.0).collect();
                self.settle_both(&unsent, Outcome::NotSent(DropReason::Ended));
                (&ended.handed_over, &ended.unknown, &ended.reached)
            }
            _ => return,
        };
        self.settle_both(reached, Outcome::Reached);
        self.settle_both(unknown, Outcome::Unknown);
        self.settle_both(handed_over, Outcome::Delivered);
    }

    fn advance(&mut self, progress: &Progress) -> Vec<Waker> {
        self.messages.advance(progress);
        // an answer may still come for what was delivered
        self.requests.advance(&Progress { delivered: None, ..*progress });
        let mut woken = self.messages.take_woken();
        woken.append(&mut self.requests.take_woken());
        woken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(handed_over: u64, reached: u64, delivered: u64) -> Progress {
        let [handed_over, reached, delivered] =
            [handed_over, reached, delivered].map(|number| (number > 0).then_some(SequenceNumber(number)));
        Progress { handed_over, reached, delivered, queued: 0, queued_bytes: 0 }
    }

    fn outcome(tracked: &Tracked) -> Option<Outcome> {
        tracked.cell.lock().outcome
    }

    #[test]
    fn a_wait_that_is_given_up_keeps_no_task_alive() {
        struct Task;
        impl std::task::Wake for Task {
            fn wake(self: Arc<Self>) {}
        }
        let task = Arc::new(Task);
        let waker = Waker::from(task.clone());
        let mut tracking = Tracking::default();
        for number in 1..=1_000 {
            let mut tracked = tracking.track(SequenceNumber(number));
            assert!(Pin::new(&mut tracked).poll(&mut Context::from_waker(&waker)).is_pending());
        }
        drop(waker);
        assert_eq!(Arc::strong_count(&task), 1);
    }

    #[test]
    fn each_is_told_its_own_fate() {
        let mut tracking = Tracking::default();
        let tracked: Vec<Tracked> = (1..=5).map(|number| tracking.track(SequenceNumber(number))).collect();
        tracking.settle(&[2].into_iter().collect(), &Outcome::NotSent(DropReason::Expired));
        tracking.advance(&progress(4, 3, 1));
        assert_eq!(outcome(&tracked[0]), Some(Outcome::Delivered));
        assert_eq!(outcome(&tracked[1]), Some(Outcome::NotSent(DropReason::Expired)));
        assert!(tracked[3].cell.lock().handed_over && !tracked[4].cell.lock().handed_over);
        assert!(tracked[2].cell.lock().reached && !tracked[3].cell.lock().reached);
        tracking.settle(&[3, 4].into_iter().collect(), &Outcome::Unknown);
        assert_eq!(outcome(&tracked[3]), Some(Outcome::Unknown));
        assert_eq!((outcome(&tracked[4]), tracking.cells.len()), (None, 1));
    }

    #[test]
    fn those_that_nobody_awaits_do_not_pile_up() {
        let mut tracking = Tracking::default();
        let awaited: Vec<Tracked> = (1..=100).map(|number| tracking.track(SequenceNumber(number))).collect();
        for number in 101..10_000 {
            drop(tracking.track(SequenceNumber(number)));
        }
        assert!(tracking.cells.len() <= 2 * awaited.len() + FEW, "{}", tracking.cells.len());
        tracking.settle(&(1..10_000).collect(), &Outcome::Unknown);
        assert!(awaited.iter().all(|tracked| outcome(tracked) == Some(Outcome::Unknown)) && tracking.is_empty());
    }
}
