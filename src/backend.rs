//! The link beneath a socket: the browser's WebSocket, or tokio-tungstenite.
//!
//! A backend offers one type, `Link`, with these functions; nothing above knows which it is.
//!
//! - `Backpressure` is what it takes for the peer to wait while the inbox is full, or nothing.
//! - `CAN_PING` tells whether `control` does anything but refuse.
//! - `Link::check_support(wants)` refuses what the target cannot do.
//! - `Link::open(request, channel)` begins to connect and returns at once. From then on the
//!   backend tells the [`Channel`](crate::channel::Channel), in order: `deliver_open` at most
//!   once, `deliver` for each message, `deliver_end` exactly once and last. It keeps both
//!   deadlines of the request, and its limits. Where the peer waits while the inbox is full, and
//!   ends the connection meanwhile, it tells `lose` at once, and the end after what is unread.
//! - `send(message)` and `control(frame)` queue in order and never wait. The socket has
//!   checked that the channel is open. `send` takes out what it keeps of a message, and leaves the
//!   rest to the caller, to be dropped where that may run foreign code.
//! - `close(frame)` begins the closing handshake after what is queued, or abandons the
//!   dialling, or what is unread of a lost connection; a second call changes nothing. `None`
//!   sends a close frame without a code.
//! - `buffered_amount()` is what was queued and is not handed to the network yet, in bytes of
//!   payload; closing does not reset it.
//! - `taken_by_network()` is a number that grows whenever the network takes any byte of the
//!   connection once it is open, and never falls: that it grows tells a slow way out from a dead
//!   one long before all of a message has left. What it counts differs between links.
//! - `is_refused()` tells whether the server has refused the connection and the failure that tells how is
//!   about to come, so that a deadline that passes meanwhile changes nothing.
//! - `has_backpressure()` tells whether the peer waits while the inbox is full.
//! - `poll_buffered(most, wait, context)` is ready when no more than that is buffered, or
//!   nothing can leave any more; dropping the `Wait` ends the waiting.
//! - `defer(function)` runs a function soon, from where the link's events come from.
//!
//! Dropping a `Link` frees it, but lets a closing handshake that was begun come to its end.
//!
//! With the feature `test-kit` there is one more link, scripted by a test, which behaves as
//! `MANNERS` says that the platform's does; `either` is the platform's or that one.

cfg_if::cfg_if! {
    if #[cfg(target_arch = "wasm32")] {
        mod web;
        use web as chosen;
    } else {
        mod native;
        use native as chosen;
        #[cfg(any(test, fuzzing))]
        pub(crate) use native::fuzz;
    }
}

#[cfg(feature = "test-kit")]
mod either;

#[cfg(not(feature = "test-kit"))]
pub(crate) use chosen::Link;
#[cfg(feature = "test-kit")]
pub(crate) use chosen::MANNERS;
pub(crate) use chosen::{Backpressure, CAN_PING};
#[cfg(feature = "test-kit")]
pub(crate) use either::Link;

use crate::{Proxy, close::CloseFrame, platform::Tls};
use bytes::Bytes;
use std::time::Duration;

/// What a link is to do, checked.
#[derive(Debug)]
#[allow(dead_code, reason = "native only: a browser has neither headers nor TLS settings nor control frames")]
pub(crate) struct Request {
    pub(crate) protocols: Vec<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) tls: Option<Tls>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) tcp_keep_alive: Option<Duration>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) close_timeout: Duration,
    pub(crate) max_message_size: usize,
    /// Whether the peer is to wait while the inbox is full, where that is a choice.
    pub(crate) backpressure: Backpressure,
    /// What to offer of compression.
    #[cfg(feature = "deflate")]
    pub(crate) deflate: Option<crate::Deflate>,
    /// Whether pings and pongs are delivered.
    pub(crate) control_frames: bool,
    /// What to connect through in place of the real network.
    #[cfg(feature = "test-kit")]
    pub(crate) network: Option<crate::test_kit::Network>,
}

/// What not every target can do.
#[derive(Debug, Default)]
#[allow(dead_code, reason = "each target looks at what it has not")]
pub(crate) struct Wants {
    pub(crate) secure: bool,
    pub(crate) headers: bool,
    pub(crate) tls_settings: bool,
    pub(crate) proxy: bool,
    pub(crate) control_frames: bool,
}

/// What a user sees of a platform's links that differs between platforms.
#[cfg(feature = "test-kit")]
#[allow(dead_code, reason = "natively an inbox is never full")]
pub(crate) struct Manners {
    /// Whether users are told why a connection failed.
    pub(crate) tells_causes: bool,
    /// Whether the peer waits while the inbox is full; else the connection fails.
    pub(crate) waits_for_room: bool,
    /// The close codes by which the peer is told what was too much.
    pub(crate) too_big: u16,
    pub(crate) inbox_full: u16,
}

/// A ping or a pong to send.
#[derive(Debug, Clone)]
#[allow(dead_code, reason = "native only: a browser sends its own")]
pub(crate) enum Control {
    Ping(Bytes),
    Pong(Bytes),
}

/// How a close was asked for: with a code, or with an empty frame.
pub(crate) type CloseRequest = Option<CloseFrame>;
