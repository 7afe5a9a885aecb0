//! A token, and why one is asked for.

use std::{fmt, time::Duration};

/// A secret that the server takes for who the user is. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub(super) secret: String,
    pub(super) expires_in: Option<Duration>,
}

impl Token {
    /// A token that is used until the server refuses it.
    pub fn new(secret: impl Into<String>) -> Self {
        Self { secret: secret.into(), expires_in: None }
    }

    /// How long it is valid, counted from when the source returns it or
    /// [`replace`](super::Credentials::replace) is called. Time in which the computer sleeps counts
    /// too. It is renewed a little earlier, see
    /// [`renew_before`](super::Credentials::renew_before).
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.expires_in = Some(time);
        self
    }
}

impl From<String> for Token {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

impl From<&str> for Token {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Token").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// Why a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenRequest {
    /// There is none yet, or the one there was has been
    /// [invalidated](super::Credentials::invalidate).
    First,
    /// The one there is has expired or is about to, whether or not the server noticed first.
    Expired,
    /// The server refused the one there is before its expiry.
    Refused,
}
