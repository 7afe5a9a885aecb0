//! Why a call has no answer.

use crate::reconnect::{DropReason, EndCause, SendError, UserError};
use std::fmt;

/// Why a call has no answer. [`is_unsent`](Self::is_unsent) tells which may be made again without a thought.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The codec could not make a message of the request. Nothing was sent.
    #[error(fmt = unencoded)]
    Encode(#[source] UserError),
    /// The queue did not take it: it is full, or the socket is closing or has ended. The message is given
    /// back, and was not sent.
    #[error(transparent)]
    Refused(SendError),
    /// It was dropped from the queue, and surely not sent.
    #[error("the request was not sent: {0}")]
    NotSent(DropReason),
    /// The connection that took it was lost before an answer came. Whether the request took effect is
    /// unknown.
    #[error("the connection was lost before an answer came; whether the request took effect is unknown")]
    Interrupted {
        /// The peer's WebSocket layer is known to have received it; whether its application has read it
        /// is unknown nevertheless.
        reached: bool,
    },
    /// No answer came within the time allowed. The peer may still execute it if it was sent; an answer
    /// that comes later is discarded.
    #[error("no answer came in time, {}", if *sent { "though the request was sent" } else { "the request was not sent" })]
    TimedOut {
        /// Whether it was handed to a connection. If not it was taken back from the queue, and will
        /// not be sent.
        sent: bool,
    },
    /// The socket ended.
    #[error("the socket ended before an answer came: {cause}")]
    Ended {
        /// Why.
        cause: EndCause,
        /// Whether it was handed to a connection. If not it will not be sent.
        sent: bool,
    },
}

/// The error follows as the source, unless all is to be shown at once.
fn unencoded(error: &UserError, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    formatter.write_str("the request could not be encoded")?;
    if formatter.alternate() { write!(formatter, ": {error:#}") } else { Ok(()) }
}

impl RequestError {
    /// Whether the request was surely not sent, nor will be: to make it again cannot execute it twice.
    pub fn is_unsent(&self) -> bool {
        match self {
            Self::Encode(_) | Self::Refused(_) | Self::NotSent(_) => true,
            Self::TimedOut { sent } | Self::Ended { sent, .. } => !sent,
            Self::Interrupted { .. } => false,
        }
    }
}
