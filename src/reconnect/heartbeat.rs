//! Whether the peer is still there.

use crate::{Message, backend::CAN_PING};
use std::{fmt, sync::Arc, time::Duration};

/// A sign of life that is asked for again and again.
///
/// Natively it is a ping of the protocol. A browser sends none, so that there it takes a
/// [message](Self::message) that the server understands; without one, a browser has no
/// heartbeat. Anything at all that arrives counts as life; only when nothing has come for the
/// dead limit after a heartbeat, the connection is closed with code 4000 and replaced.
///
/// Where timers are late, as in background tabs and after sleep, a limit that has passed is not
/// held against the peer: it is asked once more, and has the whole limit for its answer.
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
    pub(crate) make: Arc<dyn Fn() -> Message + Send + Sync>,
    pub(crate) is_answer: Arc<dyn Fn(&Message) -> bool + Send + Sync>,
}

impl Heartbeat {
    /// How often; 1 ms at least. Default: 20 s, as Python's `websockets`.
    pub fn period(mut self, period: Duration) -> Self {
        self.period = period;
        self
    }

    /// How long nothing may come after one; 1 ms at least. Default: 20 s, as Python's `websockets`.
    pub fn dead_after(mut self, limit: Duration) -> Self {
        self.dead_after = limit;
        self
    }

    /// What a browser sends, and how the answer is told; answers are not handed out as messages.
    pub fn message<M: Into<Message>>(
        mut self,
        make: impl Fn() -> M + Send + Sync + 'static,
        is_answer: impl Fn(&Message) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.shape = Some(Shape { make: Arc::new(move || make().into()), is_answer: Arc::new(is_answer) });
        self
    }

    /// Sends the [message](Self::message) natively too, in place of a ping: for servers whose
    /// proxies answer pings while they themselves are gone.
    pub fn message_everywhere(mut self) -> Self {
        self.everywhere = true;
        self
    }
}

impl Heartbeat {
    /// Period and dead limit, where this target has a heartbeat at all.
    pub(crate) fn timing(&self) -> Option<(Duration, Duration)> {
        (CAN_PING || self.shape.is_some()).then_some((self.period, self.dead_after))
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
