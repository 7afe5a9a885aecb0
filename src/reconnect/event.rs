//! What a reconnecting socket tells its owner.

use super::{EndCause, Failure, SequenceNumber, Sequences, State};
use crate::{Message, mailbox::Mail};
use std::time::Duration;

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
    /// Handed to the transport, and not known to have arrived. They are not sent again.
    pub unknown: Sequences,
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
    /// Of the own messages, those of which it is unknown whether they arrived: the
    /// [`unknown`](Interruption::unknown) of all interruptions since the last gap.
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
    /// It was [volatile](super::Outgoing::volatile), and the connection was lost before it left.
    #[error("it was volatile and the connection was lost")]
    Volatile,
    /// The socket ended. Such messages are given back by [`Event::Ended`].
    #[error("the socket ended")]
    Ended,
}

/// The end of a reconnecting socket.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Ended {
    /// Why.
    pub cause: EndCause,
    /// Surely not sent, given back in order.
    pub unsent: Vec<(SequenceNumber, Message)>,
    /// Handed to the transport on the last connection, and not known to have arrived.
    pub unknown: Sequences,
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
    fn merge_into(self, earlier: &mut Self, is_crowded: bool) -> Option<Self> {
        match (self, earlier) {
            (Self::Dropped(dropped), Self::Dropped(before)) if dropped.reason == before.reason => {
                before.messages.extend(&dropped.messages);
            }
            (Self::State(state), Self::State(before)) if is_crowded => *before = state,
            (Self::Interrupted(interruption), Self::Interrupted(before)) if is_crowded => {
                before.unknown.extend(&interruption.unknown);
                before.failure = interruption.failure;
                before.unsent = interruption.unsent;
            }
            (Self::Gap(gap), Self::Gap(before)) if is_crowded => {
                before.away = before.away.saturating_add(gap.away);
                before.silent = before.silent.max(gap.silent);
                before.unknown.extend(&gap.unknown);
            }
            (event, _) => return Some(event),
        }
        None
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

    fn merge_into(self, earlier: &mut Self, is_crowded: bool) -> Option<Self> {
        match (self, earlier) {
            (Self::Other(event), Self::Other(earlier)) => {
                event.merge_into(earlier, is_crowded).map(|event| Self::Other(Box::new(event)))
            }
            (letter, _) => Some(letter),
        }
    }
}
