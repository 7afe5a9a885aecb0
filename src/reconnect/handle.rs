//! The sending and steering role.

use super::{
    EndedError, Outgoing, Overflow, Progress, SendError, SequenceNumber, State, Tracked, core::Core, machine::Machine,
};
use crate::{CloseCode, CloseError, Message, Text, close::CloseFrame};
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

    /// As [`send`](Self::send), and lets what becomes of the message be awaited.
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
    /// As [`send`](Self::send).
    pub fn send_tracked(&self, message: impl Into<Outgoing>) -> Result<Tracked, SendError> {
        self.core.send_tracked(message.into())
    }

    /// As [`send`](Self::send), but where [`Overflow::Wait`] is chosen it waits for room in the
    /// queue.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); [`SendError::QueueFull`] only where another policy is chosen.
    ///
    /// # Cancel safety
    ///
    /// A future dropped before it is done has not sent the message.
    pub async fn send_wait(&self, message: impl Into<Outgoing>) -> Result<SequenceNumber, SendError> {
        let mut outgoing = message.into();
        loop {
            let retry = outgoing.clone();
            match self.core.send(outgoing) {
                Err(SendError::QueueFull { .. }) if self.core.look(Machine::overflow) == Overflow::Wait => {
                    outgoing = retry;
                    poll_fn(|context| self.core.poll_room(outgoing.message.len(), context)).await;
                }
                result => return result,
            }
        }
    }

    /// Waits until the queue has room, whatever [`Overflow`] says. A producer that awaits it before
    /// each [`send`](Self::send) goes as fast as the peer reads while a connection is open, and stops
    /// when the queue is full while there is none.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::ReconnectingWebSocket;
    ///
    /// let socket = ReconnectingWebSocket::builder(&url).queue_capacity(16, 1 << 20).open()?;
    /// let handle = socket.handle();
    /// for part in 0..100_u8 {
    ///     handle.ready().await?;
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
    /// Dropping the future changes nothing.
    pub async fn ready(&self) -> Result<(), EndedError> {
        poll_fn(|context| self.core.poll_room(0, context)).await;
        match self.state() {
            State::Ended(cause) => Err(EndedError { cause }),
            _ => Ok(()),
        }
    }

    /// Remembers a message that every connection begins with, such as a subscription; if one is
    /// open, it is sent there too, after what is queued. They go in the order in which their
    /// keys were first set, after the session handshake and before the queue. A key that was set
    /// before gets this message in place of that.
    ///
    /// Such a message is never lost, so that it has no number; it may be sent again and again.
    pub fn set_sticky(&self, key: &str, message: impl Into<Message>) {
        self.core.act(|machine| machine.set_sticky(key, message.into()));
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

    /// The state now, and each one it changes to. Who looks seldom misses what came and went in
    /// between, and always sees the newest. Ends after [`State::Ended`].
    pub fn states(&self) -> States {
        States { core: self.core.clone(), seen: None, ended: false }
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
                None => return Err(EndedError { cause: super::EndCause::RuntimeGone }),
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

    /// As [`WebSocket`](crate::WebSocket::has_backpressure)'s, of the connection that is open; `false`
    /// where none is.
    pub fn has_backpressure(&self) -> bool {
        self.core.link().is_some_and(|link| link.has_backpressure())
    }

    /// The bytes of payload that the transport has and has not handed to the network yet; what is
    /// still queued is in [`progress`](Self::progress).
    pub fn buffered_amount(&self) -> u64 {
        self.core.link().map_or(0, |link| link.buffered_amount())
    }

    /// Tries at once, with attempts and delays counted anew: from a wait, a pause, or offline. An
    /// open connection is replaced. An attempt under way is left to go on; closing and the end
    /// are final.
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

    /// Ends a pause; else does nothing.
    pub fn resume(&self) {
        let now = self.core.clock().now();
        self.core.act(|machine| machine.resume(now));
    }

    /// Closes for good, without a code. What is queued leaves first if a connection is open, and
    /// is given back by [`Event::Ended`](super::Event::Ended) else. When closing already, nothing
    /// happens.
    pub fn close(&self) {
        self.begin_close(None);
    }

    /// Closes for good with a code and a reason, as [`close`](Self::close) does without.
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

/// The states of a socket, from [`Handle::states`].
pub struct States {
    core: Arc<Core>,
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
        let (seen, state) = ready!(self.core.poll_state(self.seen.unwrap_or(u64::MAX), context));
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
