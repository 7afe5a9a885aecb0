//! Why a connection was lost, or did not come about.

mod user_error;

use crate::{Cause, CloseEvent, ConnectionError, OpenError};
use std::{fmt, time::Duration};
pub use user_error::UserError;

/// Why an attempt failed or a connection was lost. What follows from it, the
/// [`RetryPolicy`](super::RetryPolicy) decides.
///
/// Where a function of the application's failed, its error is the
/// [`source`](std::error::Error::source); `{:#}` shows both.
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
    #[error(fmt = of_provider)]
    Provider {
        /// Its error.
        #[source]
        error: UserError,
        /// Whether it [said](super::GiveUp) that trying again is of no use.
        give_up: bool,
    },
    /// The [token source](super::Credentials) failed.
    #[error(fmt = of_token_source)]
    Credentials {
        /// Its error.
        #[source]
        error: UserError,
        /// Whether it [said](super::GiveUp) that trying again is of no use.
        give_up: bool,
    },
    /// The endpoint provider and the token source did not answer before their deadline.
    #[error("asking for the endpoint or a token took longer than {} ms", after.as_millis())]
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
    #[error(fmt = of_handshake)]
    Handshake {
        /// Its error.
        #[source]
        error: UserError,
        /// Whether it [said](super::GiveUp) that trying again is of no use.
        give_up: bool,
    },
    /// The session handshake was not done before its deadline.
    #[error("the session handshake took longer than {} ms", after.as_millis())]
    HandshakeTimeout {
        /// The deadline.
        after: Duration,
    },
    /// The server refused the credentials: by a message that was
    /// [named](super::Credentials::refused_by) as a refusal, or as a function of the application's
    /// [said](super::Unauthorized).
    #[error("the server refused the credentials")]
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

fn of_provider(error: &UserError, _: &bool, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    of_function("the endpoint provider failed", error, formatter)
}

fn of_token_source(error: &UserError, _: &bool, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    of_function("the token source failed", error, formatter)
}

fn of_handshake(error: &UserError, _: &bool, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    of_function("the session handshake failed", error, formatter)
}

/// The error follows as the source, unless all is to be shown at once.
fn of_function(what: &str, error: &UserError, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    formatter.write_str(what)?;
    if formatter.alternate() { write!(formatter, ": {error:#}") } else { Ok(()) }
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
