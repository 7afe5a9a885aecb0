//! The sending and steering role.

use super::{
    EndCause, EndedError, Failure, Outgoing, Progress, SendError, SequenceNumber, State, Tracked,
    core::{Core, Line, Waiting},
    machine::Machine,
};
use crate::{CloseCode, CloseError, Message, Text, close::CloseFrame, platform::Change};
use futures::{Stream, stream::FusedStream};
use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

/// Sends, steers and reads the state of a
/// [`ReconnectingWebSocket`](super::ReconnectingWebSocket), from anywhere.
///
/// Cheap to clone. It keeps nothing open: once the socket is dropped it closes, and every handle
/// says so.
#[derive(Clone)]
pub struct Handle {
    core: Arc<Core>,
}

impl Handle {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Accepts a message for sending, and returns its number at once: it leaves in order as soon
    /// as a connection is open, or is reported.
    ///
    /// Messages that are sent in a row leave together, without a system call for each.
    ///
    /// # Errors
    ///
    /// The message is given back, and will not be sent: [`SendError::QueueFull`],
    /// [`SendError::NotReady`] for volatile ones, [`SendError::Ended`].
    pub fn send(&self, message: impl Into<Outgoing>) -> Result<SequenceNumber, SendError> {
        self.core.send(message.into())
    }

    /// Accepts a message for sending as [`send`](Self::send) does, and lets what becomes of it be awaited.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |_: String| {
    /// use eversocket::{ReconnectingWebSocket, reconnect::{DropReason, Outcome}};
    ///
    /// let socket = ReconnectingWebSocket::new("ws://nobody.invalid/")?;
    /// let tracked = socket.handle().send_tracked("an order")?;
    /// drop(socket);
    /// assert_eq!(tracked.await, Outcome::NotSent(DropReason::Ended));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_tracked(&self, message: impl Into<Outgoing>) -> Result<Tracked, SendError> {
        self.core.send_tracked(message.into())
    }

    /// Sends a message as [`send`](Self::send) does, but where [`Overflow::Wait`](super::Overflow::Wait)
    /// is chosen it waits for room in the queue. Senders get room in the order in which they came, each
    /// for the size of its message: a large one does not starve behind small ones.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send); [`SendError::QueueFull`] only where another policy is chosen.
    ///
    /// # Cancel safety
    ///
    /// A future dropped before it is done has not sent the message.
    pub async fn send_wait(&self, message: impl Into<Outgoing>) -> Result<SequenceNumber, SendError> {
        let mut outgoing = Some(message.into());
        let mut waiting = Waiting::new(&self.core, Line::Room);
        poll_fn(|context| waiting.poll_send(&mut outgoing, context)).await
    }

    /// Sends a message as [`send_wait`](Self::send_wait) does, and lets what becomes of it be awaited.
    ///
    /// # Errors
    ///
    /// Those of [`send_wait`](Self::send_wait).
    ///
    /// # Cancel safety
    ///
    /// A future dropped before it is done has not sent the message.
    pub async fn send_wait_tracked(&self, message: impl Into<Outgoing>) -> Result<Tracked, SendError> {
        let mut outgoing = Some(message.into());
        let mut waiting = Waiting::new(&self.core, Line::Room);
        poll_fn(|context| waiting.poll_send_tracked(&mut outgoing, context)).await
    }

    /// Takes back a message that still waits in the queue, and gives it to you; `None` if it was handed
    /// over or dropped. It is reported as [`DropReason::Withdrawn`](super::DropReason::Withdrawn).
    ///
    /// ```
    /// # eversocket_server::doctest!(async |_: String| {
    /// use eversocket::ReconnectingWebSocket;
    ///
    /// let socket = ReconnectingWebSocket::new("ws://nobody.invalid/")?;
    /// let handle = socket.handle();
    /// let number = handle.send("a second thought")?;
    /// assert_eq!(handle.withdraw(number), Some("a second thought".into()));
    /// assert_eq!(handle.withdraw(number), None);
    /// # Ok(()) });
    /// ```
    pub fn withdraw(&self, number: SequenceNumber) -> Option<Message> {
        self.core.act(|machine| machine.withdraw(number))
    }

    /// Waits until the queue has room for a message of so many bytes, whatever
    /// [`Overflow`](super::Overflow) says, in the order in which others came. A producer that awaits it
    /// before each [`send`](Self::send) goes as fast as the peer reads while a connection is open, and
    /// stops when the queue is full while there is none. Where several tasks send, another may take the
    /// room first: [`send_wait`](Self::send_wait) waits and sends in one.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::ReconnectingWebSocket;
    ///
    /// let socket = ReconnectingWebSocket::builder(&url).queue_capacity(16, 1 << 20).open()?;
    /// let handle = socket.handle();
    /// for part in 0..100_u8 {
    ///     handle.ready_for(1000).await?;
    ///     handle.send(vec![part; 1000])?;
    /// }
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// When the socket has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing, and keeps nothing.
    pub async fn ready_for(&self, bytes: u64) -> Result<(), EndedError> {
        let mut waiting = Waiting::new(&self.core, Line::Room);
        poll_fn(|context| waiting.poll_room(bytes, context)).await;
        match waiting.state() {
            State::Ended(cause) => Err(EndedError { cause }),
            _ => Ok(()),
        }
    }

    /// Waits until all that was accepted before this call has left the queue: handed to a connection,
    /// or dropped and reported. Whether the peer has it is another matter: see
    /// [`Progress`](super::Progress).
    ///
    /// # Errors
    ///
    /// When the socket has ended with some of it unsent, which [`Event::Ended`](super::Event::Ended)
    /// gives back.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing, and keeps nothing.
    pub async fn flushed(&self) -> Result<(), EndedError> {
        let through = self.core.look(Machine::accepted_through);
        let mut waiting = Waiting::new(&self.core, Line::Flush);
        poll_fn(|context| waiting.poll_flushed(through, context)).await;
        self.core.look(|machine| match machine.state() {
            State::Ended(cause) if machine.was_unsent_at_end(through) => Err(EndedError { cause: cause.clone() }),
            _ => Ok(()),
        })
    }

    /// Waits until the socket has ended, and tells why. Its [`Event::Ended`](super::Event::Ended), with
    /// what was not sent, goes to the owner.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing, and keeps nothing.
    pub async fn ended(&self) -> EndCause {
        let mut waiting = Waiting::new(&self.core, Line::State);
        poll_fn(|context| waiting.poll_ended(context)).await;
        match waiting.state() {
            State::Ended(cause) => cause,
            // what has ended stays so
            _ => EndCause::RuntimeGone,
        }
    }

    /// Says that the peer's application has all messages up to this number, by an acknowledgement of
    /// its own that you have read. They are [`Delivered`](super::Outcome::Delivered), unless their outcome
    /// was settled before, when their connection ended; and events from now on do not count them as
    /// [`unknown`](super::Interruption::unknown). A number beyond what was handed over stands for all that
    /// was.
    pub fn confirm_through(&self, number: SequenceNumber) {
        self.core.confirm_through(number);
    }

    /// The contents of messages of unknown fate, oldest first, each once: those that
    /// [`Builder::retain_unknown`](super::Builder::retain_unknown) has kept. To send one again is for
    /// you to decide: the peer may have it.
    pub fn take_unknown(&self) -> Vec<(SequenceNumber, Message)> {
        self.core.act(Machine::take_unknown)
    }

    /// Remembers a message that every connection begins with, such as a subscription; if one is
    /// open, it is sent there too, after what is queued. They go in the order in which their
    /// keys were first set, after the session handshake and before the queue. A key that was set
    /// before gets this message in place of that.
    ///
    /// Such a message is never lost, so that it has no number; it may be sent again and again.
    pub fn set_sticky(&self, key: &str, message: impl Into<Message>) {
        // converted here: what converts it may use this handle
        let message = message.into();
        self.core.act(|machine| machine.set_sticky(key, message));
    }

    /// Forgets a message that every connection was to begin with; whether there was one. To tell
    /// the peer, of the connection that is open, is another message.
    pub fn remove_sticky(&self, key: &str) -> bool {
        self.core.act(|machine| machine.remove_sticky(key))
    }

    /// Remembers how far the application has come, for the next connection: the endpoint provider
    /// and the session handshake are given it.
    pub fn set_resume_token(&self, token: impl Into<Option<String>>) {
        self.core.set_resume_token(token.into());
    }

    /// What it is doing now. Events that tell of it may still wait to be read.
    pub fn state(&self) -> State {
        self.core.look(|machine| machine.state().clone())
    }

    /// The state now, and each one it changes to. If you poll it seldom you miss states that came and
    /// went in between, and always see the newest. Ends after [`State::Ended`].
    pub fn states(&self) -> States {
        States { waiting: Waiting::new(&self.core, Line::State), seen: None, ended: false }
    }

    /// Waits until messages flow.
    ///
    /// # Errors
    ///
    /// When the socket ends first, or has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn opened(&self) -> Result<(), EndedError> {
        let mut states = self.states();
        loop {
            match poll_fn(|context| Pin::new(&mut states).poll_next(context)).await {
                Some(State::Open) => return Ok(()),
                Some(State::Ended(cause)) => return Err(EndedError { cause }),
                Some(_) => {}
                // the stream ends after the state that has just been looked for
                None => return Err(EndedError { cause: EndCause::RuntimeGone }),
            }
        }
    }

    /// How much of a wait for the next attempt is left; `None` if there is no such wait.
    pub fn time_to_retry(&self) -> Option<Duration> {
        let now = self.core.clock().now();
        self.core.look(|machine| machine.time_to_retry(now.at))
    }

    /// From the last answered heartbeat to its answer.
    pub fn round_trip(&self) -> Option<Duration> {
        self.core.look(Machine::round_trip)
    }

    /// How far messages have come.
    pub fn progress(&self) -> Progress {
        self.core.progress()
    }

    /// All that a health page shows, of one moment.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::ReconnectingWebSocket;
    ///
    /// let mut socket = ReconnectingWebSocket::new(&url)?;
    /// socket.opened().await?;
    /// let health = socket.handle().health();
    /// assert_eq!((health.state.name(), health.last_failure), ("open", None));
    /// # Ok(()) });
    /// ```
    pub fn health(&self) -> Health {
        let now = self.core.clock().now();
        self.core.look(|machine| Health {
            state: machine.state().clone(),
            attempt: machine.attempt(),
            last_failure: machine.last_failure().cloned(),
            open_for: machine.open_for(now.at),
            time_to_retry: machine.time_to_retry(now.at),
            round_trip: machine.round_trip(),
            progress: machine.progress(),
        })
    }

    /// The subprotocol that the server chose, or an empty string where no connection is open.
    pub fn protocol(&self) -> String {
        self.core.link().map(|link| link.protocol()).unwrap_or_default()
    }

    /// The extensions in use, or an empty string where no connection is open.
    pub fn extensions(&self) -> String {
        self.core.link().map(|link| link.extensions()).unwrap_or_default()
    }

    /// The URL of the connection that there is or is being made, as the standard resolves it, with
    /// whatever secrets it has; an empty string where there is none.
    pub fn url(&self) -> String {
        self.core.link().map(|link| link.url().to_owned()).unwrap_or_default()
    }

    /// Whether the server waits while nobody reads, on the connection that is open: natively always, in a
    /// browser where [`Builder::backpressure`](super::Builder::backpressure) was asked for and can be
    /// had. `false` where no connection is open.
    pub fn has_backpressure(&self) -> bool {
        self.core.link().is_some_and(|link| link.has_backpressure())
    }

    /// The bytes of payload that the transport has and has not handed to the network yet; what is
    /// still queued is in [`progress`](Self::progress).
    pub fn buffered_amount(&self) -> u64 {
        self.core.link().map_or(0, |link| link.buffered_amount())
    }

    /// Tries at once, with attempts and delays counted anew: from a wait, a pause, or offline. An
    /// open connection is replaced, and so is an attempt under way; closing and the end are final.
    pub fn reconnect_now(&self) {
        let now = self.core.clock().now();
        self.core.act(|machine| machine.reconnect_now(now));
    }

    /// Lets go of the connection with code 1000, and tries nothing until [`resume`](Self::resume)
    /// or [`reconnect_now`](Self::reconnect_now). Messages can be sent, and wait.
    pub fn pause(&self) {
        let now = self.core.clock().now();
        self.core.act(|machine| machine.pause(now));
    }

    /// Ends a pause, with attempts and delays counted anew; else does nothing.
    pub fn resume(&self) {
        let now = self.core.clock().now();
        self.core.act(|machine| machine.resume(now));
    }

    /// Sends a heartbeat now, if a connection is open and has a [heartbeat](super::Heartbeat). If
    /// nothing arrives within its limit, which runs from the last heartbeat, the connection is replaced.
    pub fn probe(&self) {
        let now = self.core.clock().now();
        self.core.act(|machine| machine.probe_now(now));
    }

    /// Says that the device is on another network, or on one again: a wait for the next attempt is over,
    /// and an open connection is asked for a sign of life. For applications that learn it from their
    /// system; in a page the browser tells.
    pub fn network_changed(&self) {
        let now = self.core.clock().now();
        self.core.act(|machine| machine.network_changed(now));
    }

    /// Says whether there is a network at all. While there is none, nothing is tried, and the state is
    /// [`State::Offline`]; an open connection is left alone. For applications that learn it from their
    /// system; in a page the browser tells.
    pub fn set_online(&self, is_online: bool) {
        self.changed(if is_online { Change::Online } else { Change::Offline });
    }

    /// Says whether the application is in the foreground. In the background its connection is let go
    /// after [`Builder::hidden_limit`](super::Builder::hidden_limit); back in the foreground a new one is
    /// made, or the one there is asked for a sign of life. For applications that learn it from their
    /// system; in a page the browser tells.
    pub fn set_foreground(&self, is_foreground: bool) {
        self.changed(if is_foreground { Change::Visible } else { Change::Hidden });
    }

    fn changed(&self, change: Change) {
        let now = self.core.clock().now();
        self.core.act(|machine| machine.changed(change, now));
    }

    /// Ends in good order: accepts nothing more, sends what waits, waits for a heartbeat's answer as
    /// proof that it arrived, and closes with code 1000. All of that within a time, after which the
    /// socket ends as it is. Where no connection is open and messages wait, it goes on connecting to
    /// send them, once a pause or the lack of a network is over; where none wait, it ends at once. Until it
    /// closes, [`state`](Self::state) tells what it is doing, though sends are refused. Called again it can
    /// only make the time shorter. [`Event::Ended`](super::Event::Ended) reports what
    /// was not sent, and what is of unknown fate.
    ///
    /// Without a [heartbeat](super::Heartbeat), as in browsers by default, nothing proves that messages
    /// arrived, and it closes once they are sent.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::ReconnectingWebSocket;
    /// use std::time::Duration;
    ///
    /// let mut socket = ReconnectingWebSocket::new(&url)?;
    /// socket.send("goodbye")?; // no connection is open yet
    /// socket.handle().shutdown(Duration::from_secs(10));
    /// let ended = socket.ended().await;
    /// assert!(ended.unsent.is_empty());
    /// # Ok(()) });
    /// ```
    pub fn shutdown(&self, within: Duration) {
        let now = self.core.clock().now();
        self.core.act(|machine| machine.shut_down(Some(CloseFrame::normal()), within, now));
    }

    /// Closes for good, without a code. What is queued leaves first if a connection is open, and
    /// is given back by [`Event::Ended`](super::Event::Ended) else. When closing already, nothing
    /// happens.
    pub fn close(&self) {
        self.begin_close(None);
    }

    /// Closes for good with a code and a reason, otherwise like [`close`](Self::close).
    ///
    /// # Errors
    ///
    /// [`CloseError::InvalidCode`] unless the code is 1000 or 3000 to 4999,
    /// [`CloseError::ReasonTooLong`] over 123 bytes of UTF-8; the socket stays as it was.
    pub fn close_with(&self, code: impl Into<CloseCode>, reason: impl Into<Text>) -> Result<(), CloseError> {
        self.begin_close(Some(CloseFrame::new(code, reason)?));
        Ok(())
    }

    pub(crate) fn begin_close(&self, frame: Option<CloseFrame>) {
        let now = self.core.clock().now();
        self.core.act(|machine| machine.close(frame, now));
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Handle").field("state", &self.state()).finish_non_exhaustive()
    }
}

/// What a health page shows of a socket; from [`Handle::health`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Health {
    /// What it is doing; [`State::name`] is that in one word.
    pub state: State,
    /// Which attempt is under way or comes next; 1 while a connection is stable.
    pub attempt: u32,
    /// Why the last attempt failed, or the last connection was lost; `None` if that never happened.
    pub last_failure: Option<Failure>,
    /// For how long messages have flowed, while they do.
    pub open_for: Option<Duration>,
    /// How much of a wait for the next attempt is left.
    pub time_to_retry: Option<Duration>,
    /// From the last answered heartbeat to its answer.
    pub round_trip: Option<Duration>,
    /// How far messages have come.
    pub progress: Progress,
}

/// The states of a socket, from [`Handle::states`].
pub struct States {
    waiting: Waiting,
    /// How many changes there had been at the last look.
    seen: Option<u64>,
    ended: bool,
}

impl Stream for States {
    type Item = State;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<State>> {
        if self.ended {
            return Poll::Ready(None);
        }
        // no number of changes comes near that
        let seen = self.seen.unwrap_or(u64::MAX);
        let (seen, state) = ready!(self.waiting.poll_state(seen, context));
        self.seen = Some(seen);
        self.ended = state.is_ended();
        Poll::Ready(Some(state))
    }
}

impl FusedStream for States {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl fmt::Debug for States {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("States").finish_non_exhaustive()
    }
}
