//! The network that a test scripts.

use super::{clock::Clock, peer::Peer, wire::Wire};
use crate::waiters::{Line, Place, Wait, WaitList, wake};
use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
};

/// A network without wires: what a client connects to is a [`Peer`] in the test's hands. Cheap to
/// clone; clones are the same network.
///
/// Set it by [`Builder::network`](crate::Builder::network) or
/// [`reconnect::Builder::network`](crate::reconnect::Builder::network). Names are not resolved
/// and URLs of any host can be used. What a target cannot do, and what a browser hides, is the
/// same as with the real network: in a browser there are no pings and no request headers, and
/// every [`Cause`](crate::Cause) given by the peer arrives as
/// [`Cause::Hidden`](crate::Cause::Hidden).
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::{Event, Message, WebSocket, test_kit::Network};
///
/// let network = Network::new();
/// let mut socket = WebSocket::builder("wss://example.com/chat").network(network.clone()).open()?;
/// let mut peer = network.accept().await;
/// assert_eq!(peer.url(), "wss://example.com/chat");
/// peer.open();
/// assert!(matches!(socket.next_event().await, Some(Event::Open(_))));
///
/// socket.send("hello")?;
/// assert_eq!(peer.next().await, Some(Message::from("hello")));
/// peer.cut();
/// assert!(matches!(socket.next_event().await, Some(Event::Error(_))));
/// # Ok(()) });
/// ```
#[derive(Clone, Default)]
pub struct Network(Arc<Shared>);

#[derive(Default)]
struct Shared {
    clock: Option<Clock>,
    offers: Mutex<Offers>,
}

/// Connections that clients have begun, and nobody has looked at.
#[derive(Default)]
struct Offers {
    waiting: VecDeque<Peer>,
    acceptors: WaitList,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Offers> {
        self.offers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line for Shared {
    fn leave(&self, place: &mut Place) -> Option<Waker> {
        self.lock().acceptors.leave(place)
    }
}

impl Network {
    /// A network whose connections keep their deadlines in real time.
    pub fn new() -> Self {
        Self::default()
    }

    /// A network whose connections keep their deadlines by a clock that the test moves.
    pub fn with_clock(clock: Clock) -> Self {
        Self(Arc::new(Shared { clock: Some(clock), offers: Mutex::default() }))
    }

    fn lock(&self) -> MutexGuard<'_, Offers> {
        self.0.lock()
    }

    /// The next connection that a client begins, or has begun, in order. It waits for
    /// [`Peer::open`] or [`Peer::refuse`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no connection.
    pub async fn accept(&self) -> Peer {
        let mut wait = Wait::default();
        poll_fn(|context| {
            wait.poll(&self.0, |place| {
                let mut offers = self.lock();
                match offers.waiting.pop_front() {
                    Some(peer) => ControlFlow::Break(peer),
                    None => ControlFlow::Continue(offers.acceptors.wait(place, 0, context)),
                }
            })
        })
        .await
    }

    /// A connection that a client has begun, if there is one.
    pub fn try_accept(&self) -> Option<Peer> {
        self.lock().waiting.pop_front()
    }

    pub(super) fn clock(&self) -> Option<&Clock> {
        self.0.clock.as_ref()
    }

    pub(super) fn offer(&self, wire: Arc<Wire>) {
        let acceptors = {
            let mut offers = self.lock();
            offers.waiting.push_back(Peer::new(wire));
            offers.acceptors.take_all()
        };
        wake(acceptors);
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.lock().waiting.len();
        formatter.debug_struct("Network").field("clock", &self.0.clock).field("waiting", &waiting).finish()
    }
}
