//! Events that wait to be read, bounded by what they weigh.

use super::Mail;
use std::collections::VecDeque;

/// How many events may wait before those that count for nothing are merged as far as they can be.
pub(super) const CROWD: usize = 1024;
/// How many of the newest are looked at then: more than there are sorts.
const SORTS: usize = 16;

pub(crate) struct Inbox<E> {
    pub(super) events: VecDeque<E>,
    /// The place behind the newest event, where the first ever had 0. What waits for callbacks knows
    /// by it where it belongs.
    pub(super) end: u64,
    /// What all weigh together, and what waits for callbacks.
    weight: usize,
    capacity: usize,
}

impl<E> Inbox<E> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { events: VecDeque::new(), end: 0, weight: 0, capacity }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(crate) fn weight(&self) -> usize {
        self.weight
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

    /// Whether it holds so much that a reader who took all at once would have more than twice the
    /// capacity, which takes callbacks that come and go.
    pub(crate) fn is_overfull(&self) -> bool {
        self.weight / 2 > self.capacity
    }

    /// Something of this cost waits for callbacks.
    pub(super) fn burden(&mut self, cost: usize) {
        self.weight += cost;
    }

    /// Something of this cost waits no more.
    pub(super) fn lighten(&mut self, cost: usize) {
        self.weight -= cost;
    }

    /// Takes all out of a queue, of which each counts, and it is known for how much together.
    pub(crate) fn append(&mut self, events: &mut VecDeque<E>, cost: usize) {
        self.weight += cost;
        self.end += events.len() as u64;
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
    /// Adds an event, or merges it, and gives back what is left of it then. `is_next` says that
    /// nothing came between it and the newest that is here.
    pub(crate) fn push(&mut self, mut event: E, is_next: bool) -> Option<E> {
        self.weight += event.cost();
        if merge(&mut event, self.events.iter_mut(), is_next) {
            return Some(event);
        }
        self.events.push_back(event);
        self.end += 1;
        None
    }

    /// Takes out the oldest.
    pub(crate) fn pop(&mut self) -> Option<E> {
        let event = self.events.pop_front()?;
        self.weight -= event.cost();
        Some(event)
    }

    /// Takes back what was taken out, all of it, before anything else is.
    pub(crate) fn put_back(&mut self, taken: &mut VecDeque<E>) {
        self.weight += taken.iter().map(E::cost).sum::<usize>();
        taken.append(&mut self.events);
        std::mem::swap(&mut self.events, taken);
    }
}

/// What counts for nothing must not pile up where nobody takes it: it becomes one with others of its
/// sort. Whether it did. The order with what counts stays.
pub(super) fn merge<'a, E: Mail>(
    event: &mut E,
    earlier: impl DoubleEndedIterator<Item = &'a mut E> + ExactSizeIterator,
    is_next: bool,
) -> bool {
    if event.cost() > 0 {
        return false;
    }
    let is_crowded = earlier.len() >= CROWD;
    let looks_back = if is_crowded { SORTS } else { usize::from(is_next) };
    let mut newest = earlier.rev().take(looks_back).take_while(|earlier| earlier.cost() == 0);
    newest.any(|earlier| event.merge_into(earlier, is_crowded))
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

        fn merge_into(&mut self, earlier: &mut Self, is_crowded: bool) -> bool {
            match (self, earlier) {
                (Self::Appended(more), Self::Appended(words)) => words.push_str(more),
                (Self::Latest(number), Self::Latest(older)) if is_crowded => *older = *number,
                _ => return false,
            }
            true
        }
    }

    fn push<const COUNT: usize>(inbox: &mut Inbox<Word>, words: [Word; COUNT]) {
        words.into_iter().for_each(|word| drop(inbox.push(word, true)));
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
        push(&mut inbox, [appended("cd"), appended("e"), Word::Single("ab"), Word::Single("fgh")]);
        let mut taken = VecDeque::from([inbox.pop(), inbox.pop()].map(|word| word.expect("it waits")));
        assert_eq!((&taken[0], inbox.weight), (&appended("cde"), 3));
        inbox.put_back(&mut taken);
        assert_eq!((taken.len(), inbox.weight), (0, 5));
        assert_eq!(all(&mut inbox), [appended("cde"), Word::Single("ab"), Word::Single("fgh")]);
        assert_eq!(inbox.weight, 0);
    }

    #[test]
    fn does_not_merge_past_what_waits_elsewhere() {
        let mut inbox = Inbox::new(100);
        push(&mut inbox, [appended("ab")]);
        assert_eq!(inbox.push(appended("cd"), false), None);
        assert_eq!(all(&mut inbox), [appended("ab"), appended("cd")]);
    }
}
