//! A message to be sent, and what may become of it.

use super::{EndCause, SequenceNumber};
use crate::{Blob, Message, Text};
use bytes::Bytes;
use std::time::Duration;

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
    /// [`DropReason::Expired`](super::DropReason::Expired).
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.expires_in = Some(time);
        self
    }

    /// Never queued for long: refused unless the socket is open and its connection takes what it is
    /// given, and dropped and reported if the connection is lost before it leaves.
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
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
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
    /// A volatile message, and no connection is open or it is behind with what it has.
    #[error("not sent, it is volatile and nothing is open that would take it at once")]
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

impl SendError {
    /// The message, given back.
    pub fn into_message(self) -> Message {
        match self {
            Self::QueueFull { message, .. } | Self::NotReady { message } | Self::Ended { message } => *message,
        }
    }
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The peer has it: an answer to a heartbeat that was sent after it has come.
    Delivered,
    /// It was handed to a connection that was lost, or closed, before it was known to have
    /// arrived.
    Unknown,
    /// It was surely not sent.
    NotSent(super::DropReason),
}

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// All messages up to this number were handed to a transport, or dropped and reported;
    /// `None` before the first.
    pub handed_over: Option<SequenceNumber>,
    /// Of those, all up to this number are known to have reached the peer, or were reported.
    pub confirmed: Option<SequenceNumber>,
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
