//! The messages that wait for a connection, in order and bounded.

use super::Moment;
use crate::{
    Message,
    reconnect::{Outgoing, SequenceNumber},
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

/// Holes, and room that is not used, up to this many are left alone.
const FEW: usize = 64;

/// What waits, and little else: what is taken out of the middle leaves a hole, and there are never
/// more holes than messages, but for a few.
#[derive(Debug)]
pub(crate) struct Queue {
    capacity: Capacity,
    /// By number; the first is no hole.
    entries: VecDeque<Entry>,
    /// The number of the next message.
    next: u64,
    waiting: usize,
    bytes: u64,
    /// The newest message of each key.
    keys: Keys,
    /// Those that were handed over or dropped meanwhile are passed over; no more of these than of
    /// the others, but for a few.
    expiries: BinaryHeap<Reverse<(Moment, u64)>>,
    /// How many of those that wait expire.
    expiring: usize,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    /// `None` is a hole.
    message: Option<Message>,
    key: Option<String>,
    expires: bool,
}

impl Queue {
    pub(crate) fn new(capacity: Capacity) -> Self {
        Self {
            capacity,
            entries: VecDeque::new(),
            next: 1,
            waiting: 0,
            bytes: 0,
            keys: Keys::default(),
            expiries: BinaryHeap::new(),
            expiring: 0,
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
        self.entries.front().map_or(self.next, |entry| entry.number) - 1
    }

    /// The number of the newest message that was given one.
    pub(crate) fn accepted_through(&self) -> u64 {
        self.next - 1
    }

    /// Whether there is room for one more. An empty queue takes a message of any size.
    pub(crate) fn has_room(&self, length: u64) -> bool {
        self.has_room_beside(length, None)
    }

    /// Whether there is room for one more beside one of a length that is kept room for.
    pub(crate) fn has_room_beside(&self, length: u64, kept: Option<u64>) -> bool {
        let (messages, bytes) =
            (self.waiting + usize::from(kept.is_some()), self.bytes.saturating_add(kept.unwrap_or(0)));
        messages == 0 || messages < self.capacity.messages && bytes.saturating_add(length) <= self.capacity.bytes
    }

    /// Whether there is room for one more, where that of its key that waits would be dropped for it.
    pub(crate) fn has_room_for(&self, key: Option<&str>, length: u64, kept: Option<u64>) -> bool {
        let older = key.and_then(|key| self.keys.get(key)).and_then(|number| self.entry(number));
        match older.and_then(|entry| entry.message.as_ref()) {
            None => self.has_room_beside(length, kept),
            Some(_) if self.waiting == 1 && kept.is_none() => true,
            Some(older) => {
                let bytes = (self.bytes - older.len()).saturating_add(length);
                // what takes no more room than before overtakes nobody
                let is_kept = length <= older.len() || bytes.saturating_add(kept.unwrap_or(0)) <= self.capacity.bytes;
                is_kept && self.waiting <= self.capacity.messages && bytes <= self.capacity.bytes
            }
        }
    }

    /// Adds a message, whatever the bound, and returns its number.
    pub(crate) fn push(&mut self, outgoing: Outgoing, expires_at: Option<Moment>) -> u64 {
        let number = self.number();
        self.waiting += 1;
        self.bytes += outgoing.message.len();
        if let Some(key) = &outgoing.key {
            self.keys.set(key, number);
        }
        if let Some(at) = expires_at {
            self.expiring += 1;
            self.expiries.push(Reverse((at, number)));
        }
        let Outgoing { message, key, .. } = outgoing;
        self.entries.push_back(Entry { number, message: Some(message), key, expires: expires_at.is_some() });
        number
    }

    /// Gives a number to a message that does not wait: it is handed over at once, or refused.
    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// Takes out the message of a key that waits, if there is one.
    pub(crate) fn supersede(&mut self, key: &str) -> Option<(u64, Message)> {
        let number = self.keys.get(key)?;
        self.take(number).map(|message| (number, message))
    }

    pub(crate) fn take_oldest(&mut self) -> Option<(u64, Message)> {
        let number = self.front()?.0;
        self.take(number).map(|message| (number, message))
    }

    /// Takes out what has expired.
    pub(crate) fn take_expired(&mut self, now: Moment) -> Vec<(u64, Message)> {
        let (mut expired, mut numbers) = (Vec::new(), BinaryHeap::new());
        while let Some(Reverse((at, number))) = self.expiries.peek().copied() {
            let waits = self.entry(number).is_some_and(|entry| entry.message.is_some());
            if waits && at > now {
                break;
            }
            self.expiries.pop();
            // sorted by what is there anyway, rather than by all the code of a sort
            numbers.push(Reverse((Moment::default(), number)));
        }
        while let Some(Reverse((_, number))) = numbers.pop() {
            expired.extend(self.take(number).map(|message| (number, message)));
        }
        expired
    }

    /// When the next one expires, or earlier.
    pub(crate) fn next_expiry(&self) -> Option<Moment> {
        self.expiries.peek().map(|Reverse((at, _))| *at)
    }

    /// The first that waits.
    pub(crate) fn front(&self) -> Option<(u64, &Message)> {
        let entry = self.entries.front()?;
        Some((entry.number, entry.message.as_ref()?))
    }

    /// Takes one out.
    pub(crate) fn take(&mut self, number: u64) -> Option<Message> {
        let index = self.position(number)?;
        let entry = self.entries.get_mut(index)?;
        let message = entry.message.take()?;
        let (key, expires) = (entry.key.take(), entry.expires);
        self.waiting -= 1;
        self.bytes -= message.len();
        self.expiring -= usize::from(expires);
        if let Some(key) = key
            && self.keys.get(&key) == Some(number)
        {
            self.keys.remove(&key);
        }
        self.tidy();
        Some(message)
    }

    /// Keeps memory in proportion to what waits.
    fn tidy(&mut self) {
        while self.entries.front().is_some_and(|entry| entry.message.is_none()) {
            self.entries.pop_front();
        }
        // made anew one by one, which costs a page less to download than `retain` and `shrink_to`
        if self.entries.len() > 2 * self.waiting + FEW || self.entries.capacity() > 8 * self.entries.len() + 16 * FEW {
            let mut old = std::mem::replace(&mut self.entries, VecDeque::with_capacity(self.waiting));
            while let Some(entry) = old.pop_front() {
                if entry.message.is_some() {
                    self.entries.push_back(entry);
                }
            }
        }
        if self.expiries.len() > 2 * self.expiring + FEW {
            for Reverse((at, number)) in std::mem::take(&mut self.expiries).into_vec() {
                if self.entry(number).is_some_and(|entry| entry.message.is_some()) {
                    self.expiries.push(Reverse((at, number)));
                }
            }
        }
    }

    /// Takes out all that wait, in order.
    pub(crate) fn take_all(&mut self) -> Vec<(SequenceNumber, Message)> {
        self.expiries = BinaryHeap::new();
        self.keys = Keys::default();
        (self.waiting, self.bytes, self.expiring) = (0, 0, 0);
        let mut taken = Vec::new();
        while let Some(Entry { number, message, .. }) = self.entries.pop_front() {
            taken.extend(message.map(|message| (SequenceNumber(number), message)));
        }
        self.entries = VecDeque::new();
        taken
    }

    /// The numbers of those that wait.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.entries.iter().filter(|entry| entry.message.is_some()).map(|entry| entry.number)
    }

    fn entry(&self, number: u64) -> Option<&Entry> {
        self.entries.get(self.position(number)?)
    }

    fn position(&self, number: u64) -> Option<usize> {
        // most are at the front, and few holes are before those that are not
        let guess = usize::try_from(number.checked_sub(self.entries.front()?.number)?).ok()?;
        match self.entries.get(guess) {
            Some(entry) if entry.number == number => Some(guess),
            _ => self.entries.binary_search_by_key(&number, |entry| entry.number).ok(),
        }
    }

    /// Bytes of memory that are held beside the payloads.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn overhead(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
            + self.expiries.capacity() * size_of::<(Moment, u64)>()
            + self.keys.0.capacity() * size_of::<(String, u64)>()
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
        if self.0.capacity() > 4 * self.0.len() + 16 * FEW {
            self.0.shrink_to(2 * self.0.len());
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
        assert_eq!(queue.take_oldest(), Some((1, "12345".into())));
        assert!(queue.has_room(10));
    }

    #[test]
    fn the_latest_of_a_key_has_the_room_of_the_one_before() {
        let mut queue = queue();
        queue.push(Outgoing::new("12345").latest("k"), None);
        let in_place_of = |queue: &Queue, key: &str, length| queue.has_room_for(Some(key), length, None);
        assert!(in_place_of(&queue, "k", 1_000), "alone it may have any size");
        queue.push("123".into(), None);
        queue.push("".into(), None);
        assert!(!queue.has_room(0));
        assert!(in_place_of(&queue, "k", 7) && !in_place_of(&queue, "k", 8));
        assert!(!queue.has_room(0) && !in_place_of(&queue, "other", 0));
    }

    #[test]
    fn of_a_key_only_the_latest_waits() {
        let mut queue = queue();
        queue.push(Outgoing::new("a").latest("k"), None);
        queue.push("b".into(), None);
        assert_eq!(queue.supersede("k"), Some((1, "a".into())));
        queue.push(Outgoing::new("c").latest("k"), None);
        let waiting: Vec<_> = queue.take_all();
        assert_eq!(waiting, [(SequenceNumber(2), "b".into()), (SequenceNumber(3), "c".into())]);
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
        assert!(queue.take_expired(at(2)).is_empty());
        assert_eq!(queue.take_expired(at(3)), [(2, "b".into())]);
        assert_eq!(queue.take(1), Some("a".into()));
        assert!(queue.take_expired(at(20)).is_empty(), "it was handed over before");
        assert_eq!(queue.next_expiry(), None);
        assert_eq!(queue.front(), Some((3, &"c".into())));
    }

    /// Bytes beside the payloads, however many come and go.
    const LITTLE: usize = 256 * 1024;

    #[test]
    fn what_was_refused_leaves_nothing() {
        let mut queue = queue();
        queue.push("a".into(), None);
        for _ in 0..1_000_000 {
            queue.number();
        }
        assert!(queue.overhead() < LITTLE, "{}", queue.overhead());
        assert_eq!((queue.left_through(), queue.accepted_through()), (0, 1_000_001));
        assert_eq!(queue.push("b".into(), None), 1_000_002);
        assert_eq!(queue.take_all(), [(SequenceNumber(1), "a".into()), (SequenceNumber(1_000_002), "b".into())]);
    }

    #[test]
    fn what_is_superseded_or_expires_behind_another_leaves_nothing() {
        let mut queue = Queue::new(Capacity { messages: 10, bytes: 1_000 });
        queue.push("first".into(), None);
        for second in 0..200_000 {
            queue.supersede("k");
            queue.push(Outgoing::new("latest").latest("k"), Some(at(1_000_000 + second)));
            queue.push("expires".into(), Some(at(second)));
            assert_eq!(queue.take_expired(at(second)).len(), 1);
        }
        assert!(queue.overhead() < LITTLE, "{}", queue.overhead());
        assert_eq!((queue.len(), queue.left_through()), (2, 0));
    }

    #[test]
    fn a_crowd_that_has_gone_leaves_nothing() {
        let mut queue = Queue::new(Capacity { messages: 20_000, bytes: 1_000_000 });
        for number in 0..20_000 {
            queue.push(Outgoing::new("m").latest(number.to_string()), Some(at(number)));
        }
        while queue.take_oldest().is_some() {}
        assert!(queue.overhead() < LITTLE, "{}", queue.overhead());
    }

    #[test]
    fn room_is_kept_for_one_that_waits() {
        let mut queue = queue();
        queue.push("12345".into(), None);
        assert!(queue.has_room_beside(2, Some(3)) && !queue.has_room_beside(3, Some(3)));
        queue.push("".into(), None);
        assert!(queue.has_room(0) && !queue.has_room_beside(0, Some(0)));
        assert!(queue.has_room_for(Some("k"), 0, None));
        // one that takes the place of a smaller one must not overtake it either
        let mut queue = Queue::new(Capacity { messages: 3, bytes: 29 });
        queue.push(Outgoing::new("8").latest("k"), None);
        queue.push("9".into(), None);
        assert!(queue.has_room_for(Some("k"), 1, Some(27)) && !queue.has_room_for(Some("k"), 2, Some(27)));
        assert!(queue.has_room_for(Some("k"), 2, None));
    }
}
