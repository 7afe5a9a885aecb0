//! What a hook, its sockets, and the task that reads share.

use crate::listeners::Listeners;
use eversocket::{
    CloseCode, Message, OpenError, ReconnectingWebSocket,
    reconnect::{EndCause, Event, Failure, Handle, State},
};
use futures::{StreamExt, channel::oneshot};
use leptos::{prelude::*, task::spawn_local};
use std::convert::Infallible;

#[cfg(feature = "json")]
pub(crate) type Unreadable = eversocket::reconnect::JsonError;
#[cfg(not(feature = "json"))]
pub(crate) type Unreadable = Infallible;

/// How a message becomes a value.
pub(crate) type Read<In> = fn(Message) -> Result<In, Unreadable>;

/// Belongs to the owner in which it was made, and is gone with it.
pub(crate) struct Core<In: 'static> {
    read: Read<In>,
    pub(crate) state: RwSignal<State>,
    pub(crate) last_message: RwSignal<Option<In>>,
    pub(crate) unreadable: RwSignal<Option<Unreadable>>,
    /// Of the socket that is open, if one is.
    handle: StoredValue<Option<Handle>>,
    pub(crate) messages: Listeners<In>,
    pub(crate) events: Listeners<Event>,
}

impl<In> Clone for Core<In> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<In> Copy for Core<In> {}

impl<In: Clone + Send + Sync + 'static> Core<In> {
    pub(crate) fn new(read: Read<In>) -> Self {
        Self {
            read,
            state: RwSignal::new(State::Connecting { attempt: 1 }),
            last_message: RwSignal::new(None),
            unreadable: RwSignal::new(None),
            handle: StoredValue::new(None),
            messages: Listeners::new(),
            events: Listeners::new(),
        }
    }

    /// Whether its owner is gone, of which an effect that has not run yet does not learn.
    pub(crate) fn is_gone(&self) -> bool {
        self.handle.is_disposed()
    }

    /// Reads a socket until the owner is cleaned up, which closes it.
    pub(crate) fn start(self, opened: Result<ReconnectingWebSocket, OpenError>) {
        match opened {
            Ok(socket) => {
                let handle = socket.handle();
                self.handle.set_value(Some(handle.clone()));
                self.show(socket.state());
                // a task that nothing wakes is never freed, and this wakes it
                let (end, ended) = oneshot::channel::<Infallible>();
                spawn_local(self.read(socket, ended));
                on_cleanup(move || {
                    // now, and not when the task is next run, as another may be opened at once; the
                    // code is a valid one
                    let _valid = handle.close_with(CloseCode::NORMAL, "");
                    self.handle.try_set_value(None);
                    drop(end);
                });
            }
            Err(error) => self.show(State::Ended(EndCause::GivenUp(Failure::Endpoint(error)))),
        }
    }

    /// Of a new socket, whose messages those before were not.
    fn show(self, state: State) {
        self.state.set(state);
        empty(self.last_message);
        empty(self.unreadable);
    }

    async fn read(self, socket: ReconnectingWebSocket, ended: oneshot::Receiver<Infallible>) {
        let mut events = socket.take_until(ended);
        while let Some(event) = events.next().await {
            self.tell(event);
        }
    }

    fn tell(self, event: Event) {
        match &event {
            Event::Message(message) => self.receive(message.clone()),
            Event::State(state) => self.enter(state.clone()),
            Event::Ended(ended) => self.enter(State::Ended(ended.cause.clone())),
            _ => {}
        }
        self.events.call(&event);
    }

    fn receive(self, message: Message) {
        match (self.read)(message) {
            Ok(value) => {
                self.last_message.try_set(Some(value.clone()));
                self.messages.call(&value);
            }
            Err(error) => drop(self.unreadable.try_set(Some(error))),
        }
    }

    fn enter(self, state: State) {
        if self.state.try_with_untracked(|now| *now != state) == Some(true) {
            self.state.try_set(state);
        }
    }
}

impl<In: 'static> Core<In> {
    pub(crate) fn handle(&self) -> Option<Handle> {
        self.handle.try_get_value().flatten()
    }
}

/// Empties it, and tells nobody if it is empty.
fn empty<T: Send + Sync + 'static>(signal: RwSignal<Option<T>>) {
    if signal.with_untracked(Option::is_some) {
        signal.set(None);
    }
}
