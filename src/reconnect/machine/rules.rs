//! What the machine goes by, and the defaults of all that can be set.

use super::{Beats, Capacity, Retain};
use crate::{
    reconnect::Overflow,
    socket::builder::{DEFAULT_CLOSE_TIMEOUT, DEFAULT_CONNECT_TIMEOUT},
};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// What the machine goes by.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) max_attempts: Option<u32>,
    pub(crate) max_elapsed: Option<Duration>,
    /// How long a connection must last for attempts to be counted anew.
    pub(crate) stable_after: Duration,
    pub(crate) provide_timeout: Duration,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) handshake_timeout: Duration,
    pub(crate) close_timeout: Duration,
    /// Whether there is a session handshake.
    pub(crate) has_handshake: bool,
    /// Whether new credentials can be had.
    pub(crate) can_refresh: bool,
    pub(crate) heartbeat: Option<Beats>,
    /// Whether that is a ping, whose answer is seen also while closing.
    pub(crate) pings: bool,
    pub(crate) clock_check: Option<Duration>,
    /// How long a page may be hidden before its connection is let go.
    pub(crate) hidden_limit: Option<Duration>,
    pub(crate) capacity: Capacity,
    pub(crate) overflow: Overflow,
    /// What keeps messages of unknown fate.
    pub(crate) retention: Option<Box<dyn Retain>>,
}

/// Those of [`Builder`](crate::reconnect::Builder), which says why; what depends on other options
/// is absent.
impl Default for Rules {
    fn default() -> Self {
        Self {
            max_attempts: None,
            max_elapsed: None,
            stable_after: 10 * SECOND,
            provide_timeout: 10 * SECOND,
            connect_timeout: Some(DEFAULT_CONNECT_TIMEOUT),
            handshake_timeout: 10 * SECOND,
            close_timeout: DEFAULT_CLOSE_TIMEOUT,
            has_handshake: false,
            can_refresh: false,
            heartbeat: None,
            pings: false,
            clock_check: Some(10 * SECOND),
            hidden_limit: None,
            capacity: Capacity { messages: 65_536, bytes: 16 << 20 },
            overflow: Overflow::default(),
            retention: None,
        }
    }
}
