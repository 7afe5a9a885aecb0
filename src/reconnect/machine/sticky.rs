//! Messages that every connection begins with, such as subscriptions.

use crate::Message;
use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(crate) struct Sticky {
    /// In the order in which their keys were first set.
    items: Vec<(String, Message)>,
    /// To be sent on the connection that is open: after which number of the queue, and what.
    pending: VecDeque<(u64, String, Message)>,
}

impl Sticky {
    /// Remembers a message in place of the one with the same key.
    pub(crate) fn set(&mut self, key: &str, message: Message) {
        match self.items.iter_mut().find(|(candidate, _)| candidate == key) {
            Some((_, before)) => *before = message,
            None => self.items.push((key.to_owned(), message)),
        }
    }

    /// Forgets a message, also where it waits to be sent.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let before = self.items.len();
        self.items.retain(|(candidate, _)| candidate != key);
        self.pending.retain(|(_, candidate, _)| candidate != key);
        self.items.len() < before
    }

    /// Has the message of a key sent on the open connection, after what is queued now.
    pub(crate) fn send_after(&mut self, number: u64, key: &str) {
        if let Some((key, message)) = self.items.iter().find(|(candidate, _)| candidate == key) {
            self.pending.push_back((number, key.clone(), message.clone()));
        }
    }

    /// A new connection begins with all of them.
    pub(crate) fn replay(&mut self) {
        self.pending = self.items.iter().map(|(key, message)| (0, key.clone(), message.clone())).collect();
    }

    /// The connection is gone: the next one begins with all of them anyway.
    pub(crate) fn forget_pending(&mut self) {
        self.pending.clear();
    }

    pub(crate) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// The next to send, once the queue has let go of all up to this number.
    pub(crate) fn front(&self, left_through: u64) -> Option<&Message> {
        self.pending.front().filter(|(after, ..)| *after <= left_through).map(|(_, _, message)| message)
    }

    pub(crate) fn pop(&mut self) {
        self.pending.pop_front();
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
        assert!(sticky.remove("c") && !sticky.has_pending() && !sticky.remove("c"));
    }
}
