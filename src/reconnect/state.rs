//! What a reconnecting socket is doing.

use super::{Failure, Release};
use crate::CloseEvent;
use std::{fmt, time::Duration};

/// What a reconnecting socket is doing.
///
/// Attempts are counted from 1. An attempt counts once it has failed, and not when you or the page
/// end it: attempts, delays and the time of [`max_elapsed`](super::Builder::max_elapsed) begin anew
/// with a stable connection, [`reconnect_now`](super::Handle::reconnect_now) and the end of a
/// [pause](super::Handle::resume), and time in which nothing is tried is not counted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// An attempt is under way: the endpoint is asked for, or the connection is being made.
    Connecting {
        /// Which attempt.
        attempt: u32,
    },
    /// The connection is open, and the session handshake is going on.
    Handshaking {
        /// Which attempt.
        attempt: u32,
    },
    /// Messages flow.
    Open,
    /// The last attempt failed or the connection was lost; the next attempt has its time.
    Waiting(Waiting),
    /// Nothing is tried until what paused it is over.
    Paused(Release),
    /// The browser, or [`Handle::set_online`](super::Handle::set_online), says that there is no
    /// network; nothing is tried until there is.
    Offline,
    /// [`close`](super::Handle::close) was called, and the connection is closing.
    Closing,
    /// Over for good.
    Ended(EndCause),
}

impl State {
    /// Whether messages flow.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// Whether it is over for good.
    pub fn is_ended(&self) -> bool {
        matches!(self, Self::Ended(_))
    }

    /// The state in one word, for logs, metrics and health pages: `connecting`, `handshaking`,
    /// `open`, `waiting`, `paused`, `offline`, `closing` or `ended`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Connecting { .. } => "connecting",
            Self::Handshaking { .. } => "handshaking",
            Self::Open => "open",
            Self::Waiting(_) => "waiting",
            Self::Paused(_) => "paused",
            Self::Offline => "offline",
            Self::Closing => "closing",
            Self::Ended(_) => "ended",
        }
    }

    /// Whether it says nothing new. Another wait is always news.
    pub(crate) fn repeats(&self, before: &Self) -> bool {
        match (before, self) {
            (Self::Connecting { attempt: before }, Self::Connecting { attempt })
            | (Self::Handshaking { attempt: before }, Self::Handshaking { attempt }) => before == attempt,
            (Self::Paused(before), Self::Paused(release)) => before == release,
            (Self::Open, Self::Open) | (Self::Offline, Self::Offline) | (Self::Closing, Self::Closing) => true,
            _ => false,
        }
    }
}

/// Short, for people: `waiting 1.2 s before attempt 3`.
impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting { attempt } => write!(formatter, "connecting (attempt {attempt})"),
            Self::Handshaking { attempt } => write!(formatter, "handshaking (attempt {attempt})"),
            Self::Open => formatter.write_str("open"),
            Self::Waiting(Waiting { next_attempt, delay, .. }) => {
                write!(formatter, "waiting {:.1} s before attempt {next_attempt}", delay.as_secs_f64())
            }
            Self::Paused(release) => write!(formatter, "paused: {release}"),
            Self::Offline => formatter.write_str("offline"),
            Self::Closing => formatter.write_str("closing"),
            Self::Ended(cause) => write!(formatter, "ended: {cause}"),
        }
    }
}

/// The wait before an attempt.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Waiting {
    /// Which attempt comes next.
    pub next_attempt: u32,
    /// How long the whole wait is.
    pub delay: Duration,
    /// When it ends, since the Unix epoch by the wall clock;
    /// [`time_to_retry`](super::Handle::time_to_retry) tells what is left of it.
    pub retry_at: Duration,
    /// Why there is an attempt to wait for.
    pub failure: Failure,
}

/// Why a reconnecting socket ended.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EndCause {
    /// [`close`](super::Handle::close) was called, or the owner was dropped.
    #[error("closed by this side")]
    Closed {
        /// How the connection ended; none if none was open, or if a deadline of the close or of a shutdown passed
        /// before it had.
        close: Option<CloseEvent>,
    },
    /// The retry policy says that trying again is of no use.
    #[error("given up: {0:#}")]
    GivenUp(Failure),
    /// The server refuses the credentials, fresh ones too.
    #[error("the credentials are refused: {0:#}")]
    CredentialsRefused(Failure),
    /// As many attempts as allowed have failed.
    #[error("given up after {attempts} attempt{}: {failure:#}", if *attempts == 1 { "" } else { "s" })]
    AttemptsExhausted {
        /// How many.
        attempts: u32,
        /// The last failure.
        failure: Failure,
    },
    /// No stable connection within the time allowed.
    #[error("given up after {} s: {failure:#}", elapsed.as_secs())]
    TimeExhausted {
        /// Time in which it tried to connect, since the count began.
        elapsed: Duration,
        /// The last failure.
        failure: Failure,
    },
    /// A function that was given to it panicked: a retry policy, a backoff, a heartbeat. (A panic
    /// of an endpoint provider, a token source or a session handshake counts as its failure.)
    #[error("a function that was given to the socket panicked")]
    Panicked,
    /// Natively: the runtime that drove it was shut down.
    #[error("the runtime that drove the socket was shut down or lacks I/O and time drivers")]
    RuntimeGone,
}
