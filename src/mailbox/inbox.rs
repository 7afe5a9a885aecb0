//! Events that wait to be read, bounded by what they weigh.

use super::Mail;
use std::collections::VecDeque;

/// How many events may wait before those that count for nothing are merged as far as they can be.
const CROWD: usize = 1024;
/// How many of the newest are looked at then: more than there are sorts.
const SORTS: usize = 16;

pub(crate) struct Inbox<E> {
    events: VecDeque<E>,
    weight: usize,
    capacity: usize,
}

impl<E> Inbox<E> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { events: VecDeque::new(), weight: 0, capacity }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    #[allow(dead_code, reason = "web only: natively reading stops before")]
    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether something of this cost exceeds the bound. An empty inbox takes anything: what
    /// a single message may weigh is another limit.
    pub(crate) fn is_full(&self, cost: usize) -> bool {
        self.weight > 0 && self.weight.saturating_add(cost) > self.capacity
    }

    /// For how much there is room, if there is. An empty inbox has some, whatever the bound.
    pub(crate) fn room(&self) -> Option<usize> {
        match self.capacity.saturating_sub(self.weight) {
            0 if self.weight > 0 => None,
            room => Some(room.max(1)),
        }
    }

    pub(crate) fn is_half_empty(&self) -> bool {
        self.weight <= self.capacity / 2
    }

    /// Takes all out of a queue, of which each counts, and it is known for how much together.
    pub(crate) fn append(&mut self, events: &mut VecDeque<E>, cost: usize) {
        self.weight += cost;
        if self.events.is_empty() {
            std::mem::swap(&mut self.events, events);
        } else {
            self.events.append(events);
        }
    }

    /// Moves all into an empty queue, whose room is used for what comes next.
    pub(crate) fn take_all(&mut self, taken: &mut VecDeque<E>) {
        debug_assert!(taken.is_empty());
        std::mem::swap(&mut self.events, taken);
        self.weight = 0;
    }
}

impl<E: Mail> Inbox<E> {
    pub(crate) fn push(&mut self, event: E) {
        let cost = event.cost();
        self.weight += cost;
        let rest = if cost == 0 { self.merge(event) } else { Some(event) };
        if let Some(event) = rest {
            self.events.push_back(event);
        }
    }

    /// What counts for nothing must not pile up where nobody reads: it becomes one with others of
    /// its sort. Gives back what does not. The order with what counts stays.
    fn merge(&mut self, event: E) -> Option<E> {
        let is_crowded = self.events.len() >= CROWD;
        let looks_back = if is_crowded { SORTS } else { 1 };
        let mut rest = Some(event);
        for earlier in self.events.iter_mut().rev().take(looks_back).take_while(|earlier| earlier.cost() == 0) {
            rest = rest?.merge_into(earlier, is_crowded);
        }
        rest
    }

    /// Takes out the first event of a kind that is wanted.
    pub(crate) fn take_first(&mut self, wanted: impl Fn(E::Kind) -> bool) -> Option<E> {
        let index = self.events.iter().position(|event| wanted(event.kind()))?;
        let event = self.events.remove(index)?;
        self.weight -= event.cost();
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words, which merge as told.
    #[derive(Debug, Clone, PartialEq)]
    enum Word {
        /// Stands alone, and counts.
        Single(&'static str),
        /// Is appended to another of its sort.
        Appended(String),
        /// Takes the place of another of its sort once it is crowded.
        Latest(usize),
    }

    impl Mail for Word {
        type Kind = bool;

        fn kind(&self) -> bool {
            matches!(self, Self::Single(_))
        }

        fn cost(&self) -> usize {
            match self {
                Self::Single(word) => word.len(),
                Self::Latest(_) | Self::Appended(_) => 0,
            }
        }

        fn is_last(&self) -> bool {
            false
        }

        fn merge_into(self, earlier: &mut Self, is_crowded: bool) -> Option<Self> {
            match (self, earlier) {
                (Self::Appended(more), Self::Appended(words)) => words.push_str(&more),
                (Self::Latest(number), Self::Latest(older)) if is_crowded => *older = number,
                (word, _) => return Some(word),
            }
            None
        }
    }

    fn push<const COUNT: usize>(inbox: &mut Inbox<Word>, words: [Word; COUNT]) {
        words.into_iter().for_each(|word| inbox.push(word));
    }

    fn appended(words: &str) -> Word {
        Word::Appended(words.to_owned())
    }

    fn all(inbox: &mut Inbox<Word>) -> Vec<Word> {
        let mut taken = VecDeque::new();
        inbox.take_all(&mut taken);
        taken.into()
    }

    #[test]
    fn merges_with_the_newest_only() {
        let mut inbox = Inbox::new(100);
        push(&mut inbox, [appended("ab"), appended("cd"), Word::Single("ef"), appended("gh"), appended("i")]);
        assert_eq!(inbox.weight, 2);
        assert_eq!(all(&mut inbox), [appended("abcd"), Word::Single("ef"), appended("ghi")]);

        push(&mut inbox, [appended("j")]);
        assert_eq!(all(&mut inbox), [appended("j")], "what was taken out takes nothing in");
    }

    #[test]
    fn what_nobody_reads_does_not_pile_up() {
        let mut inbox = Inbox::new(100);
        for number in 0..3 * CROWD {
            push(&mut inbox, [Word::Latest(number), appended(".")]);
        }
        assert!(inbox.events.len() <= CROWD + 1, "{}", inbox.events.len());
        assert!(!inbox.is_full(100), "and keeps no room from what counts");
        push(&mut inbox, [Word::Single("ab"), Word::Latest(7)]);
        let words = all(&mut inbox);
        assert_eq!(words[words.len() - 2..], [Word::Single("ab"), Word::Latest(7)], "nothing goes past what counts");
        let dots: usize = words.iter().map(|word| if let Word::Appended(dots) = word { dots.len() } else { 0 }).sum();
        assert_eq!(dots, 3 * CROWD, "nothing of a report is lost");
        assert!(words.contains(&Word::Latest(3 * CROWD - 1)));
    }

    #[test]
    fn takes_a_batch_behind_what_waits() {
        let mut inbox = Inbox::new(5);
        assert_eq!(inbox.room(), Some(5));
        inbox.append(&mut VecDeque::from([Word::Single("ab")]), 2);
        assert_eq!(inbox.room(), Some(3));
        let mut batch = VecDeque::from([Word::Single("cd"), Word::Single("ef")]);
        inbox.append(&mut batch, 4);
        assert!(batch.is_empty() && inbox.room().is_none() && inbox.is_full(1));
        assert_eq!(all(&mut inbox), [Word::Single("ab"), Word::Single("cd"), Word::Single("ef")]);
        assert_eq!(Inbox::<Word>::new(0).room(), Some(1), "an empty one takes anything");
    }

    #[test]
    fn weighs_what_leaves() {
        let mut inbox = Inbox::new(100);
        push(&mut inbox, [Word::Single("ab"), appended("cd"), appended("e")]);
        assert_eq!(inbox.take_first(|single| !single), Some(appended("cde")));
        assert_eq!(inbox.weight, 2);
        assert_eq!(inbox.take_first(|single| single), Some(Word::Single("ab")));
        assert_eq!(inbox.weight, 0);
    }
}
