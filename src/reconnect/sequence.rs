//! Numbers of messages, and sets of them.

use std::{fmt, ops::RangeInclusive};

/// The place of a message among all that were accepted for sending, from 1 on.
///
/// Numbers only grow, across all connections of one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SequenceNumber(pub(crate) u64);

impl SequenceNumber {
    /// As a number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.0)
    }
}

/// How many ranges a set keeps: 16 KiB of memory.
const MOST_RANGES: usize = 1024;

/// A set of sequence numbers, kept as ranges: neighbours cost nothing.
///
/// It has at most 1,024 ranges, so that its memory is bounded whatever is reported. Where there would
/// be more, the two lowest become one, with the numbers between them: those are of messages that were
/// reported as dropped or as delivered before.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::reconnect::Sequences;
///
/// let none = Sequences::default();
/// assert!(none.is_empty());
/// assert_eq!(none.to_string(), "none");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sequences {
    /// In order, neither overlapping nor touching.
    ranges: Vec<(u64, u64)>,
}

impl Sequences {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.ranges.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Whether this one is among them.
    pub fn contains(&self, number: SequenceNumber) -> bool {
        let after = self.ranges.partition_point(|(first, _)| *first <= number.0);
        after.checked_sub(1).is_some_and(|index| number.0 <= self.ranges[index].1)
    }

    /// The runs of neighbours, in order.
    pub fn ranges(&self) -> impl Iterator<Item = RangeInclusive<SequenceNumber>> {
        self.ranges.iter().map(|(first, last)| SequenceNumber(*first)..=SequenceNumber(*last))
    }

    /// The lowest.
    pub fn first(&self) -> Option<SequenceNumber> {
        self.ranges.first().map(|(first, _)| SequenceNumber(*first))
    }

    /// The highest.
    pub fn last(&self) -> Option<SequenceNumber> {
        self.ranges.last().map(|(_, last)| SequenceNumber(*last))
    }

    /// Each one, in order.
    pub fn iter(&self) -> impl Iterator<Item = SequenceNumber> {
        self.ranges.iter().flat_map(|(first, last)| *first..=*last).map(SequenceNumber)
    }

    /// Adds one; cheap if it is the highest so far.
    #[inline]
    pub(crate) fn insert(&mut self, number: u64) {
        match self.ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => self.insert_apart(number),
        }
    }

    fn insert_apart(&mut self, number: u64) {
        self.insert_within(number, number);
        self.keep_bound();
    }

    fn keep_bound(&mut self) {
        while self.ranges.len() > MOST_RANGES {
            let (first, _) = self.ranges.remove(0);
            if let Some(lowest) = self.ranges.first_mut() {
                lowest.0 = first;
            }
        }
    }

    /// Adds a range, unless it would be one more than are kept; whether it did.
    pub(crate) fn try_insert(&mut self, first: u64, last: u64) -> bool {
        let (start, end) = self.touched(first, last);
        let has_room = start < end || self.ranges.len() < MOST_RANGES;
        if has_room {
            self.insert_within(first, last);
        }
        has_room
    }

    /// Where those are that overlap or touch a range, and become one with it.
    fn touched(&self, first: u64, last: u64) -> (usize, usize) {
        let start = self.ranges.partition_point(|(_, end)| end.saturating_add(1) < first);
        (start, self.ranges.partition_point(|(begin, _)| *begin <= last.saturating_add(1)))
    }

    fn insert_within(&mut self, first: u64, last: u64) {
        let (start, end) = self.touched(first, last);
        let joined = self.ranges[start..end]
            .iter()
            .fold((first, last), |(low, high), (begin, end)| (low.min(*begin), high.max(*end)));
        if start == end {
            self.ranges.insert(start, joined);
        } else {
            self.ranges[start] = joined;
            self.ranges.drain(start + 1..end);
        }
    }

    /// Adds all of another set.
    pub(crate) fn extend(&mut self, other: &Self) {
        for (first, last) in &other.ranges {
            self.insert_within(*first, *last);
            self.keep_bound();
        }
    }

    /// Those of this set up to and including a number.
    pub(crate) fn through(&self, number: u64) -> Self {
        let mut within = self.clone();
        while let Some((first, last)) = within.ranges.last_mut() {
            if *first <= number {
                *last = (*last).min(number);
                break;
            }
            within.ranges.pop();
        }
        within
    }

    /// Takes out all up to and including a number.
    pub(crate) fn remove_through(&mut self, number: u64) {
        self.ranges.retain_mut(|(first, last)| {
            *first = (*first).max(number + 1);
            first <= last
        });
    }
}

impl FromIterator<u64> for Sequences {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let mut sequences = Self::default();
        numbers.into_iter().for_each(|number| sequences.insert(number));
        sequences
    }
}

impl fmt::Display for Sequences {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return formatter.write_str("none");
        }
        for (index, (first, last)) in self.ranges.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            match first == last {
                true => write!(formatter, "{comma}#{first}")?,
                false => write!(formatter, "{comma}#{first} to #{last}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn set(numbers: &[u64]) -> Sequences {
        numbers.iter().copied().collect()
    }

    #[test]
    fn neighbours_become_one_range() {
        let sequences = set(&[1, 2, 3, 7, 8, 5, 6]);
        assert_eq!(sequences.ranges, [(1, 3), (5, 8)]);
        assert_eq!(sequences.to_string(), "#1 to #3, #5 to #8");
        assert_eq!(sequences.len(), 7);
        assert!(sequences.contains(SequenceNumber(5)) && !sequences.contains(SequenceNumber(4)));
    }

    #[test]
    fn confirmed_ones_are_taken_out() {
        let mut sequences = set(&[1, 2, 3, 5, 9]);
        sequences.remove_through(2);
        assert_eq!(sequences, set(&[3, 5, 9]));
        sequences.remove_through(6);
        assert_eq!(sequences, set(&[9]));
        sequences.remove_through(u64::MAX - 1);
        assert!(sequences.is_empty());
    }

    #[test]
    fn its_memory_is_bounded_and_none_is_left_out() {
        let every_other = || (0..50_000_u64).map(|number| 2 * number + 1);
        let mut sequences: Sequences = every_other().collect();
        assert_eq!(sequences.ranges.len(), MOST_RANGES);
        sequences.extend(&(100_000..100_000 + 4 * MOST_RANGES as u64).step_by(2).collect());
        assert_eq!(sequences.ranges.len(), MOST_RANGES);
        assert!(every_other().all(|number| sequences.contains(SequenceNumber(number))));
        assert_eq!(sequences.first(), Some(SequenceNumber(1)));
    }

    #[test]
    fn those_up_to_a_number() {
        let sequences = set(&[1, 2, 3, 5, 9]);
        assert_eq!((sequences.through(0), sequences.through(2)), (set(&[]), set(&[1, 2])));
        assert_eq!((sequences.through(5), sequences.through(20)), (set(&[1, 2, 3, 5]), sequences.clone()));
        assert_eq!((sequences.first(), sequences.last()), (Some(SequenceNumber(1)), Some(SequenceNumber(9))));
    }

    #[test]
    fn it_is_a_set_whatever_the_order() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..500 {
            let numbers: Vec<u64> = (0..40).map(|_| random.u64(1..60)).collect();
            let (left, right) = numbers.split_at(20);
            let mut sequences = set(left);
            sequences.extend(&set(right));
            let expected: BTreeSet<u64> = numbers.iter().copied().collect();
            assert!(sequences.iter().map(SequenceNumber::get).eq(expected));
        }
    }
}
