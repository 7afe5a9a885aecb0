//! What a component gets.

use crate::core::Core;
use dioxus_signals::{CopyValue, ReadSignal, ReadableExt};
#[cfg(feature = "json")]
use eversocket::reconnect::{Json, JsonError};
use eversocket::{
    Message,
    reconnect::{Handle, Outgoing, SendError, SequenceNumber, State},
};
use std::{fmt, marker::PhantomData};

/// The socket of a component, from [`use_socket`](crate::use_socket) or, where messages are values
/// in JSON, `use_json_socket`: it receives `In` and sends `Out`.
///
/// `Copy`, to give to children as a property or by a context, and to move into closures. Like a
/// signal it belongs to the component that made it, and nobody may read what it shows when that is
/// gone; all else may be called.
///
/// A socket is open from the first effects until its component is gone. Before, on a server that
/// renders, where opening was refused, and after, what sends says so, and what steers does nothing.
pub struct Socket<In: 'static = Message, Out = Outgoing> {
    /// One value for all, since a `Socket` is copied often.
    core: CopyValue<Core<In>>,
    outgoing: PhantomData<fn(Out)>,
}

impl<In: 'static, Out> Socket<In, Out> {
    pub(crate) fn new(core: CopyValue<Core<In>>) -> Self {
        Self { core, outgoing: PhantomData }
    }

    /// `None` where the component that made it is gone.
    pub(crate) fn core(&self) -> Option<Core<In>> {
        self.core.try_peek().ok().map(|core| *core)
    }

    /// Whether a socket that is opened in the place of another first sends, in order, what that one
    /// accepted and surely has not sent; not unless chosen.
    ///
    /// ```
    /// use eversocket::ReconnectingWebSocket;
    /// use eversocket_dioxus::use_socket;
    /// use dioxus::prelude::*;
    ///
    /// #[component]
    /// fn Orders(server: ReadSignal<String>) -> Element {
    ///     let orders = use_socket(move || ReconnectingWebSocket::new(&server.read())).carry_over(true);
    ///     rsx! { p { role: "status", {orders.state().to_string()} } }
    /// }
    /// ```
    ///
    /// Then [`use_events`](crate::use_events) is told only what the new socket does not accept either,
    /// such as what exceeds its queue. Until the old one has given back what waits, which takes a turn
    /// of the event loop, the new one accepts nothing: what sends says so, and
    /// [`handle`](Self::handle) is `None`.
    ///
    /// What is carried over has new numbers and is plain:
    /// [`latest`](Outgoing::latest) and [`expires_in`](Outgoing::expires_in) do not go with it, and
    /// who tracks it is told that the old socket has not sent it.
    pub fn carry_over(self, carries_over: bool) -> Self {
        if let Some(core) = self.core() {
            core.set_carry_over(carries_over);
        }
        self
    }

    /// What the socket is doing. `Connecting { attempt: 1 }` before it is open and on a server;
    /// `Ended` by [`GivenUp`](eversocket::reconnect::EndCause::GivenUp), with the error, where
    /// opening was refused.
    pub fn state(&self) -> ReadSignal<State> {
        self.core.peek().state.seen
    }

    /// The last message that arrived; `None` before the first, and again when another socket was
    /// opened.
    ///
    /// Several may arrive before a component is rendered, which then sees the last of them;
    /// [`use_messages`](crate::use_messages) misses none.
    pub fn last_message(&self) -> ReadSignal<Option<In>> {
        self.core.peek().last_message.seen
    }

    /// Accepts a message for sending; see [`Handle::send`].
    ///
    /// # Errors
    ///
    /// As [`Handle::send`]; [`SendError::Ended`] also where no socket is open (yet, any more, or on
    /// a server). The message is given back.
    pub fn send(&self, message: impl Into<Outgoing>) -> Result<SequenceNumber, SendError> {
        let message = message.into();
        match self.handle() {
            Some(handle) => handle.send(message),
            None => Err(SendError::Ended { message: Box::new(message.into_message()) }),
        }
    }

    /// As [`Handle::reconnect_now`].
    pub fn reconnect_now(&self) {
        self.steer(Handle::reconnect_now);
    }

    /// As [`Handle::pause`].
    pub fn pause(&self) {
        self.steer(Handle::pause);
    }

    /// As [`Handle::resume`].
    pub fn resume(&self) {
        self.steer(Handle::resume);
    }

    /// As [`Handle::close`]: for good, until another socket is opened.
    pub fn close(&self) {
        self.steer(Handle::close);
    }

    /// For everything else: tracked sends, sticky messages, progress, the time to the next attempt.
    /// `None` where no socket is open; another one when another socket was opened.
    pub fn handle(&self) -> Option<Handle> {
        self.core()?.handle()
    }

    fn steer(&self, order: impl FnOnce(&Handle)) {
        if let Some(handle) = self.handle() {
            order(&handle);
        }
    }
}

#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
impl<In: 'static, Out> Socket<In, Out> {
    /// Why the last message that could not be read could not, with the message; `None` before the
    /// first, and again when another socket was opened. Where messages are not values in JSON, all
    /// can be read.
    pub fn unreadable(&self) -> ReadSignal<Option<JsonError>> {
        self.core.peek().unreadable.seen
    }

    /// Sends a value as a text message; see [`Handle::send`].
    ///
    /// # Errors
    ///
    /// [`JsonError::Encode`] if the value cannot be written as JSON, [`JsonError::Send`] as
    /// [`send`](Self::send).
    pub fn send_json(&self, value: &Out) -> Result<SequenceNumber, JsonError>
    where
        Out: serde::Serialize,
    {
        // what it would receive plays no part
        let message = Json::<(), Out>::encode(value)?;
        self.send(message).map_err(JsonError::Send)
    }
}

impl<In, Out> Clone for Socket<In, Out> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<In, Out> Copy for Socket<In, Out> {}

/// The same, by identity.
impl<In, Out> PartialEq for Socket<In, Out> {
    fn eq(&self, other: &Self) -> bool {
        self.core == other.core
    }
}

impl<In, Out> Eq for Socket<In, Out> {}

impl<In, Out> fmt::Debug for Socket<In, Out> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Socket")
            .field("state", &self.core().map(|core| core.state.value()))
            .finish_non_exhaustive()
    }
}
