//! The options of a connection.

use super::{Handle, WebSocket, gate::Marks};
use crate::{
    BinaryType, OpenError, Proxy, Tls,
    address::{Address, check_header, check_protocols},
    backend::{Backpressure, Link, Request, Wants},
    channel::Channel,
};
use std::{sync::Arc, time::Duration};

pub(crate) const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
pub(crate) const DEFAULT_TCP_KEEP_ALIVE: Duration = Duration::from_secs(45);
pub(crate) const DEFAULT_CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const DEFAULT_MAX_MESSAGE_SIZE: usize = 64 << 20;
pub(crate) const DEFAULT_INBOX_CAPACITY: usize = 16 << 20;
const DEFAULT_MAX_BUFFERED_AMOUNT: u64 = 64 << 20;
const DEFAULT_HIGH_WATER_MARK: u64 = 1 << 20;

/// Options for a connection; made by [`WebSocket::builder`].
///
/// ```
/// # eversocket_server::doctest!(async |url: String| {
/// use eversocket::WebSocket;
/// use std::time::Duration;
///
/// let socket = WebSocket::builder(&url)
///     .protocols(["chat.v2", "chat.v1"])
///     .connect_timeout(Duration::from_secs(5))
///     .max_message_size(1 << 20)
///     .connect()
///     .await?;
/// assert_eq!(socket.protocol(), "chat.v2");
/// # Ok(()) });
/// ```
#[must_use = "a builder does nothing until `open` or `connect`"]
pub struct Builder {
    url: String,
    /// What was wrong first with protocols and headers. They are looked at when they are given, so
    /// that in a browser who gives none does not have the code for it.
    fault: Option<OpenError>,
    binary_type: BinaryType,
    inbox_capacity: usize,
    max_buffered_amount: u64,
    high_water_mark: u64,
    low_water_mark: Option<u64>,
    request: Request,
}

impl Builder {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            fault: None,
            binary_type: BinaryType::default(),
            inbox_capacity: DEFAULT_INBOX_CAPACITY,
            max_buffered_amount: DEFAULT_MAX_BUFFERED_AMOUNT,
            high_water_mark: DEFAULT_HIGH_WATER_MARK,
            low_water_mark: None,
            request: Request {
                protocols: Vec::new(),
                headers: Vec::new(),
                tls: None,
                proxy: None,
                tcp_keep_alive: Some(DEFAULT_TCP_KEEP_ALIVE),
                connect_timeout: Some(DEFAULT_CONNECT_TIMEOUT),
                close_timeout: DEFAULT_CLOSE_TIMEOUT,
                max_message_size: DEFAULT_MAX_MESSAGE_SIZE,
                backpressure: Backpressure::default(),
                #[cfg(feature = "deflate")]
                deflate: None,
                control_frames: false,
                #[cfg(feature = "test-kit")]
                network: None,
            },
        }
    }

    /// Offers subprotocols, the preferred one first, beside those offered before. Default:
    /// none. A server that is offered some must choose one of them.
    pub fn protocols<P: Into<String>>(mut self, protocols: impl IntoIterator<Item = P>) -> Self {
        self.request.protocols.extend(protocols.into_iter().map(Into::into));
        let checked = check_protocols(&self.request.protocols);
        self.note(checked)
    }

    /// Adds a header to the upgrade request; natively only.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        let checked = check_header(&name, &value);
        self.request.headers.push((name, value));
        self.note(checked)
    }

    /// All of them, with what was found wrong with them.
    pub(crate) fn offering(
        mut self,
        (protocols, headers): (Vec<String>, Vec<(String, String)>),
        checked: Result<(), OpenError>,
    ) -> Self {
        (self.request.protocols, self.request.headers) = (protocols, headers);
        self.note(checked)
    }

    fn note(mut self, checked: Result<(), OpenError>) -> Self {
        self.fault = self.fault.or(checked.err());
        self
    }

    /// How the peer of a wss connection is verified; natively only. Default:
    /// [`Tls::platform`].
    pub fn tls(mut self, tls: Tls) -> Self {
        self.request.tls = Some(tls);
        self
    }

    /// Which proxy the connection goes through; natively only. Default:
    /// [`Proxy::from_environment`].
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.request.proxy = Some(proxy);
        self
    }

    /// How long nothing may come before TCP itself asks whether the peer is there, and how often it
    /// asks; natively only, a browser has its own. Default: 45 s, as Chrome; `None` for never. It keeps
    /// a path through routers open, and shows the system a peer that is gone; a
    /// [heartbeat](crate::reconnect::Heartbeat) shows a server that hangs.
    pub fn tcp_keep_alive(mut self, period: impl Into<Option<Duration>>) -> Self {
        self.request.tcp_keep_alive = period.into();
        self
    }

    /// How incoming binary messages are handed out. Default:
    /// [`ArrayBuffer`](BinaryType::ArrayBuffer), on both targets.
    pub fn binary_type(mut self, binary_type: BinaryType) -> Self {
        self.binary_type = binary_type;
        self
    }

    /// How long name resolution, dialling, TLS and the handshake may take together. Default:
    /// 20 s, as gRPC's minimum; `None` leaves it to the system or the browser.
    pub fn connect_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.request.connect_timeout = timeout.into();
        self
    }

    /// How long the peer may take to answer a close, after which the connection is cut and
    /// the close event carries code 1006. Default: 10 s.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.request.close_timeout = timeout;
        self
    }

    /// The largest incoming message in bytes; a larger one fails the connection with
    /// [`Cause::MessageTooBig`](crate::Cause::MessageTooBig). Default: 64 MiB.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.request.max_message_size = bytes;
        self
    }

    /// How much may wait to be read, in bytes of payload and a small constant an event; see
    /// [`WebSocket`] for what happens when it is full. Default: 16 MiB. An empty inbox takes
    /// any message that is not over its own limit.
    pub fn inbox_capacity(mut self, bytes: usize) -> Self {
        self.inbox_capacity = bytes;
        self
    }

    /// Whether in a browser too the server has to wait while the inbox is full, as it does natively. It
    /// takes a `WebSocketStream`, which is looked for when the socket is opened: Chromium has one,
    /// Firefox and Safari do not yet, and get the usual `WebSocket`.
    /// [`has_backpressure`](crate::Handle::has_backpressure) tells. Default: no.
    ///
    /// Events, errors and close codes are the same. It costs a promise or two for each message; a
    /// blob is read before it is sent, and one that cannot be read fails the connection; and when the
    /// connection breaks, what the browser has and nobody has read, a message or two, is lost with it.
    ///
    /// It is meant for who receives much and sends little: when the connection breaks while
    /// megabytes wait that the server does not take, the tab crashes in Chromium (156, by the browser's
    /// own interface alone; neither catching nor closing first avoids it).
    pub fn backpressure(self, wanted: bool) -> Self {
        self.backpressure_by(Backpressure::wanted(wanted))
    }

    /// As [`backpressure`](Self::backpressure), without linking what it takes.
    pub(crate) fn backpressure_by(mut self, backpressure: Backpressure) -> Self {
        self.request.backpressure = backpressure;
        self
    }

    /// How much may wait to be sent, in bytes of payload; beyond that `send` returns
    /// [`SendError::BufferFull`](crate::SendError::BufferFull). Default: 64 MiB. A single message
    /// of any size can be sent when nothing else waits. Who waits for
    /// [`ready`](crate::Handle::ready) never comes near it.
    pub fn max_buffered_amount(mut self, bytes: u64) -> Self {
        self.max_buffered_amount = bytes;
        self
    }

    /// From how many buffered bytes on [`ready`](crate::Handle::ready) and the `Sink` wait. Default:
    /// 1 MiB, and never more than [`max_buffered_amount`](Self::max_buffered_amount).
    pub fn high_water_mark(mut self, bytes: u64) -> Self {
        self.high_water_mark = bytes;
        self
    }

    /// Down to how many buffered bytes [`ready`](crate::Handle::ready) and the `Sink` wait, once they
    /// do: below the high mark, so that a producer goes on for a while rather than message by message.
    /// Default: half of the high mark.
    pub fn low_water_mark(mut self, bytes: u64) -> Self {
        self.low_water_mark = Some(bytes);
        self
    }

    /// Offers to compress messages; natively. Default: no. A browser offers it always, by options of
    /// its own.
    #[cfg(feature = "deflate")]
    #[cfg_attr(docsrs, doc(cfg(feature = "deflate")))]
    pub fn deflate(mut self, options: impl Into<Option<crate::Deflate>>) -> Self {
        self.request.deflate = options.into();
        self
    }

    /// Whether [`Event::Ping`](crate::Event::Ping) and [`Event::Pong`](crate::Event::Pong)
    /// are handed out; natively only. Default: no.
    pub fn control_frames(mut self, observed: bool) -> Self {
        self.request.control_frames = observed;
        self
    }

    /// Connects through a network that a test scripts, in place of the real one.
    #[cfg(feature = "test-kit")]
    pub fn network(mut self, network: crate::test_kit::Network) -> Self {
        self.request.network = Some(network);
        self
    }

    /// Checks all that can be checked beforehand.
    pub(crate) fn check(&mut self) -> Result<Address, OpenError> {
        let address = Address::parse(&self.url)?;
        self.fault.take().map_or(Ok(()), Err)?;
        Link::check_support(&Wants {
            secure: address.is_secure(),
            headers: !self.request.headers.is_empty(),
            tls_settings: self.request.tls.is_some(),
            proxy: self.request.proxy.is_some(),
            control_frames: self.request.control_frames,
        })?;
        Ok(address)
    }

    /// Begins to connect, and returns at once, in state
    /// [`Connecting`](crate::ReadyState::Connecting).
    ///
    /// # Errors
    ///
    /// Bad input, on both targets the same and before anything is sent: a URL, subprotocol or
    /// header that is not allowed, a blocked port, or an option that this target or this
    /// build does not have ([`OpenError::Unsupported`]).
    pub fn open(mut self) -> Result<WebSocket, OpenError> {
        let address = self.check()?;
        let channel = Arc::new(Channel::new(address, self.binary_type, self.inbox_capacity));
        let link = Link::open(self.request, &channel)?;
        let marks = Marks::new(self.high_water_mark.min(self.max_buffered_amount), self.low_water_mark);
        Ok(WebSocket::from_handle(Handle::new(channel, link, self.max_buffered_amount, marks)))
    }

    /// Connects, and waits until the connection is open.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), or [`OpenError::Failed`] with the cause.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt.
    pub async fn connect(self) -> Result<WebSocket, OpenError> {
        self.open()?.opened().await
    }
}

impl std::fmt::Debug for Builder {
    /// Without the URL and the headers' values, which may hold secrets.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let headers: Vec<&str> = self.request.headers.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("Builder")
            .field("protocols", &self.request.protocols)
            .field("headers", &headers)
            .field("tls", &self.request.tls)
            .field("proxy", &self.request.proxy)
            .field("tcp_keep_alive", &self.request.tcp_keep_alive)
            .field("binary_type", &self.binary_type)
            .field("connect_timeout", &self.request.connect_timeout)
            .field("close_timeout", &self.request.close_timeout)
            .field("max_message_size", &self.request.max_message_size)
            .field("inbox_capacity", &self.inbox_capacity)
            .field("backpressure", &self.request.backpressure)
            .field("max_buffered_amount", &self.max_buffered_amount)
            .field("high_water_mark", &self.high_water_mark)
            .field("low_water_mark", &self.low_water_mark)
            .field("control_frames", &self.request.control_frames)
            .finish_non_exhaustive()
    }
}
