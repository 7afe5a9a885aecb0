//! The options of a reconnecting socket.

use super::{
    Attempt, Backoff, BoxError, Credentials, Endpoint, Heartbeat, Overflow, ReconnectingWebSocket, RetryPolicy,
    Session,
    backoff::Delay,
    clock::Clock,
    core::Core,
    credentials::Authenticate,
    driver::{Driver, Hooks, LinkOptions, Provider},
    endpoint::Provide,
    machine::{Capacity, Machine, Retain, Retention, Rules},
    policy::Retrying,
    session::Greet,
};
use crate::{
    BinaryType, OpenError, Proxy, Tls,
    backend::Backpressure,
    platform::{MaybeSend, random_seed, spawn},
};
use std::{fmt, future::Future, sync::Arc, time::Duration};

/// Options of a reconnecting socket; made by [`ReconnectingWebSocket::builder`] and
/// [`ReconnectingWebSocket::with_endpoint`].
///
/// ```
/// # eversocket_server::doctest!(async |url: String| {
/// use eversocket::{ReconnectingWebSocket, reconnect::{Backoff, Decision, Heartbeat, Overflow, RetryPolicy}};
/// use std::time::Duration;
///
/// let mut socket = ReconnectingWebSocket::builder(&url)
///     .backoff(Backoff::exponential(Duration::from_millis(500), Duration::from_secs(60)))
///     .retry(RetryPolicy::new().on_code(4000, Decision::Stop))
///     .max_elapsed(Duration::from_secs(3600))
///     .heartbeat(Heartbeat::default().message(|| "ping", |answer| answer.as_text() == Some("pong")))
///     .queue_capacity(1_000, 1 << 20)
///     .overflow(Overflow::DropOldest)
///     .open()?;
/// socket.opened().await?;
/// # Ok(()) });
/// ```
#[must_use = "a builder does nothing until `open`"]
pub struct Builder {
    provider: Provider,
    credentials: Option<Box<dyn Authenticate>>,
    session: Option<Box<dyn Greet>>,
    heartbeat: Option<Heartbeat>,
    backoff: Backoff,
    seed: Option<u64>,
    page_events: bool,
    policy: RetryPolicy,
    clock: Clock,
    rules: Rules,
    link: LinkOptions,
}

impl Builder {
    pub(crate) fn fixed(url: &str) -> Self {
        Self::new(Provider::Fixed(Endpoint::new(url)))
    }

    pub(crate) fn asked<Answer, E>(provider: impl FnMut(Attempt) -> Answer + MaybeSend + 'static) -> Self
    where
        Answer: Future<Output = Result<E, BoxError>> + MaybeSend + 'static,
        E: Into<Endpoint> + 'static,
    {
        let provider: Box<dyn Provide> = Box::new(super::endpoint::from_function(provider));
        Self::new(Provider::Asked(provider))
    }

    fn new(provider: Provider) -> Self {
        Self {
            provider,
            credentials: None,
            session: None,
            heartbeat: Some(Heartbeat::default()),
            backoff: Backoff::default(),
            seed: None,
            page_events: true,
            policy: RetryPolicy::default(),
            clock: Clock::default(),
            rules: Rules::default(),
            link: LinkOptions::default(),
        }
    }

    /// The delays between attempts. Default: exponential, 0.1 s to 30 s, full jitter (the AWS
    /// article's advice).
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// What follows from which failure. Default: the table of [`RetryPolicy`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Makes the delays the same in each run, for tests. Default: chance.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How many attempts may fail in a row, the first among them. An attempt counts once it has failed,
    /// or its connection was lost before it was [stable](Self::stable_after); not when you or the page
    /// end it. 0 counts as 1. Default: no limit.
    pub fn max_attempts(mut self, attempts: impl Into<Option<u32>>) -> Self {
        self.rules.max_attempts = attempts.into();
        self
    }

    /// How long it may try without a stable connection. Time in which nothing is tried is not counted:
    /// paused, offline, or with the page hidden or in the back-forward cache. It is looked at when an
    /// attempt has failed: the socket ends if the next delay would go beyond it, and an attempt under way is
    /// not cut short. Time in which the computer sleeps is not counted. Default: no limit.
    pub fn max_elapsed(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.rules.max_elapsed = time.into();
        self
    }

    /// How long a connection must last for attempts, delays and [time](Self::max_elapsed) to begin anew;
    /// they also do with [`reconnect_now`](super::Handle::reconnect_now) and the end of a pause. Default: 10 s; a
    /// server that accepts and closes at once is not asked again and again without delay.
    pub fn stable_after(mut self, time: Duration) -> Self {
        self.rules.stable_after = time;
        self
    }

    /// How long an attempt waits for the endpoint provider and the token source together, from when
    /// it asks. The source goes on in the background, and its token is kept; see
    /// [`Credentials::fetch_timeout`]. Default: 10 s.
    pub fn provider_timeout(mut self, timeout: Duration) -> Self {
        self.rules.provide_timeout = timeout;
        self
    }

    /// How long connecting may take, from name resolution to the end of the upgrade. Default:
    /// 20 s, as gRPC's minimum; `None` leaves it to the system or the browser.
    pub fn connect_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.rules.connect_timeout = timeout.into();
        self
    }

    /// How long the session handshake may take. Default: 10 s.
    pub fn session_timeout(mut self, timeout: Duration) -> Self {
        self.rules.handshake_timeout = timeout;
        self
    }

    /// How long sending what is queued and the closing handshake may take together, after
    /// [`close`](super::Handle::close). Default: 10 s, as Python's `websockets`.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.rules.close_timeout = timeout;
        self.link.close_timeout = timeout;
        self
    }

    /// Tokens, and how they travel. Default: none.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(Box::new(credentials));
        self
    }

    /// Runs a function on each new connection before messages flow: a login, an initialisation
    /// and its acknowledgement, a resumption. Its errors count as failed attempts, or as final by
    /// [`GiveUp`](super::GiveUp), or as a refusal of the credentials by
    /// [`Unauthorized`](super::Unauthorized). Default: none.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::{ReconnectingWebSocket, reconnect::Session};
    ///
    /// let mut socket = ReconnectingWebSocket::builder(&url)
    ///     .session(|mut session: Session| async move {
    ///         session.send("init")?;
    ///         match session.next_message().await {
    ///             Some(answer) if answer.as_text() == Some("init") => Ok(()),
    ///             other => Err(format!("{other:?} in place of an acknowledgement").into()),
    ///         }
    ///     })
    ///     .open()?;
    /// socket.opened().await?;
    /// # Ok(()) });
    /// ```
    pub fn session<Done>(mut self, greet: impl FnMut(Session) -> Done + MaybeSend + 'static) -> Self
    where
        Done: Future<Output = Result<(), BoxError>> + MaybeSend + 'static,
    {
        self.session = Some(Box::new(greet));
        self
    }

    /// How it is noticed that the peer is gone without a word. Default: natively a ping every
    /// 20 s with a limit of 20 s, as Python's `websockets`; in a browser nothing, unless the
    /// heartbeat has a [message](Heartbeat::message). `None` switches it off.
    pub fn heartbeat(mut self, heartbeat: impl Into<Option<Heartbeat>>) -> Self {
        self.heartbeat = heartbeat.into();
        self
    }

    /// How many messages, and how many bytes of them, may wait for a connection; an empty queue
    /// takes a message of any size, also where the capacity is 0. Default: 65 536 messages, 16 MiB.
    pub fn queue_capacity(mut self, messages: usize, bytes: u64) -> Self {
        self.rules.capacity = Capacity { messages, bytes };
        self
    }

    /// Keeps the contents of messages that were handed over until the peer's application is known to have
    /// them, so that [`take_unknown`](super::Handle::take_unknown) can give you those that were lost with
    /// their connection: up to this many bytes in all, payload and a small constant a message, the newest.
    /// Default: 0, none.
    pub fn retain_unknown(mut self, bytes: u64) -> Self {
        self.rules.retention = (bytes > 0).then(|| Box::new(Retention::new(bytes)) as Box<dyn Retain>);
        self
    }

    /// What happens when the queue is full. Default: [`Overflow::Wait`].
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.rules.overflow = overflow;
        self
    }

    /// How many bytes may lie in the transport's buffer while more wait in the queue. What has left
    /// the queue is of unknown fate if the connection is lost, also what had not left this machine;
    /// what is in the queue is surely unsent. Default: 1 MiB.
    pub fn transport_buffer(mut self, bytes: u64) -> Self {
        self.link.transport_buffer = bytes.max(1);
        self
    }

    /// How much may wait to be read, in bytes of payload and a small constant a message. Beyond
    /// that nothing is read from the connection, so that natively the server waits; in a browser
    /// the connection's own inbox, of the same size, fills and fails it, unless it has
    /// [`backpressure`](Self::backpressure). What had arrived when a connection is lost is read
    /// nevertheless, up to 16 MiB more than this; of more the rest is given up, and the next
    /// [`Gap`](super::Gap) tells that something may be missing. Default: 16 MiB.
    pub fn inbox_capacity(mut self, bytes: usize) -> Self {
        self.link.inbox_capacity = bytes;
        self
    }

    /// Whether the server is to wait while the inbox is full, in a browser that can have that; for every
    /// connection. See [`Builder::backpressure`](crate::Builder::backpressure). Default: no.
    pub fn backpressure(mut self, wanted: bool) -> Self {
        self.link.backpressure = Backpressure::wanted(wanted);
        self
    }

    /// Whether the browser's news count: no attempts while it says that it is offline, a new one
    /// or a heartbeat when it is online again, shown again, or thawed; the connection let go when
    /// the page is left for the back-forward cache. Natively there are none, and an application tells
    /// what it knows by [`network_changed`](super::Handle::network_changed),
    /// [`set_online`](super::Handle::set_online) and
    /// [`set_foreground`](super::Handle::set_foreground), whatever this option says. Default: yes.
    pub fn page_events(mut self, count: bool) -> Self {
        self.page_events = count;
        self
    }

    /// How long a page may be hidden, or an application in the
    /// [background](super::Handle::set_foreground), before its connection is let go; when it is back,
    /// a new one is made. Default: no limit.
    pub fn hidden_limit(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.rules.hidden_limit = limit.into();
        self
    }

    /// How often the clocks are looked at, to notice that the computer slept; then a wait is over
    /// at once, and an open connection is asked for a sign of life. 1 ms at least. Default: every 10 s; `None`
    /// looks only when something happens.
    pub fn clock_check(mut self, period: impl Into<Option<Duration>>) -> Self {
        self.rules.clock_check = period.into();
        self
    }

    /// Offers these subprotocols on every connection; see
    /// [`Builder::protocols`](crate::Builder::protocols). Default: none.
    pub fn protocols<P: Into<String>>(mut self, protocols: impl IntoIterator<Item = P>) -> Self {
        protocols.into_iter().for_each(|protocol| self.link.offers.protocol(protocol.into()));
        self
    }

    /// Adds a header to every upgrade request; natively only. See
    /// [`Builder::header`](crate::Builder::header).
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.link.offers.header(name.into(), value.into());
        self
    }

    /// How the peer of every wss connection is verified; natively only. See
    /// [`Builder::tls`](crate::Builder::tls). Default: by the platform.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.link.tls = Some(tls);
        self
    }

    /// The proxy that every connection goes through; natively only. See
    /// [`Builder::proxy`](crate::Builder::proxy). Default: the environment's.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.link.proxy = Some(proxy);
        self
    }

    /// How often TCP asks a silent peer for a sign of life; natively only. See
    /// [`Builder::tcp_keep_alive`](crate::Builder::tcp_keep_alive). Default: 45 s.
    pub fn tcp_keep_alive(mut self, period: impl Into<Option<Duration>>) -> Self {
        self.link.tcp_keep_alive = period.into();
        self
    }

    /// Whether messages are compressed, natively. See [`Builder::deflate`](crate::Builder::deflate).
    /// Default: no.
    #[cfg(feature = "deflate")]
    #[cfg_attr(docsrs, doc(cfg(feature = "deflate")))]
    pub fn deflate(mut self, options: impl Into<Option<crate::Deflate>>) -> Self {
        self.link.deflate = options.into();
        self
    }

    /// How binary messages are handed out. See [`Builder::binary_type`](crate::Builder::binary_type).
    pub fn binary_type(mut self, binary_type: BinaryType) -> Self {
        self.link.binary_type = binary_type;
        self
    }

    /// How many bytes a message may have that arrives; a longer one fails its connection. See
    /// [`Builder::max_message_size`](crate::Builder::max_message_size).
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.link.max_message_size = bytes;
        self
    }

    /// Connects through a network that a test scripts, in place of the real one.
    #[cfg(feature = "test-kit")]
    pub fn network(mut self, network: crate::test_kit::Network) -> Self {
        self.link.network = Some(network);
        self
    }

    /// Goes by a clock that a test moves, in place of the real one.
    #[cfg(feature = "test-kit")]
    pub fn clock(mut self, clock: crate::test_kit::Clock) -> Self {
        self.clock = Clock::Virtual(clock);
        self
    }

    /// Begins to connect, and returns at once. From now on the socket keeps itself connected.
    ///
    /// # Errors
    ///
    /// Bad input, on both targets the same and before anything is sent: a fixed URL,
    /// subprotocol or header that is not allowed, or an option that this target or this build
    /// does not have. What a provider gives is checked at each attempt.
    pub fn open(self) -> Result<ReconnectingWebSocket, OpenError> {
        let beats = self.heartbeat.as_ref().and_then(Heartbeat::beats);
        let heartbeat = self.heartbeat.filter(|_| beats.is_some());
        let rules = Rules {
            has_handshake: self.session.is_some(),
            can_refresh: self.credentials.is_some() || matches!(self.provider, Provider::Asked(_)),
            heartbeat: beats,
            pings: heartbeat.as_ref().is_some_and(Heartbeat::uses_ping),
            ..self.rules
        };
        let seed = self.seed.unwrap_or_else(random_seed);
        let (inbox_capacity, transport_buffer) = (self.link.inbox_capacity, self.link.transport_buffer);
        let (delay, own_delays) = Delay::new(self.backoff);
        let hooks = Hooks {
            provider: self.provider,
            credentials: self.credentials,
            session: self.session,
            heartbeat,
            retrying: Retrying::new(self.policy, own_delays),
            link: self.link,
        };
        let shown = hooks.check()?;
        let now = self.clock.now();
        let mut machine = Machine::new(rules, delay, seed, now);
        machine.start(now);
        let core = Arc::new(Core::new(machine, self.clock, inbox_capacity, transport_buffer));
        let driver = Driver::new(core.clone(), hooks, self.page_events);
        spawn(driver.run()).map_err(|error| OpenError::Refused {
            url: shown,
            reason: format!("no thread could be started for it: {error}"),
        })?;
        Ok(ReconnectingWebSocket::new_with(core))
    }
}

impl Hooks {
    /// Checks what is known beforehand; returns the URL as it may be shown.
    fn check(&self) -> Result<String, OpenError> {
        if let Some(credentials) = &self.credentials {
            credentials.check()?;
        }
        match &self.provider {
            Provider::Fixed(endpoint) => {
                let address = self.link.builder(&mut endpoint.clone(), false).check()?;
                Ok(String::from(&**address.shown()))
            }
            Provider::Asked(_) => Ok("the provided URL".to_owned()),
        }
    }
}

impl fmt::Debug for Builder {
    /// Without URL, headers and tokens, which may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.link.offers.headers().iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("Builder")
            .field("backoff", &self.backoff)
            .field("retry", &self.policy)
            .field("heartbeat", &self.heartbeat)
            .field("credentials", &self.credentials)
            .field("protocols", &self.link.offers.protocols())
            .field("headers", &headers)
            .finish_non_exhaustive()
    }
}
