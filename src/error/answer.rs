//! What a server, or a proxy before it, did in place of opening a connection.

use crate::{platform::parse_http_date, printable::Printable};
use bytes::Bytes;
use std::{fmt, sync::Arc, time::Duration};

/// What a proxy did in place of letting a connection through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyFault {
    /// It could not be reached, or the connection to it broke.
    #[error("cannot be reached: {}", Printable(.reason))]
    Unreachable {
        /// What the system said.
        reason: String,
    },
    /// It wants credentials, or others than those in its URL.
    #[error("wants credentials, or others; they stand in its URL, after its scheme: user:password@host:port")]
    Unauthorized,
    /// An HTTP proxy answered with a status that is no success.
    #[error("answered with HTTP status {status}")]
    Http {
        /// The status.
        status: u16,
    },
    /// A SOCKS proxy answered with a reply that is no success.
    #[error("{}", socks_reply(*.reply))]
    Socks {
        /// The reply (RFC 1928 section 6).
        reply: u8,
    },
    /// The environment names it by a value that is no proxy's URL.
    #[error("is named so by the environment, where {reason}; mend the variable, or choose `Proxy::none`")]
    Misnamed {
        /// What is wrong with the value.
        reason: &'static str,
    },
    /// It does not speak the protocol that it is said to speak.
    #[error("does not speak its protocol: {}", Printable(.reason))]
    Invalid {
        /// What is wrong with its answer.
        reason: String,
    },
}

/// RFC 1928 section 6.
fn socks_reply(reply: u8) -> &'static str {
    match reply {
        2 => "does not allow the connection by its rules",
        3 => "cannot reach the server's network",
        4 => "cannot reach the server, or resolve its name",
        5 => "was refused by the server; is it running, and is the port right?",
        6 => "got no answer from the server in time",
        7 | 8 => "does not make connections of that kind",
        _ => "failed to connect to the server",
    }
}

/// What is wrong with a server's answer to the upgrade request (RFC 6455 section 4.1, WHATWG
/// "establish a WebSocket connection").
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeFault {
    /// Not HTTP, or an older version than 1.1.
    #[error("not an HTTP/1.1 answer: {}", Printable(.reason))]
    NotHttp {
        /// What is wrong with it.
        reason: String,
    },
    /// More bytes than an answer may have.
    #[error("the answer's head exceeds {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The connection ended before the answer did.
    #[error("the connection ended before the answer did")]
    Incomplete,
    /// `Upgrade: websocket` is missing.
    #[error("the header `Upgrade: websocket` is missing")]
    MissingUpgrade,
    /// `Connection: Upgrade` is missing.
    #[error("the header `Connection: Upgrade` is missing")]
    MissingConnection,
    /// The proof that the server understood the request is missing or wrong.
    #[error("the header `Sec-WebSocket-Accept` is missing or wrong")]
    WrongAcceptKey,
    /// The server chose a subprotocol that was not offered.
    #[error("the server chose the subprotocol `{}`, which was not offered", Printable(.protocol))]
    UnofferedProtocol {
        /// The server's choice.
        protocol: String,
    },
    /// Subprotocols were offered, and the server chose none.
    #[error("the server chose none of the offered subprotocols")]
    NoProtocolChosen,
    /// The server answers the offer of an extension by what does not fit it.
    #[error("the server's answer `{}` does not fit the extension that was offered", Printable(.extension))]
    UnfitExtension {
        /// The server's header.
        extension: String,
    },
    /// The server uses an extension that was not offered.
    #[error("the server uses the extension `{}`, which was not offered", Printable(.extension))]
    UnofferedExtension {
        /// The server's header.
        extension: String,
    },
}

/// An HTTP answer other than 101 (native only; a browser hides it).
///
/// `Debug` shows header names without values, which may be secrets.
#[derive(Clone, PartialEq)]
pub struct HttpRefusal(Arc<HttpAnswer>);

#[derive(PartialEq)]
struct HttpAnswer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
    retry_after: Option<RetryAfter>,
}

/// What `Retry-After` asks for (RFC 9110, 10.2.3).
#[derive(Debug, Clone, Copy, PartialEq)]
enum RetryAfter {
    Delay(Duration),
    /// Since the Unix epoch.
    Date(Duration),
}

impl RetryAfter {
    fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Delay(value.parse().map_or(Duration::MAX, Duration::from_secs)));
        }
        parse_http_date(value).map(Self::Date)
    }
}

impl HttpRefusal {
    #[allow(dead_code, reason = "a browser shows no answers")]
    pub(crate) fn new(status: u16, headers: Vec<(String, String)>, body: Bytes) -> Self {
        let mut refusal = HttpAnswer { status, headers, body, retry_after: None };
        let value = refusal.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
        refusal.retry_after = value.and_then(|(_, value)| RetryAfter::parse(value));
        Self(Arc::new(refusal))
    }

    /// For how long the server asks to wait, at this time by the wall clock.
    pub(crate) fn retry_after(&self, wall: Duration) -> Option<Duration> {
        match self.0.retry_after? {
            RetryAfter::Delay(delay) => Some(delay),
            RetryAfter::Date(date) => Some(date.saturating_sub(wall)),
        }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The first header of this name, in whatever case, such as `Retry-After`. Bytes that are
    /// not UTF-8 are replaced.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(candidate, _)| candidate.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All headers, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The body, as far as it came within half a second after the head; at most 16 KiB.
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }
}

impl fmt::Debug for HttpRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers().map(|(name, _)| name).collect();
        formatter.debug_struct("HttpRefusal").field("status", &self.status()).field("headers", &names).finish()
    }
}
