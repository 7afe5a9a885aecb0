//! What an error of the engine or the system means to the user, and to the peer.

use crate::Cause;
use std::io;
use tokio_tungstenite::tungstenite::{
    Error,
    error::{CapacityError, ProtocolError},
};

/// The cause to report, and the close code to tell the peer, if it can still be told
/// (RFC 6455 section 7.1.7, "fail the WebSocket connection").
pub(super) struct Failure {
    pub(super) cause: Cause,
    pub(super) code: Option<u16>,
}

impl Failure {
    fn telling(code: u16, cause: Cause) -> Self {
        Self { cause, code: Some(code) }
    }

    pub(super) fn protocol(reason: impl Into<String>) -> Self {
        Self::telling(1002, Cause::Protocol { reason: reason.into() })
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Utf8(_) => Self::telling(1007, Cause::InvalidUtf8),
            Error::Capacity(CapacityError::MessageTooLong { max_size, .. }) => {
                Self::telling(1009, Cause::MessageTooBig { limit: max_size })
            }
            Error::Io(error) => Self { cause: network(&error), code: None },
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
            | Error::ConnectionClosed
            | Error::AlreadyClosed => Self { cause: Cause::Disconnected, code: None },
            Error::Protocol(error) => Self::protocol(error.to_string()),
            error => Self::protocol(error.to_string()),
        }
    }
}

/// The cause behind an error of the system.
pub(super) fn network(error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Cause::Refused,
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => Cause::Disconnected,
        kind => Cause::Network { kind, reason: error.to_string() },
    }
}
