//! Why a connection was lost, or did not come about.

use crate::{Cause, CloseEvent, ConnectionError, OpenError};
use std::time::Duration;

/// Why an attempt failed or a connection was lost. What follows from it, the
/// [`RetryPolicy`](super::RetryPolicy) decides.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The peer closed the connection.
    #[error("{0}")]
    Closed(CloseEvent),
    /// The connection could not be made, or broke.
    #[error("{0}")]
    Connection(ConnectionError),
    /// What the endpoint provider gave cannot be opened: a bad URL, subprotocol or header.
    #[error("the endpoint cannot be opened: {0}")]
    Endpoint(OpenError),
    /// The endpoint provider failed.
    #[error("the endpoint provider failed: {reason}")]
    Provider {
        /// What it said.
        reason: String,
        /// Whether it [said](super::GiveUp) that trying again is of no use.
        give_up: bool,
    },
    /// The endpoint provider did not answer before its deadline.
    #[error("the endpoint provider took longer than {} ms", after.as_millis())]
    ProviderTimeout {
        /// The deadline.
        after: Duration,
    },
    /// Not open before the deadline.
    #[error("not open after {} ms", after.as_millis())]
    ConnectTimeout {
        /// The deadline.
        after: Duration,
    },
    /// The session handshake failed.
    #[error("the session handshake failed: {reason}")]
    Handshake {
        /// What it said.
        reason: String,
        /// Whether it [said](super::GiveUp) that trying again is of no use.
        give_up: bool,
    },
    /// The session handshake was not done before its deadline.
    #[error("the session handshake took longer than {} ms", after.as_millis())]
    HandshakeTimeout {
        /// The deadline.
        after: Duration,
    },
    /// A message of the peer's was named as a refusal of the credentials.
    #[error("the server refused the credentials by a message")]
    CredentialsRefused,
    /// Nothing came after a heartbeat.
    #[error("nothing came for {} ms after a heartbeat", after.as_millis())]
    Unresponsive {
        /// The limit.
        after: Duration,
    },
    /// This side let go of the connection.
    #[error("let go by this side: {0}")]
    Released(Release),
}

/// Why this side let go of a connection without closing the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Release {
    /// It was [paused](super::Handle::pause).
    #[error("paused")]
    Paused,
    /// The page was hidden for as long as the policy allows.
    #[error("the page is hidden")]
    PageHidden,
    /// The page was left, and may come back from the back-forward cache.
    #[error("the page was left")]
    PageLeft,
    /// [`reconnect_now`](super::Handle::reconnect_now) replaced it.
    #[error("a new connection was asked for")]
    Replaced,
}

impl Failure {
    /// Why the connection failed, where a connection did.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Connection(error) => Some(error.cause()),
            Self::Endpoint(OpenError::Failed(error)) => Some(error.cause()),
            _ => None,
        }
    }

    /// The code of the peer's close frame, where it sent one.
    pub fn close_code(&self) -> Option<u16> {
        match self {
            Self::Closed(close) => Some(close.code.0),
            _ => None,
        }
    }

    /// The HTTP status of a refusal; in a browser never known.
    pub fn http_status(&self) -> Option<u16> {
        match self.cause() {
            Some(Cause::Http(refusal)) => Some(refusal.status()),
            _ => None,
        }
    }
}
