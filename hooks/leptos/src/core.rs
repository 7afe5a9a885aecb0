//! What a hook, its sockets, and the task that reads share.

use crate::{
    listeners::{Listeners, Shared},
    succession::{Succession, carry_over, is_loss},
};
use eversocket::{
    CloseCode, Message, OpenError, ReconnectingWebSocket,
    reconnect::{EndCause, Event, Failure, Handle, State},
};
use futures::{StreamExt, channel::oneshot};
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;

#[cfg(feature = "json")]
pub(crate) type Unreadable = eversocket::reconnect::JsonError;
#[cfg(not(feature = "json"))]
pub(crate) type Unreadable = std::convert::Infallible;

/// How a message becomes a value.
pub(crate) type Read<In> = fn(Message) -> Result<In, Unreadable>;

/// Belongs to the owner in which it was made, and is gone with it.
pub(crate) struct Core<In: 'static> {
    read: Read<In>,
    pub(crate) state: RwSignal<State>,
    pub(crate) last_message: RwSignal<Option<In>>,
    pub(crate) unreadable: RwSignal<Option<Unreadable>>,
    sockets: StoredValue<Succession>,
    pub(crate) messages: Listeners<In>,
    pub(crate) events: Listeners<Event>,
}

/// How a socket is left that another takes the place of, or whose component goes.
struct Left {
    /// Those who listen until then, who are told what becomes of its messages.
    listeners: Vec<SendWrapper<Shared<Event>>>,
    /// Whether what it has not sent is for the one that takes its place.
    carries_over: bool,
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
            sockets: StoredValue::new(Succession::default()),
            messages: Listeners::new(),
            events: Listeners::new(),
        }
    }

    /// Whether its owner is gone, of which an effect that has not run yet does not learn.
    pub(crate) fn is_gone(&self) -> bool {
        self.sockets.is_disposed()
    }

    /// Reads a socket until the owner is cleaned up, which closes it.
    pub(crate) fn start(self, opened: Result<ReconnectingWebSocket, OpenError>) {
        match opened {
            Ok(socket) => {
                let handle = socket.handle();
                self.sockets.update_value(|sockets| sockets.enter(handle.clone()));
                self.show(socket.state());
                // a task that nothing wakes is never freed, and this wakes it
                let (leave, left) = oneshot::channel();
                spawn_local(self.read(socket, left));
                on_cleanup(move || self.leave(&handle, leave));
            }
            Err(error) => self.show(State::Ended(EndCause::GivenUp(Failure::Endpoint(error)))),
        }
    }

    fn leave(self, handle: &Handle, leave: oneshot::Sender<Left>) {
        let carries_over = self.sockets.try_update_value(Succession::leave).unwrap_or_default();
        if !carries_over {
            close(handle);
        }
        // where it has ended already nobody waits for that
        let _ended = leave.send(Left { listeners: self.events.all(), carries_over });
    }

    /// Of a new socket, whose messages those before were not.
    fn show(self, state: State) {
        self.state.set(state);
        empty(self.last_message);
        empty(self.unreadable);
    }

    async fn read(self, socket: ReconnectingWebSocket, left: oneshot::Receiver<Left>) {
        let mut events = socket.take_until(left);
        while let Some(event) = events.next().await {
            self.tell(event);
        }
        if let Some(Ok(left)) = events.take_result() {
            self.drain(events.into_inner(), left).await;
        }
    }

    /// Reads a socket that was left to its end: of that only what becomes of messages is told.
    async fn drain(self, mut socket: ReconnectingWebSocket, left: Left) {
        let newest = || self.sockets.try_with_value(Succession::newest).flatten();
        if left.carries_over && newest().is_some() {
            // so that a connection takes no more of what waits, and all of it comes back at once
            socket.handle().pause();
        }
        close(&socket.handle());
        while let Some(mut event) = socket.next_event().await {
            match &mut event {
                Event::State(_) | Event::Message(_) => continue,
                Event::Ended(ended) if left.carries_over => {
                    if let Some(newest) = newest() {
                        carry_over(ended, &newest);
                    }
                    self.sockets.try_update_value(Succession::settle);
                }
                _ => {}
            }
            // who is gone is told only what nobody would know else
            for listener in left.listeners.iter().filter(|listener| !listener.is_gone() || is_loss(&event)) {
                listener.call(&event);
            }
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
        self.sockets.try_with_value(Succession::handle).flatten()
    }

    pub(crate) fn set_carry_over(&self, carries_over: bool) {
        self.sockets.try_update_value(|sockets| sockets.carries_over = carries_over);
    }
}

/// At once, as another may be opened at once.
fn close(handle: &Handle) {
    // the code is a valid one
    let _valid = handle.close_with(CloseCode::NORMAL, "");
}

/// Empties it, and tells nobody if it is empty.
fn empty<T: Send + Sync + 'static>(signal: RwSignal<Option<T>>) {
    if signal.with_untracked(Option::is_some) {
        signal.set(None);
    }
}
