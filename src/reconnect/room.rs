//! Senders in line for room in the queue: first come, first served, each for the size that it asks for.

use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
};

/// The first in line is woken when there is room for its message, the others when it has left. Until
/// then room is kept for it, so that a large message does not starve behind small ones.
#[derive(Debug, Default)]
pub(crate) struct Room {
    line: VecDeque<Sender>,
    last_id: u64,
}

#[derive(Debug)]
struct Sender {
    id: u64,
    length: u64,
    /// `None` once it was woken.
    waker: Option<Waker>,
}

/// A sender's place; not in line at first.
#[derive(Debug, Default)]
pub(crate) struct Turn(u64);

impl Room {
    /// For how much the first in line is kept room.
    pub(crate) fn kept(&self) -> Option<u64> {
        self.line.front().map(|first| first.length)
    }

    /// Ready if it is this sender's turn and there is room; it keeps its place until it
    /// [leaves](Self::leave). A waker that was replaced is to be dropped where no lock is held.
    pub(crate) fn poll(
        &mut self,
        turn: &mut Turn,
        length: u64,
        has_room: bool,
        context: &Context<'_>,
    ) -> (Poll<()>, Option<Waker>) {
        let index = self.index(turn);
        let is_first = index.map_or(self.line.is_empty(), |index| index == 0);
        if is_first && has_room {
            return (Poll::Ready(()), None);
        }
        let waker = context.waker().clone();
        let replaced = match index.and_then(|index| self.line.get_mut(index)) {
            Some(sender) => {
                sender.length = length;
                sender.waker.replace(waker)
            }
            None => {
                self.last_id += 1;
                turn.0 = self.last_id;
                self.line.push_back(Sender { id: turn.0, length, waker: Some(waker) });
                None
            }
        };
        (Poll::Pending, replaced)
    }

    /// Leaves the line, if in it; the waker is to be dropped where no lock is held.
    pub(crate) fn leave(&mut self, turn: &mut Turn) -> Option<Waker> {
        let index = self.index(turn)?;
        *turn = Turn::default();
        let sender = self.line.remove(index)?;
        if self.line.capacity() > 4 * self.line.len() + 64 {
            self.line.shrink_to(2 * self.line.len());
        }
        sender.waker
    }

    /// The first in line, to be woken if there is room for its message; once until it looks.
    pub(crate) fn next(&mut self, has_room: impl FnOnce(u64) -> bool) -> Option<Waker> {
        let first = self.line.front_mut()?;
        if first.waker.is_some() && has_room(first.length) { first.waker.take() } else { None }
    }

    /// All, when there never will be room.
    pub(crate) fn take_all(&mut self) -> Vec<Waker> {
        std::mem::take(&mut self.line).into_iter().filter_map(|sender| sender.waker).collect()
    }

    fn index(&self, turn: &Turn) -> Option<usize> {
        self.line.binary_search_by_key(&turn.0, |sender| sender.id).ok()
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
        let mut turns: [Turn; 3] = Default::default();
        for (turn, length) in turns.iter_mut().zip([9, 1, 1]) {
            assert!(room.poll(turn, length, false, &context).0.is_pending());
        }
        assert_eq!(room.kept(), Some(9));
        assert!(room.next(|length| length <= 5).is_none(), "room for a small one is not given to another");
        assert!(room.next(|_| true).is_some() && room.next(|_| true).is_none(), "one place wakes one");
        let [first, second, third] = &mut turns;
        assert!(room.poll(second, 1, true, &context).0.is_pending(), "it is not its turn");
        assert!(room.leave(first).is_none(), "it was woken, and gives up");
        assert!(room.next(|_| true).is_some());
        assert!(room.poll(second, 1, true, &context).0.is_ready());
        drop(room.leave(second));
        drop(room.leave(third));
        assert!(room.kept().is_none() && room.leave(third).is_none());
    }

    #[test]
    fn those_that_have_gone_leave_nothing() {
        let waker = noop_waker();
        let context = Context::from_waker(&waker);
        let mut room = Room::default();
        let mut first = Turn::default();
        assert!(room.poll(&mut first, 1, false, &context).0.is_pending());
        for _ in 0..100_000 {
            let mut turn = Turn::default();
            assert!(room.poll(&mut turn, 1, false, &context).0.is_pending());
            drop(room.leave(&mut turn));
        }
        assert!(room.line.len() == 1 && room.line.capacity() < 128);
    }
}
