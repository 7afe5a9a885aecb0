//! The socket: the browser's interface, on both targets.

pub(crate) mod builder;
mod byte_stream;
mod combinators;
mod gate;
mod handle;
mod interface;

pub use builder::Builder;
pub use byte_stream::ByteStream;
pub use handle::Handle;

use gate::Gate;

use crate::{
    CloseEvent, ConnectionError, Event, Message, OpenError, OpenEvent, ReadyState,
    channel::Channel,
    close::CloseFrame,
    event::EventKind,
    mailbox::{CallbackGuard, HoldsMailbox, Reader},
    platform::MaybeSend,
};
use std::{
    collections::VecDeque,
    future::poll_fn,
    task::{Context, Poll},
};

/// A WebSocket connection, held by its one owner, who receives.
///
/// What sends, closes or reads the state is also on its [`Handle`], which can be cloned and
/// used elsewhere. Events come in order, each once, by
/// whichever of these the owner uses:
///
/// - [`next_event`](Self::next_event), or the [`Stream`](futures::Stream) of [`Event`]s;
/// - callbacks: [`on_open`](Self::on_open), [`on_message`](Self::on_message),
///   [`on_error`](Self::on_error), [`on_close`](Self::on_close). While one is registered for a
///   kind of event, events of that kind go to it and not to the other ways;
/// - [`try_next`](Self::try_next), with [`on_wake`](Self::on_wake) to know when to look.
///
/// It is also a [`Sink`](futures::Sink) of [`Message`]s, so that `split`, `forward` and the
/// other combinators of the `futures` crate work.
///
/// # Bounds
///
/// Events wait in an inbox until they are read, bounded by
/// [`Builder::inbox_capacity`]. When it is full, a native connection stops reading from the
/// network until half of it is read, so that the server must wait; a browser's `WebSocket` cannot be
/// made to wait, so there the connection is closed with code 4008 and [`Cause::InboxFull`], after
/// the events that the inbox holds, unless there is [`Builder::backpressure`]. A batch that the
/// reader has taken out is no longer in the
/// inbox: up to twice the capacity can be in memory. A native connection whose peer ends it while nothing
/// is read is [`Closing`](ReadyState::Closing) from then on: what came before can still be read, and then
/// the end.
///
/// # Dropping
///
/// Dropping it closes the connection with code 1000, whatever handles remain, and frees its
/// callbacks and timers; messages sent before are still delivered, unread events are
/// discarded. While connecting, the attempt is abandoned. Natively the closing handshake goes
/// on in the background and ends by the close deadline at the latest; a program that ends
/// before that cuts it off. Await the [`Close`](Event::Close) event to be sure.
///
/// # Threads
///
/// It is `Send`. In a browser it must stay on the thread that made it, which matters only in
/// builds with wasm threads: elsewhere it returns [`SendError::WrongThread`] instead of
/// sending.
///
/// [`Cause::InboxFull`]: crate::Cause::InboxFull
/// [`SendError::WrongThread`]: crate::SendError::WrongThread
pub struct WebSocket {
    handle: Handle,
    reader: Reader<Event>,
    gate: Gate,
}

impl WebSocket {
    /// Begins to connect, and returns at once, as a browser's constructor does. Use
    /// [`builder`](Self::builder) for subprotocols and options.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::{Event, ReadyState, WebSocket};
    ///
    /// let mut socket = WebSocket::new(&url)?;
    /// assert!(socket.ready_state() <= ReadyState::Open, "it has just begun");
    /// assert!(matches!(socket.next_event().await, Some(Event::Open(_))));
    /// assert!(WebSocket::new("ftp://example.com").is_err());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Bad input, before anything is sent; see [`Builder::open`]. What goes wrong later is an
    /// [`Event::Error`].
    pub fn new(url: &str) -> Result<Self, OpenError> {
        Self::builder(url).open()
    }

    /// Connects, and waits until the connection is open.
    ///
    /// # Errors
    ///
    /// Bad input as in [`new`](Self::new), or [`OpenError::Failed`] with the cause.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt.
    pub async fn connect(url: &str) -> Result<Self, OpenError> {
        Self::builder(url).connect().await
    }

    /// Options for a connection to this URL.
    pub fn builder(url: &str) -> Builder {
        Builder::new(url)
    }

    pub(crate) fn from_handle(handle: Handle) -> Self {
        Self { handle, reader: Reader::default(), gate: Gate::default() }
    }

    /// A handle that can be cloned and sent anywhere. It keeps the connection open for no
    /// longer than this socket lives.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// The next event, or `None` after [`Event::Close`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next_event(&mut self) -> Option<Event> {
        poll_fn(|context| self.poll_event(context)).await
    }

    /// The next event if one waits, without waiting itself: for user interfaces that look
    /// once a frame. Register [`on_wake`](Self::on_wake) to be told when to look.
    pub fn try_next(&mut self) -> Option<Event> {
        self.reader.try_next(self.handle.channel().mailbox())
    }

    pub(crate) fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.reader.poll_next(self.handle.channel().mailbox(), context)
    }

    /// What waits, in one go, for who takes nothing but messages out of it.
    pub(crate) fn poll_all(&mut self, context: &mut Context<'_>) -> Poll<&mut VecDeque<Event>> {
        self.reader.poll_all(self.handle.channel().mailbox(), context)
    }

    /// Waits for the connection to be open, taking the open event.
    async fn opened(mut self) -> Result<Self, OpenError> {
        let mut failure = None;
        while let Some(event) = self.next_event().await {
            match event {
                Event::Open(_) => return Ok(self),
                Event::Error(error) => failure = Some(error),
                _ => {}
            }
        }
        // a connection that never opens always tells why before it closes
        let unknown = || ConnectionError::new(self.channel().address().shown().clone(), crate::Cause::Hidden);
        Err(OpenError::Failed(failure.unwrap_or_else(unknown)))
    }
}

/// Callbacks, each freed when its guard is dropped, or after the close event.
///
/// They run where the connection's events come from: in a browser its event loop, natively
/// the driver's thread, so they should be short. A callback may use handles of the socket,
/// register others and drop guards, its own too. A panic in one does not disturb the
/// connection (natively; in a browser a panic ends a wasm module, unless built to unwind).
/// Events that already wait are handed over soon, but not within the registering call.
impl WebSocket {
    /// Calls the function when the connection is open.
    pub fn on_open(&self, mut function: impl FnMut(OpenEvent) + MaybeSend + 'static) -> CallbackGuard {
        self.on_event(EventKind::Open, move |event| {
            if let Event::Open(open) = event {
                function(open);
            }
        })
    }

    /// Calls the function for each message.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::{Message, WebSocket};
    /// use futures::channel::oneshot;
    ///
    /// let mut socket = WebSocket::connect(&url).await?;
    /// let (sender, receiver) = oneshot::channel();
    /// let mut sender = Some(sender);
    /// let guard = socket.on_message(move |message| {
    ///     sender.take().map(|sender| sender.send(message));
    /// });
    /// socket.send("hello")?;
    /// assert_eq!(receiver.await?, Message::from("hello"));
    /// drop(guard); // from here on messages go to the stream again
    /// # Ok(()) });
    /// ```
    pub fn on_message(&self, mut function: impl FnMut(Message) + MaybeSend + 'static) -> CallbackGuard {
        self.on_event(EventKind::Message, move |event| {
            if let Event::Message(message) = event {
                function(message);
            }
        })
    }

    /// Calls the function when the connection fails.
    pub fn on_error(&self, mut function: impl FnMut(ConnectionError) + MaybeSend + 'static) -> CallbackGuard {
        self.on_event(EventKind::Error, move |event| {
            if let Event::Error(error) = event {
                function(error);
            }
        })
    }

    /// Calls the function when the connection has ended.
    pub fn on_close(&self, mut function: impl FnMut(CloseEvent) + MaybeSend + 'static) -> CallbackGuard {
        self.on_event(EventKind::Close, move |event| {
            if let Event::Close(close) = event {
                function(close);
            }
        })
    }

    /// Calls the function whenever something new may wait for [`try_next`](Self::try_next), for
    /// example to ask a user interface for another frame. What waits already is not told again:
    /// look once after registering.
    pub fn on_wake(&self, function: impl FnMut() + MaybeSend + 'static) -> CallbackGuard {
        self.handle.shared_channel().on_wake(function)
    }

    fn on_event(&self, kind: EventKind, function: impl FnMut(Event) + MaybeSend + 'static) -> CallbackGuard {
        let link = self.handle.link();
        self.handle.shared_channel().on_event(&self.reader, kind, function, |dispatch| link.defer(dispatch))
    }

    fn as_handle(&self) -> &Handle {
        &self.handle
    }

    fn channel(&self) -> &Channel {
        self.handle.channel()
    }
}

impl std::fmt::Debug for WebSocket {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.handle.describe("WebSocket", formatter)
    }
}

impl Drop for WebSocket {
    fn drop(&mut self) {
        self.channel().mailbox().orphan();
        if self.ready_state() < ReadyState::Closing {
            // the only error is that of another thread, where nothing more can be done
            let _unreachable_elsewhere = self.handle.begin_close(Some(CloseFrame::normal()));
        }
    }
}
