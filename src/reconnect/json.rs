//! Messages as values of a type, in JSON.

use super::{Event, Handle, ReconnectingWebSocket, SendError, SequenceNumber};
use crate::Message;
use futures::{Stream, stream::FusedStream};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt,
    future::poll_fn,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

/// A reconnecting socket whose messages are values in JSON: it receives `In` and sends `Out`.
///
/// Made by [`ReconnectingWebSocket::json`]. What arrives is read from text and from binary
/// messages; what is sent is text. A message that cannot be read is an error in its place, and
/// what follows it still comes.
///
/// ```
/// # eversocket_server::doctest!(async |url: String| {
/// use eversocket::{ReconnectingWebSocket, reconnect::{Json, JsonError}};
///
/// let mut socket: Json<(String, u32)> = ReconnectingWebSocket::new(&url)?.json();
/// socket.send(&("answer".to_owned(), 42))?;
/// assert_eq!(socket.next().await, Some(Ok(("answer".to_owned(), 42))));
///
/// socket.handle().send(r#"["question"]"#)?;
/// let Some(Err(JsonError::Decode(unreadable))) = socket.next().await else { panic!() };
/// assert_eq!(unreadable.message, r#"["question"]"#.into());
/// assert_eq!((unreadable.line, unreadable.column), (1, 12));
/// # Ok(()) });
/// ```
///
/// Where the two directions differ, a message has options, or events matter:
///
/// ```
/// # eversocket_server::doctest!(async |url: String| {
/// use eversocket::{ReconnectingWebSocket, reconnect::{Json, JsonEvent, Outgoing}};
///
/// let mut socket: Json<f64, u8> = ReconnectingWebSocket::new(&url)?.json();
/// let message = Json::<f64, u8>::encode(&5)?;
/// socket.handle().send(Outgoing::new(message).latest("slider"))?;
/// while let Some(event) = socket.next_event().await {
///     match event {
///         JsonEvent::Message(Ok(value)) => {
///             assert_eq!(value, 5.0);
///             break;
///         }
///         JsonEvent::Message(Err(error)) => println!("{error}"),
///         JsonEvent::Other(event) => println!("{event:?}"),
///     }
/// }
/// # Ok(()) });
/// ```
pub struct Json<In, Out = In> {
    socket: ReconnectingWebSocket,
    types: PhantomData<fn(Out) -> In>,
}

impl ReconnectingWebSocket {
    /// This socket, with messages as values of a type in JSON, the same in both directions or
    /// [one for each](Json).
    pub fn json<In: DeserializeOwned, Out: Serialize>(self) -> Json<In, Out> {
        Json { socket: self, types: PhantomData }
    }
}

impl<In: DeserializeOwned, Out: Serialize> Json<In, Out> {
    /// Sends a value as a text message; see [`Handle::send`].
    ///
    /// # Errors
    ///
    /// [`JsonError::Encode`] if the value cannot be written as JSON, [`JsonError::Send`] as
    /// [`Handle::send`].
    pub fn send(&mut self, value: &Out) -> Result<SequenceNumber, JsonError> {
        self.socket.send(Self::encode(value)?).map_err(JsonError::Send)
    }

    /// The next value, or the error in its place; other events are passed over. `None` at the
    /// end.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no message.
    pub async fn next(&mut self) -> Option<Result<In, JsonError>> {
        poll_fn(|context| self.poll_value(context)).await
    }

    /// The next event, or `None` after [`Event::Ended`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next_event(&mut self) -> Option<JsonEvent<In>> {
        self.socket.next_event().await.map(Self::read)
    }

    /// The next event if one waits; as [`ReconnectingWebSocket::try_next`].
    pub fn try_next(&mut self) -> Option<JsonEvent<In>> {
        self.socket.try_next().map(Self::read)
    }

    /// A value as a message, for who sends it with [options](super::Outgoing) or from elsewhere.
    ///
    /// # Errors
    ///
    /// [`JsonError::Encode`] if the value cannot be written as JSON.
    pub fn encode(value: &Out) -> Result<Message, JsonError> {
        let text = serde_json::to_string(value);
        text.map(Message::from).map_err(|error| JsonError::Encode { reason: error.to_string() })
    }

    /// The value in a message, for who gets messages by a callback.
    ///
    /// # Errors
    ///
    /// [`JsonError::Decode`] if it holds no such value.
    pub fn decode(message: Message) -> Result<In, JsonError> {
        let value = match &message {
            Message::Text(text) => serde_json::from_str(text),
            Message::Binary(bytes) => serde_json::from_slice(bytes),
            Message::Blob(_) => {
                let reason = "a blob cannot be read at once; see Builder::binary_type".to_owned();
                return Err(JsonError::Decode(Box::new(Unreadable { message, line: 0, column: 0, reason })));
            }
        };
        value.map_err(|error| {
            let (line, column, reason) = (error.line(), error.column(), error.to_string());
            JsonError::Decode(Box::new(Unreadable { message, line, column, reason }))
        })
    }

    fn read(event: Event) -> JsonEvent<In> {
        match event {
            Event::Message(message) => JsonEvent::Message(Self::decode(message)),
            event => JsonEvent::Other(event),
        }
    }

    fn poll_value(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<In, JsonError>>> {
        self.socket.poll_message(context).map(|message| message.map(Self::decode))
    }
}

impl<In, Out> Json<In, Out> {
    /// A handle that can be cloned and sent anywhere.
    pub fn handle(&self) -> Handle {
        self.socket.handle()
    }

    /// As [`Handle::close`].
    pub fn close(&mut self) {
        self.socket.close();
    }

    /// The socket itself.
    pub fn socket(&self) -> &ReconnectingWebSocket {
        &self.socket
    }

    /// The socket itself; what is read from it is not read from here.
    pub fn socket_mut(&mut self) -> &mut ReconnectingWebSocket {
        &mut self.socket
    }

    /// The socket itself, with messages as they are.
    pub fn into_inner(self) -> ReconnectingWebSocket {
        self.socket
    }
}

/// The values, and errors in their places; other events are passed over.
impl<In: DeserializeOwned, Out: Serialize> Stream for Json<In, Out> {
    type Item = Result<In, JsonError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_value(context)
    }
}

impl<In: DeserializeOwned, Out: Serialize> FusedStream for Json<In, Out> {
    fn is_terminated(&self) -> bool {
        self.socket.is_terminated()
    }
}

impl<In, Out> fmt::Debug for Json<In, Out> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Json").field(&self.socket).finish()
    }
}

/// What a socket tells whose messages are values; from [`Json::next_event`].
#[derive(Debug, Clone, PartialEq)]
pub enum JsonEvent<In> {
    /// A message arrived: its value, or why it has none.
    Message(Result<In, JsonError>),
    /// Any other event.
    Other(Event),
}

/// Why a value was not sent, or a message not read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The value cannot be written as JSON.
    #[error("the value cannot be written as JSON: {reason}")]
    Encode {
        /// What is wrong with it.
        reason: String,
    },
    /// The message was not accepted for sending.
    #[error(transparent)]
    Send(#[from] SendError),
    /// A message holds no such value.
    #[error("{0}")]
    Decode(Box<Unreadable>),
}

/// A message that holds no value of the type; from [`JsonError::Decode`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Unreadable {
    /// The message.
    pub message: Message,
    /// In which line of the message reading failed, from 1 on; 0 if it was not begun.
    pub line: usize,
    /// After which byte of the line.
    pub column: usize,
    /// What is wrong, and where.
    pub reason: String,
}

/// Without the message, which may hold secrets; the reason may quote a value out of it.
impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a message of {} bytes cannot be read: {}", self.message.len(), self.reason)
    }
}
