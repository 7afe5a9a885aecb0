//! Requests, each with its answer.
//!
//! Answers are taken out of what arrives before it is delivered, by the driver and through `dyn`, so that who
//! makes no requests has none of this linked.

mod book;
mod call;
mod codec;
mod error;

use super::{
    ReconnectingWebSocket, UserError,
    core::{Core, TakeAnswers},
};
use crate::{Message, waiters::wake};
use book::{Arrival, Book};
pub use call::{Call, Calling};
pub use codec::{FnCodec, RequestCodec};
pub use error::RequestError;
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long a call may take, unless set.
const WITHIN: Duration = Duration::from_secs(30);

/// Makes requests on a socket, from anywhere; from [`ReconnectingWebSocket::requests`].
///
/// Cheap to clone. It keeps nothing open: when the socket ends, so does each call.
///
/// ```
/// # eversocket_server::doctest!(async |url: String| {
/// use eversocket::{ReconnectingWebSocket, reconnect::{FnCodec, RequestError}};
/// use std::time::Duration;
///
/// let socket = ReconnectingWebSocket::new(&url)?; // of a server that echoes
/// let requests = socket.requests(FnCodec::new(
///     |id, request: &str| Ok(format!("{id} {request}").into()),
///     |message| {
///         let (id, answer) = message.as_text()?.split_once(' ')?;
///         Some((id.parse().ok()?, answer.to_owned()))
///     },
/// ))?;
/// match requests.call("place an order").within(Duration::from_secs(5)).await {
///     Ok(answer) => assert_eq!(answer, "place an order"),
///     Err(error) if error.is_unsent() => println!("{error}; it can be made again"),
///     Err(RequestError::Interrupted { .. }) => println!("ask the server whether there is an order"),
///     Err(error) => println!("{error}"),
/// }
/// # Ok(()) });
/// ```
///
/// # Answers
///
/// Answers go to their calls and never to the socket's owner. So does no message that the codec does not
/// take for an answer: it is an event like any other, in its place. An answer that comes late, to a call
/// that has failed or was dropped, is discarded. An answer with an id that no call ever had goes to the
/// owner, who may be speaking for itself.
///
/// Calls end also while the owner does not read events, as long as what else the server sends fits into
/// the inbox ([`inbox_capacity`](super::Builder::inbox_capacity)). When that is full nothing is read from the
/// connection, answers neither; deadlines hold nevertheless. An answer that nobody has read yet is no part
/// of the inbox: [`max_in_flight`](Self::max_in_flight) bounds how many there may be.
///
/// # Events
///
/// A request is a message like any other: it has a number, so that an
/// [`Interruption`](super::Interruption) names it, and waits in the queue while no connection is open. Where
/// the queue is full, a call waits for room if [`Overflow::Wait`](super::Overflow::Wait) is chosen, the
/// default. One that is given up while it waits is reported as
/// [`DropReason::Withdrawn`](super::DropReason::Withdrawn).
pub struct Requests<C: RequestCodec> {
    shared: Arc<Shared<C>>,
    core: Arc<Core>,
    within: Option<Duration>,
}

struct Shared<C: RequestCodec> {
    codec: C,
    calls: Arc<Calls<C::Answer>>,
}

/// The calls under way, which their futures and the driver share.
struct Calls<A>(Mutex<Book<A>>);

impl<A> Calls<A> {
    /// Each change under the lock is complete.
    fn lock(&self) -> MutexGuard<'_, Book<A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The socket's requests are made already; from [`ReconnectingWebSocket::requests`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the socket has a codec for requests already; clone the Requests that it made")]
pub struct RequestsInUse;

impl ReconnectingWebSocket {
    /// Makes requests on this socket, whose form is that of a protocol: see [`RequestCodec`]. Messages that
    /// are no answers come to the owner as before.
    ///
    /// # Errors
    ///
    /// [`RequestsInUse`] if that was called before: a second codec would not know whose an answer is. Clone
    /// what the first call returned.
    pub fn requests<C: RequestCodec>(&self, codec: C) -> Result<Requests<C>, RequestsInUse> {
        let core = self.handle().core().clone();
        let calls = Arc::new(Calls(Mutex::new(Book::default())));
        let shared = Arc::new(Shared { codec, calls });
        core.set_answers(shared.clone()).map_err(|_shared| RequestsInUse)?;
        Ok(Requests { shared, core, within: Some(WITHIN) })
    }
}

impl<C: RequestCodec> Requests<C> {
    /// How long calls of this clone may take, unless [said](Call::within) for one. Default: 30 s; `None`
    /// for as long as it takes.
    #[must_use]
    pub fn within(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.within = time.into();
        self
    }

    /// How many calls of all clones may be under way at once; others wait for their turn, first come, first
    /// served, and their deadlines count meanwhile. At least 1. Default: no limit.
    #[must_use]
    pub fn max_in_flight(self, calls: impl Into<Option<usize>>) -> Self {
        let limit = calls.into().unwrap_or(usize::MAX).max(1);
        let next = { self.shared.calls.lock().set_limit(limit) };
        wake(next);
        self
    }

    /// Makes a request. It is encoded within this call, and sent when what is returned is first polled.
    pub fn call(&self, request: C::Request) -> Call<C::Answer> {
        let id = { self.shared.calls.lock().issue() };
        let message = self.shared.codec.encode(id, request).map_err(UserError::new);
        Call::new(id, message, self.shared.calls.clone(), self.core.clone(), self.within)
    }

    /// How many calls are under way.
    pub fn in_flight(&self) -> usize {
        self.shared.calls.lock().len()
    }
}

impl<C: RequestCodec> TakeAnswers for Shared<C> {
    fn take(&self, message: Message) -> Option<Message> {
        // a panic is no reason to end the socket
        let decoded = catch_unwind(AssertUnwindSafe(|| self.codec.decode(&message))).unwrap_or_default();
        let Some((id, answer)) = decoded else { return Some(message) };
        let arrival = { self.calls.lock().answered(id, answer) };
        match arrival {
            Arrival::Taken(waker) => wake(waker),
            Arrival::Late(_answer) => {}
            Arrival::Foreign => return Some(message),
        }
        None
    }
}

impl<C: RequestCodec> Clone for Requests<C> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), core: self.core.clone(), within: self.within }
    }
}

impl<C: RequestCodec> fmt::Debug for Requests<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Requests").field("in_flight", &self.in_flight()).finish_non_exhaustive()
    }
}
