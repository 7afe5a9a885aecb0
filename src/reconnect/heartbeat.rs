//! Whether the peer is still there.

use super::machine::Beats;
use crate::{Message, backend::CAN_PING};
use std::{fmt, sync::Arc, time::Duration};

/// A sign of life that is asked for again and again.
///
/// Natively it is a ping of the protocol. Scripts in a browser can send none, so that there it takes
/// a [message](Self::message) that the server answers; without one, a browser has no heartbeat.
/// Anything that arrives counts as a sign of life. If nothing arrives within
/// [a limit](Self::dead_after) after a heartbeat, the connection is closed with code 4000 and replaced.
///
/// The limit is extended where silence says nothing about the peer:
///
/// - Timers were late, which happens in background tabs and after sleep: the peer is asked once more.
/// - The network still takes what was sent before, as on a slow uplink: the heartbeat is on its way
///   behind it.
/// - The inbox is full because the owner does not read: the answer may be waiting behind it.
///
/// # What an answer proves
///
/// | heartbeat | its answer proves that what was handed over before |
/// |---|---|
/// | a ping | has reached the peer's WebSocket layer ([`Outcome::Reached`](super::Outcome::Reached)): many servers answer pings on their own, also while the application hangs |
/// | a message | was delivered to the peer's application ([`Outcome::Delivered`](super::Outcome::Delivered)), which gave the answer |
///
/// To have delivery proven natively too, use [`message_everywhere`](Self::message_everywhere), or pass
/// on your protocol's acknowledgements with [`confirm_through`](super::Handle::confirm_through).
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::reconnect::Heartbeat;
/// use std::time::Duration;
///
/// let heartbeat = Heartbeat::default()
///     .period(Duration::from_secs(10))
///     .dead_after(Duration::from_secs(5))
///     .message(|| "ping", |answer| answer.as_text() == Some("pong"));
/// # Ok(()) });
/// ```
#[derive(Clone)]
pub struct Heartbeat {
    pub(crate) period: Duration,
    pub(crate) dead_after: Duration,
    pub(crate) shape: Option<Shape>,
    pub(crate) everywhere: bool,
}

/// A heartbeat that is a message.
#[derive(Clone)]
pub(crate) struct Shape {
    beats: fn(Duration, Duration) -> Beats,
    pub(crate) make: Arc<dyn Fn() -> Message + Send + Sync>,
    pub(crate) is_answer: Arc<dyn Fn(&Message) -> bool + Send + Sync>,
}

impl Heartbeat {
    /// How often; 1 ms at least. Default: 20 s, as Python's `websockets`.
    pub fn period(mut self, period: Duration) -> Self {
        self.period = period;
        self
    }

    /// How long nothing may arrive after one; 1 ms at least. It runs from when the heartbeat is sent. Default: 20 s, as Python's `websockets`.
    pub fn dead_after(mut self, limit: Duration) -> Self {
        self.dead_after = limit;
        self
    }

    /// What a browser sends, and how you recognise the answer; answers are not handed out as messages.
    /// An answer proves that the peer's application has all that was sent before: so let the
    /// application give it, after what it read before.
    ///
    /// Each answer counts for the oldest heartbeat that has none. Your server must send one for each, and
    /// none on its own: that would be taken as proof of what it has not read.
    pub fn message<M: Into<Message>>(
        mut self,
        make: impl Fn() -> M + Send + Sync + 'static,
        is_answer: impl Fn(&Message) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.shape =
            Some(Shape { beats: Beats::every, make: Arc::new(move || make().into()), is_answer: Arc::new(is_answer) });
        self
    }

    /// Sends the [message](Self::message) natively too, in place of a ping: for servers whose
    /// proxies answer pings while they themselves are gone, and to have delivery proven.
    pub fn message_everywhere(mut self) -> Self {
        self.everywhere = true;
        self
    }
}

impl Heartbeat {
    /// Period and dead limit, where this target has a heartbeat at all.
    pub(crate) fn beats(&self) -> Option<Beats> {
        let beats = if CAN_PING { Some(Beats::every as _) } else { self.shape.as_ref().map(|shape| shape.beats) };
        beats.map(|beats: fn(Duration, Duration) -> Beats| beats(self.period, self.dead_after))
    }

    /// Whether it is a ping of the protocol.
    pub(crate) fn uses_ping(&self) -> bool {
        CAN_PING && !(self.everywhere && self.shape.is_some())
    }

    /// The message to send; `None` for a ping.
    pub(crate) fn make(&self) -> Option<Message> {
        self.shape.as_ref().filter(|_| !self.uses_ping()).map(|shape| (shape.make)())
    }

    /// Whether an answer may be a message.
    pub(crate) fn reads_messages(&self) -> bool {
        !self.uses_ping() && self.shape.is_some()
    }

    /// Whether a message is the answer to one.
    pub(crate) fn is_answer(&self, message: &Message) -> bool {
        !self.uses_ping() && self.shape.as_ref().is_some_and(|shape| (shape.is_answer)(message))
    }
}

impl Default for Heartbeat {
    fn default() -> Self {
        let seconds = Duration::from_secs(20);
        Self { period: seconds, dead_after: seconds, shape: None, everywhere: false }
    }
}

impl fmt::Debug for Heartbeat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Heartbeat")
            .field("period", &self.period)
            .field("dead_after", &self.dead_after)
            .field("message", &self.shape.is_some())
            .field("everywhere", &self.everywhere)
            .finish()
    }
}
