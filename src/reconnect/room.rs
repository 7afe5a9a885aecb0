//! Senders in line for room in the queue: first come, first served, each for the size that it asks for.

use crate::waiters::{Place, WaitList};
use std::task::{Context, Poll, Waker};

/// The first in line is woken when there is room for its message, the others when it has left. Until
/// then room is kept for it, so that a large message does not starve behind small ones.
#[derive(Default)]
pub(crate) struct Room(WaitList);

impl Room {
    /// For how much the first in line is kept room.
    pub(crate) fn kept(&self) -> Option<u64> {
        self.0.first().copied()
    }

    /// Ready if it is this sender's turn and there is room; it keeps its place until it
    /// [leaves](Self::leave). A waker that was replaced is to be dropped where no lock is held.
    pub(crate) fn poll(
        &mut self,
        place: &mut Place,
        length: u64,
        has_room: bool,
        context: &Context<'_>,
    ) -> (Poll<()>, Option<Waker>) {
        if has_room && self.0.is_first(place) {
            return (Poll::Ready(()), None);
        }
        (Poll::Pending, self.0.wait(place, length, context))
    }

    /// Leaves the line, if in it; the waker is to be dropped where no lock is held.
    pub(crate) fn leave(&mut self, place: &mut Place) -> Option<Waker> {
        self.0.leave(place)
    }

    /// The first in line, to be woken if there is room for its message; once until it looks.
    pub(crate) fn next(&mut self, has_room: impl FnOnce(u64) -> bool) -> Option<Waker> {
        if has_room(self.kept()?) { self.0.call_first() } else { None }
    }

    /// All, when there never will be room.
    pub(crate) fn take_all(&mut self) -> Vec<Waker> {
        self.0.take_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::task::noop_waker;

    #[test]
    fn one_at_a_time_in_order_and_whoever_gives_up_keeps_nobody() {
        let waker = noop_waker();
        let context = Context::from_waker(&waker);
        let mut room = Room::default();
        let mut places: [Place; 3] = Default::default();
        for (place, length) in places.iter_mut().zip([9, 1, 1]) {
            assert!(room.poll(place, length, false, &context).0.is_pending());
        }
        assert_eq!(room.kept(), Some(9));
        assert!(room.next(|length| length <= 5).is_none(), "room for a small one is not given to another");
        assert!(room.next(|_| true).is_some() && room.next(|_| true).is_none(), "one place wakes one");
        let [first, second, third] = &mut places;
        assert!(room.poll(second, 1, true, &context).0.is_pending(), "it is not its turn");
        assert!(room.leave(first).is_none(), "it was woken, and gives up");
        assert!(room.next(|_| true).is_some());
        assert!(room.poll(second, 1, true, &context).0.is_ready());
        drop(room.leave(second));
        drop(room.leave(third));
        assert!(room.kept().is_none() && room.leave(third).is_none());
    }
}
