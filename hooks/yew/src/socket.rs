//! What a component gets.

use crate::core::Core;
#[cfg(feature = "json")]
use eversocket::reconnect::{Json, JsonError};
use eversocket::{
    Message,
    reconnect::{Handle, Outgoing, SendError, SequenceNumber, State},
};
use std::{fmt, marker::PhantomData, rc::Rc};
use yew::html::ImplicitClone;

/// The socket of a component, from [`use_socket`](crate::use_socket) or, where messages are values
/// in JSON, `use_json_socket`: it receives `In` and sends `Out`.
///
/// Cheap to clone, to give to children as a property or by a context. It equals another if it is
/// of the same call and nothing that it shows has changed in between, so that children are
/// rendered again when they should be. What it shows is always the newest, also in closures of an
/// earlier rendering.
///
/// A socket is open from the effects of the first rendering until its component is gone. Before, on
/// a server that renders, where opening was refused, and after, what sends says so, and what steers
/// does nothing.
pub struct Socket<In = Message, Out = Outgoing> {
    core: Rc<Core<In>>,
    revision: u64,
    outgoing: PhantomData<fn(Out)>,
}

impl<In, Out> Socket<In, Out> {
    pub(crate) fn new(core: Rc<Core<In>>) -> Self {
        let revision = core.revision();
        Self { core, revision, outgoing: PhantomData }
    }

    pub(crate) fn core(&self) -> &Rc<Core<In>> {
        &self.core
    }

    /// Whether a socket that is opened in the place of another first sends, in order, what that one
    /// accepted and surely has not sent; not unless chosen.
    ///
    /// ```
    /// use eversocket::ReconnectingWebSocket;
    /// use eversocket_yew::use_socket;
    /// use yew::prelude::*;
    ///
    /// #[derive(Properties, PartialEq)]
    /// struct Given {
    ///     server: AttrValue,
    /// }
    ///
    /// #[component]
    /// fn Orders(props: &Given) -> Html {
    ///     let orders = use_socket(props.server.clone(), |url| ReconnectingWebSocket::new(url)).carry_over(true);
    ///     html! { <p role="status">{ orders.state().to_string() }</p> }
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
        self.core.set_carry_over(carries_over);
        self
    }

    /// What the socket is doing. `Connecting { attempt: 1 }` before it is open and on a server;
    /// `Ended` by [`GivenUp`](eversocket::reconnect::EndCause::GivenUp), with the error, where
    /// opening was refused; `Ended` by [`Closed`](eversocket::reconnect::EndCause::Closed) when the
    /// component is gone.
    pub fn state(&self) -> State {
        self.core.view().state.clone()
    }

    /// The last message that arrived; `None` before the first, and again when the dependencies have
    /// changed.
    ///
    /// Several may arrive before a component is rendered, which then sees the last of them;
    /// [`use_messages`](crate::use_messages) misses none.
    pub fn last_message(&self) -> Option<In>
    where
        In: Clone,
    {
        self.core.view().last_message.clone()
    }

    /// Accepts a message for sending; see [`Handle::send`].
    ///
    /// # Errors
    ///
    /// As [`Handle::send`]; [`SendError::Ended`] also where no socket is open (yet, any more, or on
    /// a server). The message is given back.
    pub fn send(&self, message: impl Into<Outgoing>) -> Result<SequenceNumber, SendError> {
        let message = message.into();
        match self.core.handle() {
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

    /// As [`Handle::close`]: for good, until the dependencies change.
    pub fn close(&self) {
        self.steer(Handle::close);
    }

    /// For everything else: tracked sends, sticky messages, progress, the time to the next attempt.
    /// `None` where no socket is open; another one when the dependencies have changed.
    pub fn handle(&self) -> Option<Handle> {
        self.core.handle()
    }

    fn steer(&self, order: impl FnOnce(&Handle)) {
        if let Some(handle) = self.core.handle() {
            order(&handle);
        }
    }
}

#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
impl<In, Out> Socket<In, Out> {
    /// Why the last message that could not be read could not, with the message; `None` before the
    /// first, and again when the dependencies have changed. Where messages are not values in JSON,
    /// all can be read.
    pub fn unreadable(&self) -> Option<JsonError> {
        self.core.view().unreadable.clone()
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
        Self { core: self.core.clone(), revision: self.revision, outgoing: PhantomData }
    }
}

impl<In, Out> ImplicitClone for Socket<In, Out> {}

impl<In, Out> PartialEq for Socket<In, Out> {
    fn eq(&self, other: &Self) -> bool {
        self.core == other.core && self.revision == other.revision
    }
}

impl<In, Out> fmt::Debug for Socket<In, Out> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Socket").field("state", &self.state()).finish_non_exhaustive()
    }
}
