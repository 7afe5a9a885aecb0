//! What the layer has read and the application has not.

use crate::frame::TEXT;
use std::collections::VecDeque;
use tokio::sync::watch;

/// How many bytes wait before the layer reads no further; the last message may exceed it.
const LIMIT: usize = 64 << 20;
/// What a message takes beside its payload, about.
const OVERHEAD: usize = 64;

#[derive(Debug)]
pub(super) struct Queue {
    messages: VecDeque<Message>,
    bytes: usize,
    /// Those that wait in all queues of an application, without heartbeats.
    waiting: watch::Sender<usize>,
}

#[derive(Debug, PartialEq)]
pub(super) struct Message {
    pub(super) opcode: u8,
    /// A copy: a part of what was read would keep the whole of it.
    pub(super) payload: Box<[u8]>,
}

impl Message {
    pub(super) fn is_heartbeat(&self) -> bool {
        self.opcode == TEXT && *self.payload == *b"ping"
    }

    fn bytes(&self) -> usize {
        OVERHEAD + self.payload.len()
    }
}

impl Queue {
    pub(super) fn new(waiting: watch::Sender<usize>) -> Self {
        Self { messages: VecDeque::new(), bytes: 0, waiting }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes >= LIMIT
    }

    pub(super) fn push(&mut self, opcode: u8, payload: &[u8]) {
        let message = Message { opcode, payload: payload.into() };
        self.bytes += message.bytes();
        if !message.is_heartbeat() {
            self.waiting.send_modify(|number| *number += 1);
        }
        self.messages.push_back(message);
    }

    pub(super) fn front(&self) -> Option<&Message> {
        self.messages.front()
    }

    pub(super) fn pop(&mut self) -> Option<Message> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.bytes();
        if !message.is_heartbeat() {
            self.waiting.send_modify(|number| *number -= 1);
        }
        Some(message)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        while self.pop().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::BINARY;

    #[test]
    fn it_is_full_by_payloads_and_by_messages() {
        let mut queue = Queue::new(watch::Sender::default());
        queue.push(BINARY, &vec![0; LIMIT - 2 * OVERHEAD]);
        assert!(!queue.is_full());
        queue.push(TEXT, b"");
        assert!(queue.is_full());
        assert_eq!(queue.pop().map(|message| message.opcode), Some(BINARY));
        assert!(!queue.is_full());
        assert_eq!(queue.pop().map(|message| message.opcode), Some(TEXT));
        assert_eq!(queue.bytes, 0);
    }

    #[test]
    fn what_waits_is_counted_but_for_heartbeats() {
        let waiting = watch::Sender::default();
        let (mut one, mut two) = (Queue::new(waiting.clone()), Queue::new(waiting.clone()));
        one.push(TEXT, b"ping");
        one.push(BINARY, b"ping");
        two.push(TEXT, b"pings");
        assert_eq!(*waiting.borrow(), 2);
        assert!(one.pop().is_some_and(|message| message.is_heartbeat()));
        assert_eq!(*waiting.borrow(), 2);
        drop(one);
        assert_eq!(*waiting.borrow(), 1);
    }
}
