//! The errors: one enum for each act, and [`ConnectionError`] for what befalls a connection.

pub(crate) mod answer;

pub use answer::{HandshakeFault, HttpRefusal, ProxyFault};

use crate::{CloseCode, ReadyState, printable::Printable};
use std::{sync::Arc, time::Duration};

/// Something that one of the targets cannot do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A browser lets no script set headers of the upgrade request.
    #[error(
        "a browser cannot set request headers; carry the value in the URL, a subprotocol, a cookie or the first message"
    )]
    RequestHeaders,
    /// A browser decides itself whom it trusts.
    #[error("a browser uses its own TLS settings; install the certificate authority in the browser or the system")]
    TlsSettings,
    /// A browser goes the way of its own settings, or the system's.
    #[error("a browser goes through the proxy of its own settings or the system's; set it there")]
    Proxy,
    /// A browser shows no script its pings and pongs.
    #[error("a browser neither sends nor shows pings and pongs; use a message of your own as heartbeat")]
    ControlFrames,
    /// `wss` was asked for, and the crate was built without TLS.
    #[error("wss needs TLS; enable the crate's feature `rustls` or `native-tls`")]
    Tls,
}

/// Why a socket could not be made, or not be opened.
///
/// All but [`Failed`](Self::Failed) are returned before anything is sent anywhere. URLs are
/// shown without credentials and query.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Not a URL.
    #[error("`{url}` is not a URL: {}", Printable(.reason))]
    InvalidUrl {
        /// The URL, as far as it may be shown.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A relative URL, and no page to resolve it against.
    #[error("`{url}` is relative; outside a browser a URL needs scheme and host")]
    RelativeUrl {
        /// The URL, as far as it may be shown.
        url: String,
    },
    /// A scheme other than ws, wss, http and https.
    #[error("the scheme `{scheme}` is not for WebSockets; use ws or wss")]
    UnsupportedScheme {
        /// The scheme.
        scheme: String,
    },
    /// A fragment (`#…`), even an empty one.
    #[error("`{url}` had a fragment (`#…`), which a WebSocket URL cannot have; escape a literal `#` as %23")]
    Fragment {
        /// The URL, as far as it may be shown.
        url: String,
    },
    /// A port that the fetch standard blocks, such as 25.
    #[error("port {port} belongs to another protocol and is blocked for WebSockets")]
    BlockedPort {
        /// The port.
        port: u16,
    },
    /// A subprotocol that is empty or holds a character that no HTTP token may hold.
    #[error("`{}` is not a valid subprotocol; use visible ASCII without separators or spaces", Printable(.protocol))]
    InvalidProtocol {
        /// The subprotocol.
        protocol: String,
    },
    /// A subprotocol given twice.
    #[error("the subprotocol `{protocol}` is given more than once")]
    DuplicateProtocol {
        /// The subprotocol.
        protocol: String,
    },
    /// A request header with an illegal name or value, or one that the handshake itself sets.
    /// The value is not shown.
    #[error("the request header `{name}` {reason}")]
    InvalidHeader {
        /// The header's name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not the URL of a proxy.
    #[error("`{proxy}` is no proxy: {reason}; it looks like http://user:password@host:port or socks5://host:port")]
    InvalidProxy {
        /// What was given, without credentials.
        proxy: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The browser refused to make the socket, for example an insecure one on a secure page.
    #[error("the browser refused to open `{url}`: {}", Printable(.reason))]
    Refused {
        /// The URL, as far as it may be shown.
        url: String,
        /// The browser's words.
        reason: String,
    },
    /// TLS could not be set up.
    #[error("TLS could not be set up: {}", Printable(.reason))]
    TlsSetup {
        /// What the TLS library said.
        reason: String,
    },
    /// Something that this target cannot do.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// The connection was tried, and failed. Only from
    /// [`connect`](crate::WebSocket::connect).
    #[error(transparent)]
    Failed(#[from] ConnectionError),
}

/// A connection that failed, and why.
///
/// ```
/// # eversocket_server::doctest!(async |url: String| {
/// use eversocket::{Cause, OpenError, WebSocket};
///
/// let refused = url.replace("/echo", "/script?do=http:503");
/// let Err(OpenError::Failed(error)) = WebSocket::connect(&refused).await else { panic!() };
/// match error.cause() {
///     Cause::Http(answer) => assert_eq!(answer.status(), 503),
///     Cause::Hidden => {} // in a browser
///     other => panic!("{other}"),
/// }
/// assert!(!error.to_string().contains("do=http"), "queries may hold secrets");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("connection to {url} failed: {cause}")]
pub struct ConnectionError {
    url: Arc<str>,
    cause: Arc<Cause>,
}

impl ConnectionError {
    pub(crate) fn new(url: Arc<str>, cause: Cause) -> Self {
        Self { url, cause: Arc::new(cause) }
    }

    /// Why it failed.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// The URL without credentials and query.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Why a connection failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The browser knows and, for the user's safety, does not tell scripts.
    #[error("the browser does not say why; its console may")]
    Hidden,
    /// The host's name could not be resolved.
    #[error("the name `{host}` could not be resolved: {}", Printable(.reason))]
    Dns {
        /// The host.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// Nobody listens at the port.
    #[error("connection refused; is the server running, and is the port right?")]
    Refused,
    /// Another failure of the network.
    #[error("{}", Printable(.reason))]
    Network {
        /// The kind of failure.
        kind: std::io::ErrorKind,
        /// What the system said.
        reason: String,
    },
    /// The TLS handshake failed.
    #[error("TLS failed: {}", Printable(.reason))]
    Tls {
        /// What the TLS library said.
        reason: String,
    },
    /// The proxy that leads to the server did not let the connection through.
    #[error("the proxy {proxy} {fault}")]
    Proxy {
        /// The proxy, without credentials.
        proxy: String,
        /// What it did.
        fault: ProxyFault,
    },
    /// The server answered with another status than 101.
    #[error("the server answered with HTTP status {}", .0.status())]
    Http(HttpRefusal),
    /// The server's answer to the upgrade request is not a valid one.
    #[error("the server's handshake is invalid: {0}")]
    Handshake(#[from] HandshakeFault),
    /// Not open before the deadline.
    #[error("not open after {} ms", after.as_millis())]
    ConnectTimeout {
        /// The deadline, see [`Builder::connect_timeout`](crate::Builder::connect_timeout).
        after: Duration,
    },
    /// The peer did not answer a close before the deadline.
    #[error("the peer did not answer the close within {} ms", after.as_millis())]
    CloseTimeout {
        /// The deadline, see [`Builder::close_timeout`](crate::Builder::close_timeout).
        after: Duration,
    },
    /// Closed by this side before it was open.
    #[error("closed before it was open")]
    Abandoned,
    /// The connection ended without a close frame.
    #[error("the connection ended without a close frame")]
    Disconnected,
    /// The peer broke the protocol.
    #[error("the peer broke the protocol: {}", Printable(.reason))]
    Protocol {
        /// The rule that was broken.
        reason: String,
    },
    /// A text message or a close reason was not UTF-8.
    #[error("a text from the peer is not valid UTF-8")]
    InvalidUtf8,
    /// A message exceeded the limit.
    #[error("a message exceeds the limit of {limit} bytes; see Builder::max_message_size")]
    MessageTooBig {
        /// The limit in bytes.
        limit: usize,
    },
    /// In a browser: the owner reads too slowly, and the inbox is full.
    #[error(
        "messages arrive faster than they are read, and the inbox of {capacity} bytes is full; see Builder::inbox_capacity"
    )]
    InboxFull {
        /// The inbox's bound in bytes.
        capacity: usize,
    },
    /// Natively: the runtime that drove the connection was shut down.
    #[error("the runtime that drove the connection was shut down or lacks I/O and time drivers")]
    RuntimeGone,
}

/// Why nothing was sent.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The connection is not open. In a browser, `send` throws while connecting, and discards
    /// the message without a word once closing; here it is this error in each case.
    #[error("not sent, the socket is {state:?} and not Open")]
    NotOpen {
        /// The state it is in.
        state: ReadyState,
    },
    /// Too much waits to be sent already.
    #[error("not sent, {buffered} bytes of at most {limit} wait to be sent already; see Builder::max_buffered_amount")]
    BufferFull {
        /// What waits, in bytes.
        buffered: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A ping's or pong's payload exceeds 125 bytes.
    #[error("not sent, a ping or pong carries at most 125 bytes, not {length}")]
    ControlTooLong {
        /// The payload's length in bytes.
        length: usize,
    },
    /// Something that this target cannot do.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// In a browser a socket belongs to the thread that made it.
    #[error("not sent, in a browser a socket can only be used on the thread that made it")]
    WrongThread,
    /// The browser refused the message.
    #[error("not sent, the browser refused it: {}", Printable(.reason))]
    Refused {
        /// The browser's words.
        reason: String,
    },
}

/// Why a close was not begun.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloseError {
    /// A code that applications may not send.
    #[error("{code} may not be sent; use 1000 or 3000 to 4999")]
    InvalidCode {
        /// The code.
        code: CloseCode,
    },
    /// A reason over 123 bytes of UTF-8.
    #[error("a close reason has at most 123 bytes, not {length}")]
    ReasonTooLong {
        /// The reason's length in bytes.
        length: usize,
    },
    /// In a browser a socket belongs to the thread that made it.
    #[error("not closed, in a browser a socket can only be used on the thread that made it")]
    WrongThread,
}

/// Why a blob could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// Not UTF-8, from [`Blob::text`](crate::Blob::text).
    #[error("the blob is not valid UTF-8")]
    InvalidUtf8,
    /// In a browser a blob belongs to the thread that received it.
    #[error("in a browser a blob can only be used on the thread that received it")]
    WrongThread,
    /// The browser could not read it, for example a file that has changed since.
    #[error("the browser could not read the blob: {reason}")]
    Unreadable {
        /// The browser's words.
        reason: String,
    },
}
