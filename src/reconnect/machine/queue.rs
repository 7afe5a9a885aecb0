//! The messages that wait for a connection, in order and bounded.

use super::Moment;
use crate::{
    Message,
    reconnect::{Outgoing, Sequences},
};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

/// How much may wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Capacity {
    pub(crate) messages: usize,
    pub(crate) bytes: u64,
}

#[derive(Debug)]
pub(crate) struct Queue {
    capacity: Capacity,
    /// By number, without gaps; `None` is one that was dropped.
    entries: VecDeque<Option<Entry>>,
    /// The number of the first entry, or of the next message where there is none.
    first: u64,
    waiting: usize,
    bytes: u64,
    /// The newest message of each key.
    keys: Keys,
    /// Those that were handed over or dropped meanwhile are passed over.
    expiries: BinaryHeap<Reverse<(Moment, u64)>>,
}

#[derive(Debug)]
struct Entry {
    message: Message,
    key: Option<String>,
    expires: bool,
    volatile: bool,
}

impl Queue {
    pub(crate) fn new(capacity: Capacity) -> Self {
        Self {
            capacity,
            entries: VecDeque::new(),
            first: 1,
            waiting: 0,
            bytes: 0,
            keys: Keys::default(),
            expiries: BinaryHeap::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// All up to this number have been handed over or dropped.
    pub(crate) fn left_through(&self) -> u64 {
        self.first - 1
    }

    /// The number of the newest message ever accepted.
    pub(crate) fn accepted_through(&self) -> u64 {
        self.first + self.entries.len() as u64 - 1
    }

    /// Whether there is room for one more. An empty queue takes a message of any size.
    pub(crate) fn has_room(&self, length: u64) -> bool {
        self.waiting == 0
            || self.waiting < self.capacity.messages && self.bytes.saturating_add(length) <= self.capacity.bytes
    }

    /// Whether there is room for one more, where that of a key that waits would be dropped for it.
    pub(crate) fn has_room_in_place_of(&self, key: Option<&String>, length: u64) -> bool {
        let older = key.and_then(|key| self.keys.get(key)).and_then(|number| self.entry(number));
        match older {
            None => self.has_room(length),
            Some(_) if self.waiting == 1 => true,
            Some(older) => {
                let bytes = self.bytes - older.message.len();
                self.waiting <= self.capacity.messages && bytes.saturating_add(length) <= self.capacity.bytes
            }
        }
    }

    /// Adds a message, whatever the bound, and returns its number.
    pub(crate) fn push(&mut self, outgoing: Outgoing, expires_at: Option<Moment>) -> u64 {
        let number = self.accepted_through() + 1;
        self.waiting += 1;
        self.bytes += outgoing.message.len();
        if let Some(key) = &outgoing.key {
            self.keys.set(key, number);
        }
        if let Some(at) = expires_at {
            self.expiries.push(Reverse((at, number)));
        }
        let Outgoing { message, key, volatile, .. } = outgoing;
        self.entries.push_back(Some(Entry { message, key, expires: expires_at.is_some(), volatile }));
        number
    }

    /// Gives a number to a message that does not wait, as none does.
    pub(crate) fn skip(&mut self) -> u64 {
        debug_assert!(self.entries.is_empty());
        self.first += 1;
        self.first - 1
    }

    /// Drops the message of a key that waits, if there is one.
    pub(crate) fn supersede(&mut self, key: &str) -> Option<u64> {
        let number = self.keys.get(key)?;
        self.take(number).map(|_| number)
    }

    pub(crate) fn drop_oldest(&mut self) -> Option<u64> {
        let number = self.front()?.0;
        self.take(number);
        Some(number)
    }

    /// Drops what has expired.
    pub(crate) fn drop_expired(&mut self, now: Moment) -> Sequences {
        let mut expired = Vec::new();
        while let Some(Reverse((at, number))) = self.expiries.peek().copied() {
            let waits = self.entry(number).is_some_and(|entry| entry.expires);
            if waits && at > now {
                break;
            }
            self.expiries.pop();
            if waits && self.take(number).is_some() {
                expired.push(number);
            }
        }
        expired.into_iter().collect()
    }

    /// When the next one expires.
    pub(crate) fn next_expiry(&self) -> Option<Moment> {
        self.expiries.peek().map(|Reverse((at, _))| *at)
    }

    /// Drops what must not wait for another connection.
    pub(crate) fn drop_volatile(&mut self) -> Sequences {
        let is_volatile = |number: &u64| self.entry(*number).is_some_and(|entry| entry.volatile);
        let volatile: Vec<u64> = self.numbers().filter(is_volatile).collect();
        volatile.iter().for_each(|number| drop(self.take(*number)));
        volatile.into_iter().collect()
    }

    /// The first that waits.
    pub(crate) fn front(&self) -> Option<(u64, &Message)> {
        // what was dropped at the front has been cleared away
        let entry = self.entries.front()?.as_ref()?;
        Some((self.first, &entry.message))
    }

    /// Takes one out.
    pub(crate) fn take(&mut self, number: u64) -> Option<Message> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let entry = self.entries.get_mut(index)?.take()?;
        self.waiting -= 1;
        self.bytes -= entry.message.len();
        if let Some(key) = entry.key
            && self.keys.get(&key) == Some(number)
        {
            self.keys.remove(&key);
        }
        while matches!(self.entries.front(), Some(None)) {
            self.entries.pop_front();
            self.first += 1;
        }
        Some(entry.message)
    }

    /// Takes out all that wait, in order.
    pub(crate) fn take_all(&mut self) -> Vec<(u64, Message)> {
        let numbers: Vec<u64> = self.numbers().collect();
        self.expiries.clear();
        numbers.into_iter().filter_map(|number| Some((number, self.take(number)?))).collect()
    }

    /// The numbers of those that wait.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u64> {
        (self.first..).zip(&self.entries).filter(|(_, entry)| entry.is_some()).map(|(number, _)| number)
    }

    fn entry(&self, number: u64) -> Option<&Entry> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.entries.get(index)?.as_ref()
    }
}

/// The newest message of each key, sorted by key. To put a new key in between costs a move of those
/// after it, which for as many as a queue holds is less than a map costs, in time and in a wasm
/// module.
#[derive(Debug, Default)]
struct Keys(Vec<(String, u64)>);

impl Keys {
    fn position(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.as_str().cmp(key))
    }

    fn get(&self, key: &str) -> Option<u64> {
        self.position(key).ok().and_then(|index| self.0.get(index)).map(|(_, number)| *number)
    }

    fn set(&mut self, key: &str, number: u64) {
        let position = self.position(key);
        if let Err(index) = position {
            self.0.insert(index, (key.to_owned(), number));
        } else if let Some(newest) = position.ok().and_then(|index| self.0.get_mut(index)) {
            newest.1 = number;
        }
    }

    fn remove(&mut self, key: &str) {
        if let Ok(index) = self.position(key) {
            self.0.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn queue() -> Queue {
        Queue::new(Capacity { messages: 3, bytes: 10 })
    }

    fn at(seconds: u64) -> Moment {
        Moment(Duration::from_secs(seconds))
    }

    #[test]
    fn it_is_bounded_by_messages_and_by_bytes() {
        let mut queue = queue();
        assert!(queue.has_room(1_000), "an empty queue takes anything");
        queue.push("12345".into(), None);
        assert!(queue.has_room(5) && !queue.has_room(6));
        queue.push("".into(), None);
        queue.push("".into(), None);
        assert!(!queue.has_room(0));
        assert_eq!((queue.len(), queue.bytes()), (3, 5));
        assert_eq!(queue.drop_oldest(), Some(1));
        assert!(queue.has_room(10));
    }

    #[test]
    fn the_latest_of_a_key_has_the_room_of_the_one_before() {
        let mut queue = queue();
        queue.push(Outgoing::new("12345").latest("k"), None);
        let key = "k".to_owned();
        assert!(queue.has_room_in_place_of(Some(&key), 1_000), "alone it may have any size");
        queue.push("123".into(), None);
        queue.push("".into(), None);
        assert!(!queue.has_room(0));
        assert!(queue.has_room_in_place_of(Some(&key), 7) && !queue.has_room_in_place_of(Some(&key), 8));
        assert!(!queue.has_room_in_place_of(None, 0) && !queue.has_room_in_place_of(Some(&"other".to_owned()), 0));
    }

    #[test]
    fn of_a_key_only_the_latest_waits() {
        let mut queue = queue();
        queue.push(Outgoing::new("a").latest("k"), None);
        queue.push("b".into(), None);
        assert_eq!(queue.supersede("k"), Some(1));
        queue.push(Outgoing::new("c").latest("k"), None);
        let waiting: Vec<_> = queue.take_all();
        assert_eq!(waiting, [(2, "b".into()), (3, "c".into())]);
        assert_eq!(queue.supersede("k"), None);
        assert_eq!((queue.left_through(), queue.accepted_through()), (3, 3));
    }

    #[test]
    fn expired_ones_are_dropped_whatever_their_order() {
        let mut queue = queue();
        queue.push("a".into(), Some(at(9)));
        queue.push("b".into(), Some(at(3)));
        queue.push("c".into(), None);
        assert_eq!(queue.next_expiry(), Some(at(3)));
        assert!(queue.drop_expired(at(2)).is_empty());
        assert_eq!(queue.drop_expired(at(3)), [2].into_iter().collect());
        assert_eq!(queue.take(1), Some("a".into()));
        assert!(queue.drop_expired(at(20)).is_empty(), "it was handed over before");
        assert_eq!(queue.next_expiry(), None);
        assert_eq!(queue.front(), Some((3, &"c".into())));
    }

    #[test]
    fn volatile_ones_do_not_wait_for_another_connection() {
        let mut queue = queue();
        queue.push(Outgoing::new("a").volatile(), None);
        queue.push("b".into(), None);
        queue.push(Outgoing::new("c").volatile(), None);
        assert_eq!(queue.drop_volatile(), [1, 3].into_iter().collect());
        assert_eq!(queue.front(), Some((2, &"b".into())));
    }
}
