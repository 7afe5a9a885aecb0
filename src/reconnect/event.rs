//! What a reconnecting socket tells its owner.

use super::{EndCause, Failure, SequenceNumber, Sequences, State, outgoing::Outline};
use crate::{Message, mailbox::Mail};
use std::{fmt, mem::swap, time::Duration};

/// What happened to a reconnecting socket, in the order in which it happened.
///
/// [`Ended`](Self::Ended) comes exactly once and last.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// It does something else from now on. The end is told by [`Ended`](Self::Ended) instead.
    State(State),
    /// A message arrived.
    Message(Message),
    /// A connection that was open was lost.
    Interrupted(Interruption),
    /// Messages flow again, after an [`Interrupted`](Self::Interrupted); something may be missing.
    Gap(Gap),
    /// Messages were accepted for sending, and will not be sent.
    Dropped(Dropped),
    /// It is over for good.
    Ended(Ended),
}

/// What was under way when a connection was lost.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Interruption {
    /// Why it was lost.
    pub failure: Failure,
    /// Surely not sent: still queued, for the next connection.
    pub unsent: Sequences,
    /// All that was handed to the lost connection, also what is known to have been delivered. An
    /// answer to any of these will not come on another connection. Like all [`Sequences`], it may name
    /// dropped messages too where it would have more than 1,024 ranges.
    pub handed_over: Sequences,
    /// Of those, the ones that the peer's application is not known to have: most of them may well have
    /// arrived. They are not sent again.
    pub unknown: Sequences,
    /// Of the unknown ones, those that the peer's WebSocket layer is known to have received. Whether
    /// its application has read them is not known: many servers answer pings on their own.
    pub reached: Sequences,
}

/// What may be missing after an interruption.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Gap {
    /// From the loss of the connection until messages flowed again.
    pub away: Duration,
    /// From the last thing that arrived until messages flowed again: what the peer sent in that
    /// time may be missing.
    pub silent: Duration,
    /// Of the own messages, those that the peer's application is not known to have: the
    /// [`unknown`](Interruption::unknown) of all interruptions since the last gap, less what was
    /// [confirmed](super::Handle::confirm_through) since.
    pub unknown: Sequences,
}

/// Messages that will not be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// Why not.
    pub reason: DropReason,
    /// Which.
    pub messages: Sequences,
    /// How many more: where nobody reads events, reports become one, and that does not grow beyond
    /// 1,024 ranges of numbers.
    pub unnamed: u64,
}

/// Why a message will not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum DropReason {
    /// The queue was full, and [`Overflow::DropOldest`](super::Overflow::DropOldest) or
    /// [`DropNewest`](super::Overflow::DropNewest) chose it.
    #[error("the queue was full")]
    Overflow,
    /// It was not sent before it [expired](super::Outgoing::expires_in).
    #[error("it expired")]
    Expired,
    /// A newer one with the same [key](super::Outgoing::latest) took its place.
    #[error("a newer message with its key took its place")]
    Superseded,
    /// [`Handle::withdraw`](super::Handle::withdraw) took it back.
    #[error("it was withdrawn")]
    Withdrawn,
    /// The socket ended. Such messages are given back by [`Event::Ended`].
    #[error("the socket ended")]
    Ended,
}

/// The end of a reconnecting socket.
///
/// `Debug` shows kinds and lengths of messages, and nothing of their content.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Ended {
    /// Why.
    pub cause: EndCause,
    /// Surely not sent, given back in order.
    pub unsent: Vec<(SequenceNumber, Message)>,
    /// All that was handed to the last connection, where one was open at the end.
    pub handed_over: Sequences,
    /// Of those, the ones that the peer's application is not known to have.
    pub unknown: Sequences,
    /// Of the unknown ones, those that the peer's WebSocket layer is known to have received.
    pub reached: Sequences,
}

impl fmt::Debug for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unsent: Vec<_> = self.unsent.iter().map(|(number, message)| (number, Outline(message))).collect();
        formatter
            .debug_struct("Ended")
            .field("cause", &self.cause)
            .field("unsent", &unsent)
            .field("handed_over", &self.handed_over)
            .field("unknown", &self.unknown)
            .field("reached", &self.reached)
            .finish()
    }
}

/// The events that callbacks can be registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    State,
    Message,
    Interrupted,
    Gap,
    Dropped,
    Ended,
}

impl Event {
    fn kind(&self) -> EventKind {
        match self {
            Self::State(_) => EventKind::State,
            Self::Message(_) => EventKind::Message,
            Self::Interrupted(_) => EventKind::Interrupted,
            Self::Gap(_) => EventKind::Gap,
            Self::Dropped(_) => EventKind::Dropped,
            Self::Ended(_) => EventKind::Ended,
        }
    }

    pub(crate) fn is_last(&self) -> bool {
        matches!(self, Self::Ended(_))
    }

    /// Reports of dropped messages become one. Where many events wait that nobody reads, so do
    /// others, and of states the newest is kept.
    pub(crate) fn merge_into(&mut self, earlier: &mut Self, is_crowded: bool) -> bool {
        match (self, earlier) {
            (Self::Dropped(dropped), Self::Dropped(before)) if dropped.reason == before.reason => before.add(dropped),
            (Self::State(state), Self::State(before)) if is_crowded => swap(before, state),
            (Self::Interrupted(lost), Self::Interrupted(before)) if is_crowded => {
                before.handed_over.extend(&lost.handed_over);
                before.unknown.extend(&lost.unknown);
                before.reached.extend(&lost.reached);
                swap(&mut before.failure, &mut lost.failure);
                swap(&mut before.unsent, &mut lost.unsent);
            }
            (Self::Gap(gap), Self::Gap(before)) if is_crowded => {
                before.away = before.away.saturating_add(gap.away);
                before.silent = before.silent.max(gap.silent);
                before.unknown.extend(&gap.unknown);
            }
            _ => return false,
        }
        true
    }
}

impl Dropped {
    pub(crate) fn new(reason: DropReason, messages: Sequences) -> Self {
        Self { reason, messages, unnamed: 0 }
    }

    /// Reports more; by number as long as that is within bounds.
    pub(crate) fn add(&mut self, more: &Self) {
        for range in more.messages.ranges() {
            self.add_range(range.start().0, range.end().0);
        }
        self.unnamed = self.unnamed.saturating_add(more.unnamed);
    }

    /// No number is named that is not among them: whoever sends again what was dropped must not send twice.
    pub(crate) fn add_range(&mut self, first: u64, last: u64) {
        if !self.messages.try_insert(first, last) {
            self.unnamed = self.unnamed.saturating_add(last - first + 1);
        }
    }
}

/// An event on its way to the owner. Nearly all are messages, which are moved from queue to queue:
/// what is twice their size and rare is put aside.
#[derive(Debug, Clone)]
pub(crate) enum Letter {
    Message(Message),
    Other(Box<Event>),
}

impl Letter {
    pub(crate) fn into_event(self) -> Event {
        match self {
            Self::Message(message) => Event::Message(message),
            Self::Other(event) => *event,
        }
    }
}

impl From<Event> for Letter {
    fn from(event: Event) -> Self {
        match event {
            Event::Message(message) => Self::Message(message),
            event => Self::Other(Box::new(event)),
        }
    }
}

impl Mail for Letter {
    type Kind = EventKind;

    fn kind(&self) -> EventKind {
        match self {
            Self::Message(_) => EventKind::Message,
            Self::Other(event) => event.kind(),
        }
    }

    /// Only messages count: whoever reads nothing else must get those nevertheless.
    fn cost(&self) -> usize {
        match self {
            Self::Message(message) => usize::try_from(message.len()).unwrap_or(usize::MAX / 2) + size_of::<Self>(),
            Self::Other(_) => 0,
        }
    }

    fn is_last(&self) -> bool {
        match self {
            Self::Message(_) => false,
            Self::Other(event) => event.is_last(),
        }
    }

    fn merge_into(&mut self, earlier: &mut Self, is_crowded: bool) -> bool {
        match (self, earlier) {
            (Self::Other(event), Self::Other(earlier)) => event.merge_into(earlier, is_crowded),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every second number of some, as one report.
    fn every_second(numbers: std::ops::Range<u64>) -> Dropped {
        let mut dropped = Dropped::new(DropReason::Withdrawn, Sequences::default());
        numbers.step_by(2).for_each(|number| dropped.add_range(number, number));
        dropped
    }

    #[test]
    fn reports_name_nothing_that_was_not_dropped_however_they_become_one() {
        for cut in [1, 801, 1_601, 2_999] {
            let mut report = every_second(1..cut);
            report.add(&every_second(cut..3_001));
            report.add(&Dropped { unnamed: 7, ..every_second(4_001..4_003) });
            assert!(report.messages.iter().all(|number| number.get() % 2 == 1), "cut at {cut}");
            assert_eq!(report.messages.len() + report.unnamed, 1_508, "cut at {cut}");
        }
        // what touches another takes no room
        let mut full = every_second(1..2_049);
        full.add_range(2, 2);
        assert_eq!((full.messages.len(), full.unnamed), (1_025, 0));
    }

    #[test]
    fn the_end_shows_nothing_of_a_message() {
        let ended = Ended {
            cause: EndCause::RuntimeGone,
            unsent: vec![(SequenceNumber(1), "secret".into())],
            handed_over: Sequences::default(),
            unknown: Sequences::default(),
            reached: Sequences::default(),
        };
        let shown = format!("{:?}", Event::Ended(ended));
        assert!(shown.contains("Text(6 bytes)") && !shown.contains("secret"), "{shown}");
    }
}
