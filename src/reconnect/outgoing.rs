//! A message to be sent, and what may become of it.

use super::{EndCause, SequenceNumber};
use crate::{Blob, Message, Text};
use bytes::Bytes;
use std::{fmt, time::Duration};

/// A message to be sent, with what is to become of it while it waits.
///
/// Whatever makes a [`Message`] makes one of these too.
///
/// ```
/// # eversocket_server::doctest!(async |url: String| {
/// use eversocket::{ReconnectingWebSocket, reconnect::Outgoing};
/// use std::time::Duration;
///
/// let socket = ReconnectingWebSocket::new(&url)?;
/// let handle = socket.handle();
/// handle.send("an order")?;
/// handle.send(Outgoing::new("x=10").latest("cursor"))?;
/// handle.send(Outgoing::new("are you there?").expires_in(Duration::from_secs(5)))?;
/// // refused unless it can go at once, and so most likely now, as nothing is open yet
/// let _gone_or_refused = handle.send(Outgoing::new("typing").volatile());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    pub(crate) message: Message,
    pub(crate) key: Option<String>,
    pub(crate) expires_in: Option<Duration>,
    pub(crate) volatile: bool,
}

impl Outgoing {
    /// A message that waits for as long as it takes.
    pub fn new(message: impl Into<Message>) -> Self {
        Self { message: message.into(), key: None, expires_in: None, volatile: false }
    }

    /// Of messages with the same key that wait, only the latest is kept; those before it are
    /// reported as [`DropReason::Superseded`](super::DropReason::Superseded).
    pub fn latest(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// If it has not been handed to a connection by then it is dropped and reported as
    /// [`DropReason::Expired`](super::DropReason::Expired). The time goes on while the computer sleeps,
    /// which shows by the wall clock: one that is set forward by more than 5 s counts as sleep.
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.expires_in = Some(time);
        self
    }

    /// Never queued: it is handed to the connection within the call, or refused with
    /// [`SendError::NotReady`] where none is open, where other messages wait before it, and where the
    /// transport has as much as
    /// [`transport_buffer`](super::Builder::transport_buffer) allows.
    pub fn volatile(mut self) -> Self {
        self.volatile = true;
        self
    }

    /// The message alone.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |_: String| {
    /// use eversocket::reconnect::Outgoing;
    ///
    /// let refused = Outgoing::new("typing").volatile();
    /// assert_eq!(refused.into_message(), "typing".into());
    /// # Ok(()) });
    /// ```
    pub fn into_message(self) -> Message {
        self.message
    }
}

macro_rules! outgoing_from {
    ($($source:ty),* $(,)?) => {$(
        impl From<$source> for Outgoing {
            fn from(message: $source) -> Self {
                Self::new(message)
            }
        }
    )*};
}

outgoing_from!(Message, &'static str, String, Text, &'static [u8], Vec<u8>, Bytes, Blob);

impl<const N: usize> From<&'static [u8; N]> for Outgoing {
    fn from(message: &'static [u8; N]) -> Self {
        Self::new(message)
    }
}

/// What happens when the queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Overflow {
    /// [`send`](super::Handle::send) refuses; [`send_wait`](super::Handle::send_wait) and the
    /// `Sink` wait for room.
    #[default]
    Wait,
    /// All refuse: what cannot be queued now is an error.
    Refuse,
    /// The oldest that wait are dropped and reported.
    DropOldest,
    /// All refuse, and what was refused is reported as dropped too, for those who watch events
    /// and not results.
    DropNewest,
}

/// Why a message was not accepted. Nothing is sent, now or later, and the message is given back.
///
/// `Debug` shows the kind and the length of the message, and nothing of its content.
#[derive(Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The queue is full.
    #[error("not sent, {messages} messages of {bytes} bytes wait already; see Builder::queue_capacity")]
    QueueFull {
        /// How many wait.
        messages: usize,
        /// How many bytes they have.
        bytes: u64,
        /// What was to be sent.
        message: Box<Message>,
    },
    /// A [volatile](Outgoing::volatile) message, and no connection takes it at once.
    #[error("not sent, it is volatile and no connection takes it at once")]
    NotReady {
        /// What was to be sent.
        message: Box<Message>,
    },
    /// The socket is closing, or has ended.
    #[error("not sent, the socket is closing or has ended")]
    Ended {
        /// What was to be sent.
        message: Box<Message>,
    },
}

impl fmt::Debug for SendError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueFull { messages, bytes, message } => formatter
                .debug_struct("QueueFull")
                .field("messages", messages)
                .field("bytes", bytes)
                .field("message", &Outline(message))
                .finish(),
            Self::NotReady { message } => {
                formatter.debug_struct("NotReady").field("message", &Outline(message)).finish()
            }
            Self::Ended { message } => formatter.debug_struct("Ended").field("message", &Outline(message)).finish(),
        }
    }
}

/// A message without its content.
pub(crate) struct Outline<'a>(pub(crate) &'a Message);

impl fmt::Debug for Outline<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.0 {
            Message::Text(_) => "Text",
            Message::Binary(_) => "Binary",
            Message::Blob(_) => "Blob",
        };
        write!(formatter, "{kind}({} bytes)", self.0.len())
    }
}

impl SendError {
    /// The message, given back.
    pub fn into_message(self) -> Message {
        match self {
            Self::QueueFull { message, .. } | Self::NotReady { message } | Self::Ended { message } => *message,
        }
    }
}

/// What became of a message, once that is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The peer's application has it: it answered a
    /// [heartbeat message](super::Heartbeat::message) that was sent later, or you
    /// [confirmed](super::Handle::confirm_through) it by an acknowledgement of its own.
    Delivered,
    /// The peer's WebSocket layer has received it, since it answered a ping that was sent later; then
    /// the connection was lost or closed. Whether the application has read it is not known: many
    /// servers answer pings on their own.
    Reached,
    /// It was handed to a connection that was lost, or closed, before it was known to have
    /// arrived.
    Unknown,
    /// It was surely not sent.
    NotSent(super::DropReason),
}

/// How far messages have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// All messages up to this number were handed to a transport, or dropped and reported;
    /// `None` before the first.
    pub handed_over: Option<SequenceNumber>,
    /// The newest message that the peer's WebSocket layer is known to have received, by its answer to
    /// a ping, or since its application has it. It has also received all that were handed over before on the same connection.
    pub reached: Option<SequenceNumber>,
    /// The newest message that the peer's application is known to have, by its answer to a
    /// [heartbeat message](super::Heartbeat::message) or by
    /// [`confirm_through`](super::Handle::confirm_through). It also has all that were handed over
    /// before on the same connection.
    pub delivered: Option<SequenceNumber>,
    /// How many messages wait in the queue.
    pub queued: usize,
    /// How many bytes those have.
    pub queued_bytes: u64,
}

/// Why there is no connection to wait for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the socket ended: {cause}")]
pub struct EndedError {
    /// Why it ended.
    pub cause: EndCause,
}

/// Why a `Sink` of messages failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// A message was not accepted; it is in the error.
    #[error(transparent)]
    Refused(#[from] SendError),
    /// The socket ended before all that the sink had accepted was sent.
    #[error("{0}")]
    Unsent(Box<Unsent>),
}

impl SinkError {
    /// The messages that were surely not sent, given back in order.
    pub fn into_messages(self) -> Vec<Message> {
        match self {
            Self::Refused(error) => vec![error.into_message()],
            Self::Unsent(unsent) => {
                unsent.messages.into_iter().map(|(_, message)| message).chain(unsent.refused).collect()
            }
        }
    }
}

/// What a `Sink` had accepted when the socket ended; from [`SinkError::Unsent`].
///
/// `Debug` shows kinds and lengths of messages, and nothing of their content.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Unsent {
    /// Why the socket ended.
    pub cause: EndCause,
    /// Surely not sent, given back in order. [`Event::Ended`](super::Event::Ended) has them too.
    pub messages: Vec<(SequenceNumber, Message)>,
    /// The message that the sink was given when the socket had ended already: not accepted, and given back.
    pub refused: Option<Message>,
    /// Handed to a connection that was lost, and not known to have reached the peer.
    pub unknown: super::Sequences,
}

impl fmt::Debug for Unsent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages: Vec<_> = self.messages.iter().map(|(number, message)| (number, Outline(message))).collect();
        formatter
            .debug_struct("Unsent")
            .field("cause", &self.cause)
            .field("messages", &messages)
            .field("refused", &self.refused.as_ref().map(Outline))
            .field("unknown", &self.unknown)
            .finish()
    }
}

/// Without the messages, which may hold secrets.
impl fmt::Display for Unsent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unsent = self.messages.len() + usize::from(self.refused.is_some());
        let unknown = self.unknown.len();
        write!(
            formatter,
            "the socket ended with {unsent} messages not sent and {unknown} of unknown fate: {}",
            self.cause
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_show_nothing_of_a_message() {
        let secret = || Box::new(Message::from("secret ".repeat(100_000)));
        let refused = [
            SendError::QueueFull { messages: 1, bytes: 2, message: secret() },
            SendError::NotReady { message: secret() },
            SendError::Ended { message: secret() },
        ];
        for error in refused {
            let shown = format!("{error} {error:?} {:?}", SinkError::from(error.clone()));
            assert!(!shown.contains("secret") && shown.contains("Text(700000 bytes)"), "{}", shown.len());
        }
        let unsent = Unsent {
            cause: EndCause::RuntimeGone,
            messages: vec![(SequenceNumber(1), *secret())],
            refused: Some(*secret()),
            unknown: Default::default(),
        };
        let shown = format!("{unsent} {:?}", SinkError::Unsent(Box::new(unsent.clone())));
        assert!(!shown.contains("secret") && shown.len() < 500, "{}", shown.len());
    }
}
