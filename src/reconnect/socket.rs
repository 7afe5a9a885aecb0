//! The receiving role.

use super::{
    Attempt, BoxError, Builder, Dropped, EndCause, Ended, EndedError, Endpoint, Event, Gap, Handle, Interruption,
    Outgoing, Overflow, SendError, SequenceNumber, Sequences, SinkError, State,
    core::{Core, Line, Waiting},
    event::{EventKind, Letter},
    machine::Machine,
};
use crate::{
    CallbackGuard, CloseCode, CloseError, Message, OpenError, Text,
    close::CloseFrame,
    mailbox::{HoldsMailbox, Reader},
    platform::{MaybeSend, spawn},
};
use futures::{Sink, Stream, stream::FusedStream};
use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

/// A WebSocket that connects, and connects again, until you close it or there is no point in
/// trying any more. Held by its one owner, who receives.
///
/// What sends, steers or reads the state is also on its [`Handle`], which can be cloned and used
/// elsewhere. Events come in order, each once, by whichever of these the owner uses:
///
/// - [`next_event`](Self::next_event), or the [`Stream`](futures::Stream) of [`Event`]s;
/// - [`next_message`](Self::next_message), or [`messages`](Self::messages), if you need nothing
///   else;
/// - callbacks: [`on_message`](Self::on_message), [`on_state`](Self::on_state) and the others.
///   While one is registered for a kind of event, events of that kind go to it and not to the
///   other ways;
/// - [`try_next`](Self::try_next), with [`on_wake`](Self::on_wake) to know when to look.
///
/// It is also a [`Sink`](futures::Sink) of [`Message`]s.
///
/// # What becomes of messages
///
/// A message that [`send`](Self::send) accepted is queued until a connection takes it, in order.
/// If that connection is lost, [`Event::Interrupted`] names which messages are surely unsent,
/// and still queued, and which had been handed over and are of unknown fate: those are not sent
/// again, since the peer may have them. Only the peer's application can prove delivery: by its answer
/// to a [heartbeat message](super::Heartbeat::message), or by an acknowledgement that you pass on with
/// [`Handle::confirm_through`]. An answer to a ping, which many servers give on their own, proves only
/// that a message reached the peer's WebSocket layer, and is told as that. Whatever is dropped is
/// reported by [`Event::Dropped`]; what is left at the end is given back by [`Event::Ended`]. The guide
/// has [all of it](crate::guide::reconnecting#what-becomes-of-messages).
///
/// # Close codes of its own
///
/// Beside 1000, what it closes connections with: 4000, nothing came after a heartbeat; 4001, the
/// page was left or hidden; 4002, the session handshake failed, or the credentials were refused by
/// a message; 4008, in a browser, the inbox is full; 4009, in a browser, a message was too big.
///
/// # Dropping
///
/// Dropping it closes with code 1000, and nobody is left to be told: what cannot be
/// sent any more is discarded. Callbacks and timers are freed, whatever handles remain.
pub struct ReconnectingWebSocket {
    handle: Handle,
    reader: Reader<Letter>,
    /// Where it is used as one.
    sink: Option<Box<dyn AwaitForSink>>,
}

/// What the socket's `Sink` waits for. Behind `dyn`, so that only programs that use the socket as a `Sink` have
/// its code.
trait AwaitForSink: Send + Sync {
    fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<()>;
    fn poll_flushed(&mut self, through: u64, context: &mut Context<'_>) -> Poll<()>;
    fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<()>;
}

struct SinkWaits {
    room: Waiting,
    flush: Waiting,
    end: Waiting,
}

impl AwaitForSink for SinkWaits {
    fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.room.poll_room(0, context)
    }

    fn poll_flushed(&mut self, through: u64, context: &mut Context<'_>) -> Poll<()> {
        self.flush.poll_flushed(through, context)
    }

    fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.end.poll_ended(context)
    }
}

impl ReconnectingWebSocket {
    /// Connects to a URL, and keeps connected, with all defaults.
    ///
    /// # Errors
    ///
    /// A bad URL, before anything is sent; see [`Builder::open`]. What goes wrong later is told
    /// by events.
    pub fn new(url: &str) -> Result<Self, OpenError> {
        Self::builder(url).open()
    }

    /// Options for a socket that connects to this URL.
    pub fn builder(url: &str) -> Builder {
        Builder::fixed(url)
    }

    /// Options for a socket that asks a function for each attempt where to connect to.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::{ReconnectingWebSocket, reconnect::Endpoint};
    ///
    /// # async fn fetch_ticket() -> Result<String, std::convert::Infallible> { Ok("once".to_owned()) }
    /// let mut socket = ReconnectingWebSocket::with_endpoint(move |attempt| {
    ///     let url = url.clone();
    ///     async move {
    ///         let ticket = fetch_ticket().await?;
    ///         Ok(Endpoint::new(format!("{url}?ticket={ticket}&attempt={}", attempt.number)))
    ///     }
    /// })
    /// .open()?;
    /// socket.opened().await?;
    /// # Ok(()) });
    /// ```
    pub fn with_endpoint<Answer, E>(provider: impl FnMut(Attempt) -> Answer + MaybeSend + 'static) -> Builder
    where
        Answer: Future<Output = Result<E, BoxError>> + MaybeSend + 'static,
        E: Into<Endpoint> + 'static,
    {
        Builder::asked(provider)
    }

    pub(crate) fn new_with(core: Arc<Core>) -> Self {
        Self { sink: None, handle: Handle::new(core), reader: Reader::default() }
    }

    fn sink(&mut self) -> &mut dyn AwaitForSink {
        let core = self.handle.core();
        let sink = self.sink.get_or_insert_with(|| {
            let [room, flush, end] = [Line::Room, Line::Flush, Line::State].map(|line| Waiting::new(core, line));
            Box::new(SinkWaits { room, flush, end })
        });
        &mut **sink
    }

    /// A handle that can be cloned and sent anywhere.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Waits until messages flow; reads no events.
    ///
    /// # Errors
    ///
    /// When the socket ends first, or has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn opened(&mut self) -> Result<(), EndedError> {
        self.handle.opened().await
    }

    /// Reads events until the last, and returns it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses the events that it has read.
    pub async fn ended(&mut self) -> Ended {
        loop {
            match self.next_event().await {
                Some(Event::Ended(ended)) => return ended,
                Some(_) => {}
                None => {
                    let cause = match self.handle.state() {
                        State::Ended(cause) => cause,
                        _ => EndCause::RuntimeGone,
                    };
                    let none = Sequences::default;
                    return Ended { cause, unsent: Vec::new(), handed_over: none(), unknown: none(), reached: none() };
                }
            }
        }
    }

    /// The next event, or `None` after [`Event::Ended`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next_event(&mut self) -> Option<Event> {
        poll_fn(|context| self.poll_event(context)).await
    }

    /// The next message; other events are passed over. `None` at the end, of which
    /// [`Handle::state`] tells the cause.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no message.
    pub async fn next_message(&mut self) -> Option<Message> {
        poll_fn(|context| self.poll_message(context)).await
    }

    /// A stream of messages alone.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::ReconnectingWebSocket;
    /// use futures::StreamExt;
    ///
    /// let mut socket = ReconnectingWebSocket::new(&url)?;
    /// socket.send("hello")?;
    /// assert_eq!(socket.messages().next().await, Some("hello".into()));
    /// # Ok(()) });
    /// ```
    pub fn messages(&mut self) -> Messages<'_> {
        Messages(self)
    }

    /// The next event if one waits, without waiting itself: for user interfaces that look
    /// once a frame. Register [`on_wake`](Self::on_wake) to be told when to look.
    pub fn try_next(&mut self) -> Option<Event> {
        self.reader.try_next(self.handle.core().mailbox()).map(Letter::into_event)
    }

    pub(crate) fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll_letter(context).map(|letter| letter.map(Letter::into_event))
    }

    fn poll_letter(&mut self, context: &mut Context<'_>) -> Poll<Option<Letter>> {
        self.reader.poll_next(self.handle.core().mailbox(), context)
    }

    #[inline]
    pub(crate) fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Option<Message>> {
        loop {
            match ready!(self.poll_letter(context)) {
                Some(Letter::Message(message)) => return Poll::Ready(Some(message)),
                Some(_) => {}
                None => return Poll::Ready(None),
            }
        }
    }
}

/// The methods of its [`Handle`] that nearly everybody needs. The socket has its own, and `send`
/// and `close` borrow it exclusively, so that they come before those of `SinkExt`.
impl ReconnectingWebSocket {
    /// Accepts a message for sending, and returns its number at once; see [`Handle::send`].
    ///
    /// # Errors
    ///
    /// The message is given back, and will not be sent: [`SendError::QueueFull`],
    /// [`SendError::NotReady`] for volatile ones, [`SendError::Ended`].
    pub fn send(&mut self, message: impl Into<Outgoing>) -> Result<SequenceNumber, SendError> {
        self.handle.send(message)
    }

    /// Closes for good, without a code; see [`Handle::close`].
    pub fn close(&mut self) {
        self.handle.close();
    }

    /// Closes for good with a code and a reason; see [`Handle::close_with`].
    ///
    /// # Errors
    ///
    /// [`CloseError::InvalidCode`] unless the code is 1000 or 3000 to 4999,
    /// [`CloseError::ReasonTooLong`] over 123 bytes of UTF-8; the socket stays as it was.
    pub fn close_with(&self, code: impl Into<CloseCode>, reason: impl Into<Text>) -> Result<(), CloseError> {
        self.handle.close_with(code, reason)
    }

    /// What it is doing now. Events that tell of it may still wait to be read.
    pub fn state(&self) -> State {
        self.handle.state()
    }
}

macro_rules! callbacks {
    ($($(#[$doc:meta])* $name:ident: $kind:ident($payload:ty);)*) => {
        /// Callbacks, each freed when its guard is dropped, or after the last event. They run
        /// where the socket is driven: in a browser its event loop, natively a task of the
        /// runtime, so they should be short. They may use handles of the socket. A panic in one is told by
        /// the panic hook and goes no further: its event is gone, and the socket goes on.
        impl ReconnectingWebSocket {
            $($(#[$doc])*
            pub fn $name(&self, mut function: impl FnMut($payload) + MaybeSend + 'static) -> CallbackGuard {
                self.on_event(EventKind::$kind, move |event| {
                    if let Event::$kind(payload) = event {
                        function(payload);
                    }
                })
            })*
        }
    };
}

callbacks! {
    /// Calls the function for each state that it changes to, but for the end.
    on_state: State(State);
    /// Calls the function for each message.
    on_message: Message(Message);
    /// Calls the function when a connection that was open is lost.
    on_interrupted: Interrupted(Interruption);
    /// Calls the function when messages flow again.
    on_gap: Gap(Gap);
    /// Calls the function when messages are dropped.
    on_dropped: Dropped(Dropped);
    /// Calls the function at the end.
    on_ended: Ended(Ended);
}

impl ReconnectingWebSocket {
    /// Calls the function whenever something new may wait for [`try_next`](Self::try_next), for
    /// example to ask a user interface for another frame. What waits already is not told again:
    /// look once after registering.
    pub fn on_wake(&self, function: impl FnMut() + MaybeSend + 'static) -> CallbackGuard {
        self.handle.core().on_wake(function)
    }

    fn on_event(&self, kind: EventKind, mut function: impl FnMut(Event) + MaybeSend + 'static) -> CallbackGuard {
        let function = move |letter: Letter| function(letter.into_event());
        self.handle.core().on_event(&self.reader, kind, function, |dispatch| {
            // where no task can run, no event comes either
            let _no_runtime = spawn(async move { dispatch() });
        })
    }
}

/// The events, ending after [`Event::Ended`].
impl Stream for ReconnectingWebSocket {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll_event(context)
    }
}

impl FusedStream for ReconnectingWebSocket {
    fn is_terminated(&self) -> bool {
        self.reader.is_finished()
    }
}

/// A sink that, where [`Overflow::Wait`] is chosen, waits for room in the queue.
///
/// Flushing waits until all that was accepted before, by the sink or by any handle, was handed to a
/// connection, or dropped and reported; closing flushes first, then closes the socket and waits for its end.
/// Both wait for a connection as long as it takes. Neither reads events, so the owner still finds them.
///
/// # Errors
///
/// [`SinkError::Refused`] with the message that was not accepted; [`SinkError::Unsent`] when the socket
/// ended before all was sent: it gives back what surely was not, and names what was handed to a
/// connection that was lost and is not known to have reached the peer. So `Ok` from `close`, and from
/// `forward`, means that all was sent or [dropped](Event::Dropped), and that no connection was lost with
/// something that is not known to have reached the peer. After a clean closing handshake it says nothing
/// more of the last messages; [`Ended::unknown`] names those.
impl Sink<Message> for ReconnectingWebSocket {
    type Error = SinkError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SinkError>> {
        if self.handle.core().look(Machine::is_closing) {
            // then it is known what became of all that was sent before
            ready!(self.sink().poll_ended(context));
        } else if self.handle.core().look(Machine::overflow) == Overflow::Wait {
            ready!(self.sink().poll_room(context));
        }
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), SinkError> {
        // poll_ready has seen room for at least one more
        let refused = match self.handle.core().send_with_room(message.into()) {
            Ok(_number) => return Ok(()),
            Err(refused) => refused,
        };
        // whoever forwards to the sink has nothing else that tells what became of the others
        match (refused, self.handle.core().sink_failure()) {
            (SendError::Ended { message }, Err(SinkError::Unsent(mut unsent))) => {
                unsent.refused = Some(*message);
                Err(SinkError::Unsent(unsent))
            }
            (refused, _) => Err(SinkError::Refused(refused)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SinkError>> {
        // anew at each poll: a flush that was given up must not end another too early
        let through = self.handle.core().act(Machine::begin_flush);
        ready!(self.sink().poll_flushed(through, context));
        match self.handle.core().look(|machine| machine.was_unsent_at_end(through)) {
            true => Poll::Ready(self.handle.core().sink_failure()),
            false => Poll::Ready(Ok(())),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SinkError>> {
        if !self.handle.state().is_ended() {
            ready!(self.as_mut().poll_flush(context))?;
        }
        self.handle.close();
        ready!(self.sink().poll_ended(context));
        Poll::Ready(self.handle.core().sink_failure())
    }
}

impl fmt::Debug for ReconnectingWebSocket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ReconnectingWebSocket").field("state", &self.state()).finish_non_exhaustive()
    }
}

impl Drop for ReconnectingWebSocket {
    fn drop(&mut self) {
        self.handle.core().mailbox().orphan();
        self.handle.begin_close(Some(CloseFrame::normal()));
    }
}

/// The messages of a socket, from [`ReconnectingWebSocket::messages`].
#[derive(Debug)]
pub struct Messages<'a>(&'a mut ReconnectingWebSocket);

impl Stream for Messages<'_> {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Message>> {
        self.0.poll_message(context)
    }
}

impl FusedStream for Messages<'_> {
    fn is_terminated(&self) -> bool {
        self.0.is_terminated()
    }
}
