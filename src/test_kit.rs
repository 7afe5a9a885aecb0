//! For the tests of those who use this crate: a scripted [`Network`], a [`Clock`] that a test
//! moves, and a [`Simulation`] of a client without I/O. Feature `test-kit`.
//!
//! Code under test gets its sockets from a builder on which a test sets the two; nothing else
//! changes, the same code runs in browsers and natively, and hours pass in no time.
//!
//! ```
//! # eversocket_server::doctest!(async |_: String| {
//! use eversocket::{ReconnectingWebSocket, reconnect::State, test_kit::{Clock, Network}};
//! use futures::StreamExt;
//!
//! let clock = Clock::new();
//! let network = Network::with_clock(clock.clone());
//! let mut socket = ReconnectingWebSocket::builder("wss://example.com/chat")
//!     .network(network.clone())
//!     .clock(clock.clone())
//!     .seed(7)
//!     .open()?;
//! let peer = network.accept().await;
//! peer.open();
//! socket.opened().await?;
//!
//! peer.cut();
//! let mut states = socket.handle().states();
//! while !matches!(states.next().await, Some(State::Waiting(_))) {}
//! socket.send("kept until it is open again")?;
//! clock.advance(socket.handle().time_to_retry().unwrap_or_default());
//!
//! let mut peer = network.accept().await;
//! peer.open();
//! assert_eq!(peer.next().await, Some("kept until it is open again".into()));
//! # Ok(()) });
//! ```

mod clock;
mod deadline;
mod link;
mod network;
mod peer;
mod simulation;
mod wire;

pub(crate) use clock::Alarm;
pub use clock::Clock;
pub(crate) use link::Link;
pub use network::Network;
pub use peer::Peer;
pub use simulation::Simulation;

use crate::{Cause, HttpRefusal};

/// A refusal by HTTP, for [`Peer::refuse`]: with this status, these headers and no body.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::{Cause, test_kit::http_refusal};
///
/// let Cause::Http(refusal) = http_refusal(503, [("Retry-After", "7")]) else { panic!() };
/// assert_eq!((refusal.status(), refusal.header("retry-after")), (503, Some("7")));
/// # Ok(()) });
/// ```
pub fn http_refusal<'a>(status: u16, headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Cause {
    let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Cause::Http(HttpRefusal::new(status, headers, Default::default()))
}
