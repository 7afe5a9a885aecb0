//! What a hook, its sockets, and the task that reads share.

use crate::listeners::Listeners;
use dioxus_core::{Task, spawn};
use dioxus_signals::{CopyValue, ReadSignal, ReadableExt, Signal, WritableExt};
use eversocket::{
    Message, OpenError, ReconnectingWebSocket,
    reconnect::{EndCause, Event, Failure, Handle, State},
};
use std::rc::Rc;

#[cfg(feature = "json")]
pub(crate) type Unreadable = eversocket::reconnect::JsonError;
#[cfg(not(feature = "json"))]
pub(crate) type Unreadable = std::convert::Infallible;

/// How a message becomes a value.
pub(crate) type Read<In> = fn(Message) -> Result<In, Unreadable>;

/// Belongs to the component in which it was made, and is gone with it, as is the task: Dioxus
/// drops both.
pub(crate) struct Core<In: 'static> {
    read: Read<In>,
    pub(crate) state: Shown<State>,
    pub(crate) last_message: Shown<Option<In>>,
    #[cfg_attr(not(feature = "json"), allow(dead_code, reason = "all messages can be read"))]
    pub(crate) unreadable: Shown<Option<Unreadable>>,
    /// Of the socket that is open, if one is.
    handle: CopyValue<Option<Handle>>,
    /// Owns that socket.
    task: CopyValue<Option<Task>>,
    pub(crate) messages: Listeners<In>,
    pub(crate) events: Listeners<Rc<Event>>,
}

/// A signal, and what components see of it, made once since each is kept until the end.
pub(crate) struct Shown<T: 'static> {
    signal: Signal<T>,
    pub(crate) seen: ReadSignal<T>,
}

impl<T> Shown<T> {
    fn new(value: T) -> Self {
        let signal = Signal::new(value);
        Self { signal, seen: signal.into() }
    }

    pub(crate) fn value(&self) -> T
    where
        T: Clone,
    {
        self.signal.peek().clone()
    }
}

impl<T> Clone for Shown<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shown<T> {}

impl<In> Clone for Core<In> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<In> Copy for Core<In> {}

impl<In> Core<In> {
    pub(crate) fn new(read: Read<In>) -> Self {
        Self {
            read,
            state: Shown::new(State::Connecting { attempt: 1 }),
            last_message: Shown::new(None),
            unreadable: Shown::new(None),
            handle: CopyValue::new(None),
            task: CopyValue::new(None),
            messages: Listeners::new(),
            events: Listeners::new(),
        }
    }

    pub(crate) fn handle(&self) -> Option<Handle> {
        self.handle.peek().clone()
    }

    /// Drops the socket that is open, if one is, and so closes it.
    pub(crate) fn stop(mut self) {
        self.handle.set(None);
        if let Some(task) = self.task.replace(None) {
            task.cancel();
        }
    }
}

impl<In: Clone + 'static> Core<In> {
    /// Reads a socket until it is stopped, or the component is gone.
    pub(crate) fn start(mut self, opened: Result<ReconnectingWebSocket, OpenError>) {
        match opened {
            Ok(socket) => {
                self.handle.set(Some(socket.handle()));
                self.show(socket.state());
                self.task.set(Some(spawn(self.read(socket))));
            }
            Err(error) => self.show(State::Ended(EndCause::GivenUp(Failure::Endpoint(error)))),
        }
    }

    /// Of a new socket, whose messages those before were not.
    fn show(mut self, state: State) {
        self.enter(state);
        empty(&mut self.last_message.signal);
        empty(&mut self.unreadable.signal);
    }

    async fn read(self, mut socket: ReconnectingWebSocket) {
        while let Some(event) = socket.next_event().await {
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
        self.events.call(&Rc::new(event));
    }

    fn receive(mut self, message: Message) {
        match (self.read)(message) {
            Ok(value) => {
                self.last_message.signal.set(Some(value.clone()));
                self.messages.call(&value);
            }
            Err(error) => self.unreadable.signal.set(Some(error)),
        }
    }

    fn enter(mut self, state: State) {
        if *self.state.signal.peek() != state {
            self.state.signal.set(state);
        }
    }
}

/// Empties it, and tells nobody if it is empty.
fn empty<T: 'static>(signal: &mut Signal<Option<T>>) {
    if signal.peek().is_some() {
        signal.set(None);
    }
}
