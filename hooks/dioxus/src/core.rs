//! What a hook, its sockets, and the task that reads share.

use crate::{
    listeners::{Listener, Listeners},
    succession::{Succession, carry_over},
};
use dioxus_core::{Runtime, spawn_forever};
use dioxus_signals::{CopyValue, ReadSignal, ReadableExt, Signal, WritableExt};
use eversocket::{
    CloseCode, Message, OpenError, ReconnectingWebSocket,
    reconnect::{EndCause, Event, Failure, Handle, State},
};
use futures::{StreamExt, channel::oneshot};
use std::rc::Rc;

#[cfg(feature = "json")]
pub(crate) type Unreadable = eversocket::reconnect::JsonError;
#[cfg(not(feature = "json"))]
pub(crate) type Unreadable = std::convert::Infallible;

/// How a message becomes a value.
pub(crate) type Read<In> = fn(Message) -> Result<In, Unreadable>;

/// Belongs to the component in which it was made, and is gone with it.
pub(crate) struct Core<In: 'static> {
    read: Read<In>,
    pub(crate) state: Shown<State>,
    pub(crate) last_message: Shown<Option<In>>,
    #[cfg_attr(not(feature = "json"), allow(dead_code, reason = "all messages can be read"))]
    pub(crate) unreadable: Shown<Option<Unreadable>>,
    sockets: CopyValue<Succession>,
    /// The newest socket, and what tells the task that reads it when it is left.
    started: CopyValue<Option<(Handle, oneshot::Sender<Left>)>>,
    pub(crate) messages: Listeners<In>,
    pub(crate) events: Listeners<Rc<Event>>,
}

/// How a socket is left that another takes the place of, or whose component goes.
struct Left {
    /// Those who listen until then, who are told what becomes of its messages.
    listeners: Vec<Rc<Listener<Rc<Event>>>>,
    /// Whether what it has not sent is for the one that takes its place.
    carries_over: bool,
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
            sockets: CopyValue::new(Succession::default()),
            started: CopyValue::new(None),
            messages: Listeners::new(),
            events: Listeners::new(),
        }
    }

    pub(crate) fn handle(&self) -> Option<Handle> {
        self.sockets.peek().handle()
    }

    pub(crate) fn set_carry_over(mut self, carries_over: bool) {
        self.sockets.write().carries_over = carries_over;
    }

    /// Leaves the newest socket, if there is one, and so closes it.
    pub(crate) fn stop(mut self) {
        let Some((handle, leave)) = self.started.replace(None) else { return };
        let carries_over = self.sockets.write().leave();
        if !carries_over {
            close(&handle);
        }
        // where it has ended already nobody waits for that
        let _ended = leave.send(Left { listeners: self.events.all(), carries_over });
    }

    /// Does something in the component that it belongs to, which may be gone, as Dioxus wants it.
    fn within<R>(self, act: impl FnOnce() -> R) -> R {
        Runtime::current().in_scope(self.sockets.origin_scope(), act)
    }

    /// Reads a socket that was left to its end: of that only what becomes of messages is told.
    async fn drain(self, mut socket: ReconnectingWebSocket, left: Left) {
        let newest = || self.within(|| self.sockets.try_peek().ok().and_then(|sockets| sockets.newest()));
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
                    self.settle();
                }
                _ => {}
            }
            let event = Rc::new(event);
            for listener in &left.listeners {
                listener.call(event.clone());
            }
        }
    }

    fn settle(mut self) {
        self.within(|| {
            if let Ok(mut sockets) = self.sockets.try_write() {
                sockets.settle();
            }
        });
    }
}

impl<In: Clone + 'static> Core<In> {
    /// Reads a socket until it is stopped, or the component is gone.
    pub(crate) fn start(mut self, opened: Result<ReconnectingWebSocket, OpenError>) {
        match opened {
            Ok(socket) => {
                let handle = socket.handle();
                self.sockets.write().enter(handle.clone());
                self.show(socket.state());
                let (leave, left) = oneshot::channel();
                self.started.set(Some((handle, leave)));
                // a task of the component would be dropped with it, and the end not be read
                spawn_forever(self.read(socket, left));
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

    async fn read(self, socket: ReconnectingWebSocket, left: oneshot::Receiver<Left>) {
        let mut events = socket.take_until(left);
        while let Some(event) = events.next().await {
            self.within(|| self.tell(event));
        }
        if let Some(Ok(left)) = events.take_result() {
            self.drain(events.into_inner(), left).await;
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

/// At once, as another may be opened at once.
fn close(handle: &Handle) {
    // the code is a valid one
    let _valid = handle.close_with(CloseCode::NORMAL, "");
}
