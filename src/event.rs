//! What a socket tells its owner.

use crate::{CloseEvent, ConnectionError, Message, mailbox::Mail};
use bytes::Bytes;

/// The state of a connection, as the WHATWG WebSockets standard numbers it.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::ReadyState;
///
/// assert_eq!(ReadyState::Open as u16, 1);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ReadyState {
    /// The connection is being established.
    Connecting = 0,
    /// Messages can be sent.
    Open = 1,
    /// A close was asked for, by either side; nothing can be sent any more.
    Closing = 2,
    /// The connection has ended, or could not be established.
    Closed = 3,
}

impl ReadyState {
    pub(crate) fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Connecting,
            1 => Self::Open,
            2 => Self::Closing,
            _ => Self::Closed,
        }
    }
}

/// How incoming binary messages are handed out.
///
/// A change takes effect for the next message that arrives from the network; those already
/// waiting to be read stay what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BinaryType {
    /// As [`Message::Blob`], the browser's own default.
    Blob,
    /// As [`Message::Binary`]. Our default on both targets: bytes can be used at once, a
    /// blob's only after another await.
    #[default]
    ArrayBuffer,
}

/// The connection is established.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct OpenEvent {
    /// The subprotocol that the server chose, or an empty string.
    pub protocol: String,
    /// The extensions in use, as in the server's `Sec-WebSocket-Extensions` header, or an
    /// empty string.
    pub extensions: String,
}

/// What happened to a connection, in the order in which it happened.
///
/// [`Open`](Self::Open) comes at most once and first, [`Close`](Self::Close) exactly once and
/// last; [`Error`](Self::Error) at most once, directly before `Close`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The connection is established.
    Open(OpenEvent),
    /// A message arrived.
    Message(Message),
    /// A ping arrived, and has been answered; only if asked for by
    /// [`Builder::control_frames`](crate::Builder::control_frames), natively.
    Ping(Bytes),
    /// A pong arrived; only if asked for by
    /// [`Builder::control_frames`](crate::Builder::control_frames), natively.
    Pong(Bytes),
    /// The connection failed; its `Close` follows.
    Error(ConnectionError),
    /// The connection has ended.
    Close(CloseEvent),
}

impl Event {
    /// What the event counts for against the inbox's bound: its payload and its own place.
    pub(crate) fn cost(&self) -> usize {
        let payload = match self {
            Self::Message(message) => usize::try_from(message.len()).unwrap_or(usize::MAX / 2),
            Self::Ping(bytes) | Self::Pong(bytes) => bytes.len(),
            Self::Open(_) | Self::Error(_) | Self::Close(_) => 0,
        };
        payload + size_of::<Self>()
    }
}

impl Mail for Event {
    type Kind = EventKind;

    fn kind(&self) -> EventKind {
        match self {
            Self::Open(_) => EventKind::Open,
            Self::Message(_) => EventKind::Message,
            Self::Ping(_) | Self::Pong(_) => EventKind::Control,
            Self::Error(_) => EventKind::Error,
            Self::Close(_) => EventKind::Close,
        }
    }

    fn cost(&self) -> usize {
        self.cost()
    }

    fn is_last(&self) -> bool {
        matches!(self, Self::Close(_))
    }
}

/// The events that callbacks can be registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    Open,
    Message,
    Control,
    Error,
    Close,
}
