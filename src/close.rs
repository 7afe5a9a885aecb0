//! Close codes and reasons (RFC 6455 section 7.4, the IANA registry, and what the WHATWG
//! standard lets an application send).

use crate::{CloseError, Text, printable::Printable};
use std::fmt;

/// The longest reason, in bytes of UTF-8: a control frame carries 125, the code takes two.
const REASON_LIMIT: usize = 123;

/// A close code, a number with names for the registered ones.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::CloseCode;
///
/// assert_eq!(CloseCode::GOING_AWAY, CloseCode(1001));
/// assert_eq!(CloseCode(1011).name(), Some("internal error"));
/// assert_eq!(CloseCode(4000).to_string(), "4000");
/// assert_eq!(CloseCode::NORMAL.to_string(), "1000 (normal closure)");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CloseCode(pub u16);

macro_rules! close_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        impl CloseCode {
            $($(#[$doc])* pub const $name: Self = Self($code);)*

            /// The registered name, if the code has one.
            pub fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($code => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

close_codes! {
    /// 1000: the purpose of the connection is fulfilled.
    NORMAL = 1000, "normal closure";
    /// 1001: the server is going down, or the page is being left.
    GOING_AWAY = 1001, "going away";
    /// 1002: the peer broke the protocol.
    PROTOCOL_ERROR = 1002, "protocol error";
    /// 1003: a kind of data that the peer cannot accept.
    UNSUPPORTED_DATA = 1003, "unsupported data";
    /// 1005: the close frame carried no code. Never on the wire.
    NO_STATUS = 1005, "no status received";
    /// 1006: the connection ended without a close frame. Never on the wire.
    ABNORMAL = 1006, "abnormal closure";
    /// 1007: data that does not fit the message's type, such as text that is not UTF-8.
    INVALID_PAYLOAD = 1007, "invalid frame payload data";
    /// 1008: a policy was violated; the general refusal.
    POLICY_VIOLATION = 1008, "policy violation";
    /// 1009: a message too big to process.
    MESSAGE_TOO_BIG = 1009, "message too big";
    /// 1010: the client expected an extension that the server did not negotiate.
    MANDATORY_EXTENSION = 1010, "mandatory extension";
    /// 1011: the server met a condition that it did not expect.
    INTERNAL_ERROR = 1011, "internal error";
    /// 1012: the server restarts; come back after a random delay of 5 to 30 seconds.
    SERVICE_RESTART = 1012, "service restart";
    /// 1013: the server is overloaded; come back later.
    TRY_AGAIN_LATER = 1013, "try again later";
    /// 1014: a gateway received an invalid answer from upstream.
    BAD_GATEWAY = 1014, "bad gateway";
    /// 1015: the TLS handshake failed. Never on the wire.
    TLS_HANDSHAKE = 1015, "TLS handshake failed";
    /// 3000: the endpoint needs authorisation.
    UNAUTHORIZED = 3000, "unauthorized";
    /// 3003: the endpoint is authorised, and forbidden.
    FORBIDDEN = 3003, "forbidden";
    /// 3008: the endpoint took too long.
    TIMEOUT = 3008, "timeout";
}

impl CloseCode {
    /// Whether an application may send it: 1000, or 3000 to 4999 (the `close` method of the
    /// WHATWG standard). Other codes belong to the protocol itself.
    pub fn is_sendable(self) -> bool {
        matches!(self.0, 1000 | 3000..=4999)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(formatter, "{} ({name})", self.0),
            None => write!(formatter, "{}", self.0),
        }
    }
}

impl From<u16> for CloseCode {
    fn from(code: u16) -> Self {
        Self(code)
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.0
    }
}

impl PartialEq<u16> for CloseCode {
    fn eq(&self, other: &u16) -> bool {
        self.0 == *other
    }
}

/// A code and a reason that have passed the standard's checks and may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CloseFrame {
    code: CloseCode,
    reason: Text,
}

impl CloseFrame {
    /// Checks a code and a reason; the code first, as the standard does.
    pub(crate) fn new(code: impl Into<CloseCode>, reason: impl Into<Text>) -> Result<Self, CloseError> {
        let (code, reason) = (code.into(), reason.into());
        if !code.is_sendable() {
            return Err(CloseError::InvalidCode { code });
        }
        if reason.len() > REASON_LIMIT {
            return Err(CloseError::ReasonTooLong { length: reason.len() });
        }
        Ok(Self { code, reason })
    }

    /// Code 1000 and no reason.
    pub(crate) fn normal() -> Self {
        Self { code: CloseCode::NORMAL, reason: Text::default() }
    }

    /// The code.
    pub(crate) fn code(&self) -> CloseCode {
        self.code
    }

    /// The reason, possibly empty.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseEvent {
    /// The code in the close frame that the peer sent; [`CloseCode::NO_STATUS`] if that frame
    /// had none, [`CloseCode::ABNORMAL`] if no valid close frame came.
    pub code: CloseCode,
    /// The reason in the peer's close frame, or an empty string.
    pub reason: String,
    /// Whether both sides sent a close frame.
    pub was_clean: bool,
}

impl CloseEvent {
    pub(crate) fn abnormal() -> Self {
        Self { code: CloseCode::ABNORMAL, reason: String::new(), was_clean: false }
    }

    pub(crate) fn new(code: u16, reason: String, was_clean: bool) -> Self {
        Self { code: CloseCode(code), reason, was_clean }
    }
}

impl fmt::Display for CloseEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "closed {}", if self.was_clean { "cleanly" } else { "uncleanly" })?;
        write!(formatter, " with code {}", self.code)?;
        if !self.reason.is_empty() {
            write!(formatter, ": {}", Printable(&self.reason))?;
        }
        Ok(())
    }
}
