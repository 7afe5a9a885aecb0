//! Messages that every connection begins with, such as subscriptions.

use crate::Message;
use std::collections::VecDeque;

/// Keeps them. Behind `dyn`, so that only programs that have such messages have the code of it.
pub(super) trait Repeat: Send {
    /// Remembers a message in place of the one with the same key, which is given back.
    fn set(&mut self, key: &str, message: Message) -> Option<Message>;
    /// Forgets a message, also where it waits to be sent, and gives it back.
    fn remove(&mut self, key: &str) -> Option<Message>;
    /// Has the message of a key sent on the open connection, after what is queued now; one of that key
    /// that is still to be sent is not sent, and given back.
    fn send_after(&mut self, number: u64, key: &str) -> Option<Message>;
    /// A new connection begins with all of them.
    fn replay(&mut self);
    /// The connection is gone: the next one begins with all of them anyway.
    fn forget_pending(&mut self);
    fn has_pending(&self) -> bool;
    /// The next to send, once the queue has let go of all up to this number.
    fn front(&self, left_through: u64) -> Option<&Message>;
    fn pop(&mut self);
    /// All of them, when nothing more is sent.
    fn take_all(&mut self) -> Vec<Message>;
    /// How many messages it holds.
    #[cfg(any(test, fuzzing))]
    fn held(&self) -> (usize, usize);
}

#[derive(Debug, Default)]
pub(super) struct Sticky {
    /// In the order in which their keys were first set.
    items: Vec<Item>,
    /// To be sent on the connection that is open, at most one of each key.
    pending: VecDeque<Pending>,
    /// Counts what was to be sent.
    turns: u64,
}

#[derive(Debug)]
struct Item {
    key: String,
    message: Message,
    /// When it is to be sent, if it is.
    turn: Option<u64>,
}

#[derive(Debug)]
struct Pending {
    turn: u64,
    /// Once the queue has let go of all up to this number.
    after: u64,
    message: Message,
}

impl Sticky {
    fn withdraw(&mut self, turn: Option<u64>) -> Option<Message> {
        let index = self.pending.binary_search_by_key(&turn?, |pending| pending.turn).ok()?;
        self.pending.remove(index).map(|pending| pending.message)
    }
}

impl Repeat for Sticky {
    fn set(&mut self, key: &str, message: Message) -> Option<Message> {
        match self.items.iter_mut().find(|item| item.key == key) {
            Some(item) => Some(std::mem::replace(&mut item.message, message)),
            None => {
                self.items.push(Item { key: key.to_owned(), message, turn: None });
                None
            }
        }
    }

    fn remove(&mut self, key: &str) -> Option<Message> {
        let index = self.items.iter().position(|item| item.key == key)?;
        let item = self.items.remove(index);
        self.withdraw(item.turn);
        Some(item.message)
    }

    fn send_after(&mut self, number: u64, key: &str) -> Option<Message> {
        let turn = self.turns;
        let item = self.items.iter_mut().find(|item| item.key == key)?;
        let (before, message) = (item.turn.replace(turn), item.message.clone());
        self.turns += 1;
        self.pending.push_back(Pending { turn, after: number, message });
        self.withdraw(before)
    }

    fn replay(&mut self) {
        self.pending = VecDeque::new();
        for item in &mut self.items {
            item.turn = Some(self.turns);
            self.pending.push_back(Pending { turn: self.turns, after: 0, message: item.message.clone() });
            self.turns += 1;
        }
    }

    fn forget_pending(&mut self) {
        // each is kept by its key too, so that nothing is dropped for good here
        self.pending = VecDeque::new();
    }

    fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    fn front(&self, left_through: u64) -> Option<&Message> {
        self.pending.front().filter(|pending| pending.after <= left_through).map(|pending| &pending.message)
    }

    fn pop(&mut self) {
        self.pending.pop_front();
    }

    fn take_all(&mut self) -> Vec<Message> {
        self.pending = VecDeque::new();
        std::mem::take(&mut self.items).into_iter().map(|item| item.message).collect()
    }

    #[cfg(any(test, fuzzing))]
    fn held(&self) -> (usize, usize) {
        (self.items.len(), self.pending.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_keep_their_order_and_their_place_behind_the_queue() {
        let mut sticky = Sticky::default();
        sticky.set("a", "1".into());
        sticky.set("b", "2".into());
        sticky.set("a", "3".into());
        sticky.replay();
        assert_eq!(sticky.front(0), Some(&"3".into()));
        sticky.pop();
        assert_eq!(sticky.front(0), Some(&"2".into()));
        sticky.pop();
        sticky.set("c", "4".into());
        sticky.send_after(7, "c");
        assert_eq!(sticky.front(6), None);
        assert_eq!(sticky.front(7), Some(&"4".into()));
        assert_eq!(sticky.remove("c"), Some("4".into()));
        assert!(!sticky.has_pending() && sticky.remove("c").is_none());
    }

    #[test]
    fn of_a_key_one_value_is_pending_at_its_latest_place() {
        let mut sticky = Sticky::default();
        for number in 0..100_000_u64 {
            sticky.set("a", number.to_string().into());
            sticky.send_after(number, "a");
            if number % 2 == 0 {
                sticky.set("b", number.to_string().into());
                sticky.send_after(number, "b");
            }
        }
        assert_eq!(sticky.held(), (2, 2));
        assert_eq!(sticky.front(99_997), None);
        assert_eq!(sticky.front(99_999), Some(&"99998".into()));
        sticky.pop();
        assert_eq!(sticky.front(99_998), None);
        assert_eq!(sticky.front(99_999), Some(&"99999".into()));
    }
}
