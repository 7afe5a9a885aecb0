//! Events that wait to be read, bounded by what they weigh.

use super::Mail;
use std::collections::VecDeque;

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

    pub(crate) fn is_half_empty(&self) -> bool {
        self.weight <= self.capacity / 2
    }

    /// Moves all into an empty queue, whose room is used for what comes next.
    pub(crate) fn take_all(&mut self, taken: &mut VecDeque<E>) {
        debug_assert!(taken.is_empty());
        std::mem::swap(&mut self.events, taken);
        self.weight = 0;
    }
}

impl<E: Mail> Inbox<E> {
    pub(crate) fn extend(&mut self, events: impl IntoIterator<Item = E>) {
        for event in events {
            if let Some(event) = self.merge(event) {
                self.weight += event.cost();
                self.events.push_back(event);
            }
        }
    }

    /// Gives back what does not become one with the newest. Inlined, so that it is nothing at
    /// all for events that never do.
    #[inline]
    fn merge(&mut self, event: E) -> Option<E> {
        let is_full = self.is_full(event.cost());
        let Some(newest) = self.events.back_mut() else { return Some(event) };
        let weight_of_others = self.weight - newest.cost();
        let rest = event.merge_into(newest, is_full);
        if rest.is_none() {
            self.weight = weight_of_others + newest.cost();
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
        /// Stands alone.
        Single(&'static str),
        /// Is appended to another of its sort.
        Appended(String),
        /// Takes the place of another of its sort once there is no room.
        Latest(&'static str),
    }

    impl Mail for Word {
        type Kind = bool;

        fn kind(&self) -> bool {
            matches!(self, Self::Single(_))
        }

        fn cost(&self) -> usize {
            match self {
                Self::Single(word) | Self::Latest(word) => word.len(),
                Self::Appended(words) => words.len(),
            }
        }

        fn is_last(&self) -> bool {
            false
        }

        fn merge_into(self, newest: &mut Self, is_full: bool) -> Option<Self> {
            match (self, newest) {
                (Self::Appended(more), Self::Appended(words)) => words.push_str(&more),
                (Self::Latest(word), Self::Latest(older)) if is_full => *older = word,
                (word, _) => return Some(word),
            }
            None
        }
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
        inbox.extend([appended("ab"), appended("cd"), Word::Single("ef"), appended("gh"), appended("i")]);
        assert_eq!(inbox.weight, 9);
        assert_eq!(all(&mut inbox), [appended("abcd"), Word::Single("ef"), appended("ghi")]);

        inbox.extend([appended("j")]);
        assert_eq!(all(&mut inbox), [appended("j")], "what was taken out takes nothing in");
    }

    #[test]
    fn tells_whether_there_is_room() {
        let mut inbox = Inbox::new(5);
        inbox.extend([Word::Latest("ab"), Word::Latest("cd"), Word::Latest("e"), Word::Latest("fgh")]);
        assert_eq!(inbox.weight, 7, "a larger one in the place of a smaller");
        assert_eq!(all(&mut inbox), [Word::Latest("ab"), Word::Latest("cd"), Word::Latest("fgh")]);
    }

    #[test]
    fn weighs_what_was_merged_when_it_leaves() {
        let mut inbox = Inbox::new(100);
        inbox.extend([Word::Single("ab"), appended("cd"), appended("e")]);
        assert_eq!(inbox.take_first(|single| !single), Some(appended("cde")));
        assert_eq!(inbox.weight, 2);
        assert_eq!(inbox.take_first(|single| single), Some(Word::Single("ab")));
        assert_eq!(inbox.weight, 0);
    }
}
