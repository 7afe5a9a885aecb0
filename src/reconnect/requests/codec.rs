//! How requests and answers look on the wire.

use crate::{Message, reconnect::BoxError};
use std::{fmt, marker::PhantomData};

/// How a protocol writes requests, and how it tells their answers from everything else.
///
/// Its functions are called where no lock is held, and may use handles of the socket. [`FnCodec`] makes one
/// of two closures.
///
/// ```
/// # eversocket_server::doctest!(async |url: String| {
/// use eversocket::{Message, ReconnectingWebSocket, reconnect::{BoxError, RequestCodec}};
///
/// /// `ID TEXT`, in both directions.
/// struct Lines;
///
/// impl RequestCodec for Lines {
///     type Request = String;
///     type Answer = String;
///
///     fn encode(&self, id: u64, request: String) -> Result<Message, BoxError> {
///         Ok(format!("{id} {request}").into())
///     }
///
///     fn decode(&self, message: &Message) -> Option<(u64, String)> {
///         let (id, answer) = message.as_text()?.split_once(' ')?;
///         Some((id.parse().ok()?, answer.to_owned()))
///     }
/// }
///
/// let socket = ReconnectingWebSocket::new(&url)?; // of a server that echoes
/// let requests = socket.requests(Lines)?;
/// assert_eq!(requests.call("hello".to_owned()).await?, "hello");
/// # Ok(()) });
/// ```
pub trait RequestCodec: Send + Sync + 'static {
    /// What is asked.
    type Request;
    /// What is answered. Where a peer may answer by an error this is a `Result`: such an answer is one.
    type Answer: Send + 'static;

    /// Makes a message of a request. The id is that of the call, and of no other call on this socket: the
    /// first is 1, and they grow.
    ///
    /// It is called within [`Requests::call`](super::Requests::call), which panics if it does.
    ///
    /// # Errors
    ///
    /// The call fails with [`RequestError::Encode`](super::RequestError::Encode); nothing is sent.
    fn encode(&self, id: u64, request: Self::Request) -> Result<Message, BoxError>;

    /// The answer in a message, and the id of its call; `None` for anything else, which goes to the
    /// socket's owner: a notification, a request of the peer's.
    ///
    /// It is called for each message that arrives, where the socket is driven, so it should be quick.
    /// Natively, a message at which it panics goes to the owner.
    fn decode(&self, message: &Message) -> Option<(u64, Self::Answer)>;
}

/// A codec of two functions.
///
/// ```
/// # eversocket_server::doctest!(async |url: String| {
/// use eversocket::{Message, ReconnectingWebSocket, reconnect::FnCodec};
///
/// let socket = ReconnectingWebSocket::new(&url)?; // of a server that echoes
/// let requests = socket.requests(FnCodec::new(
///     |id, request: &str| Ok(format!("{id} {request}").into()),
///     |message| {
///         let (id, answer) = message.as_text()?.split_once(' ')?;
///         Some((id.parse().ok()?, answer.len()))
///     },
/// ))?;
/// assert_eq!(requests.call("hello").await?, 5);
/// # Ok(()) });
/// ```
pub struct FnCodec<Request, Encode, Decode> {
    encode: Encode,
    decode: Decode,
    request: PhantomData<fn(Request)>,
}

impl<Request, Answer, Encode, Decode> FnCodec<Request, Encode, Decode>
where
    Encode: Fn(u64, Request) -> Result<Message, BoxError>,
    Decode: Fn(&Message) -> Option<(u64, Answer)>,
{
    /// Of what [encodes](RequestCodec::encode) and what [decodes](RequestCodec::decode).
    pub fn new(encode: Encode, decode: Decode) -> Self {
        Self { encode, decode, request: PhantomData }
    }
}

impl<Request, Answer, Encode, Decode> RequestCodec for FnCodec<Request, Encode, Decode>
where
    Request: 'static,
    Answer: Send + 'static,
    Encode: Fn(u64, Request) -> Result<Message, BoxError> + Send + Sync + 'static,
    Decode: Fn(&Message) -> Option<(u64, Answer)> + Send + Sync + 'static,
{
    type Request = Request;
    type Answer = Answer;

    fn encode(&self, id: u64, request: Request) -> Result<Message, BoxError> {
        (self.encode)(id, request)
    }

    fn decode(&self, message: &Message) -> Option<(u64, Answer)> {
        (self.decode)(message)
    }
}

impl<Request, Encode, Decode> fmt::Debug for FnCodec<Request, Encode, Decode> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FnCodec").finish_non_exhaustive()
    }
}
