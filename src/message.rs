//! What travels over a connection.

use crate::{Blob, Text};
use bytes::Bytes;

/// One WebSocket message, whole: fragments are joined before they get here.
///
/// Cloning is cheap, the payload is shared.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::Message;
///
/// let message = Message::from("hello");
/// assert_eq!(message.as_text(), Some("hello"));
/// assert_eq!(message.len(), 5);
/// assert_eq!(Message::from(vec![1, 2, 3]).as_binary(), Some(&[1, 2, 3][..]));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A text message.
    Text(Text),
    /// A binary message, when the socket's binary type is
    /// [`ArrayBuffer`](crate::BinaryType::ArrayBuffer), the default.
    Binary(Bytes),
    /// A binary message, when the socket's binary type is [`Blob`](crate::BinaryType::Blob);
    /// or one to be sent, on the wire the same as [`Binary`](Self::Binary).
    Blob(Blob),
}

impl Message {
    /// The payload's size in bytes; of a text, its bytes as UTF-8.
    pub fn len(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Binary(bytes) => bytes.len() as u64,
            Self::Blob(blob) => blob.size(),
        }
    }

    /// Takes it out, and leaves one that is empty.
    #[allow(dead_code, reason = "a browser copies what it sends")]
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Binary(Bytes::new()))
    }

    /// Whether the payload is empty. Empty messages are messages: they are sent and received.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text, if this is a text message.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The bytes, if this is a [`Binary`](Self::Binary) message; a [`Blob`](Self::Blob)'s
    /// are read asynchronously, by [`Blob::bytes`].
    pub fn as_binary(&self) -> Option<&[u8]> {
        match self {
            Self::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }
}

macro_rules! message_from {
    ($($source:ty => $variant:ident),* $(,)?) => {$(
        impl From<$source> for Message {
            fn from(payload: $source) -> Self {
                Self::$variant(payload.into())
            }
        }
    )*};
}

message_from! {
    &'static str => Text,
    String => Text,
    Text => Text,
    &'static [u8] => Binary,
    Vec<u8> => Binary,
    Bytes => Binary,
    Blob => Blob,
}

impl<const N: usize> From<&'static [u8; N]> for Message {
    fn from(payload: &'static [u8; N]) -> Self {
        Self::Binary(Bytes::from_static(payload))
    }
}
