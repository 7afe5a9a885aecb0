//! What a hook, its sockets, and the task that reads share.

use crate::listeners::Listeners;
use eversocket::{
    Message, OpenError, ReconnectingWebSocket,
    reconnect::{EndCause, Event, Failure, Handle, State},
};
use futures::Stream;
use std::{
    cell::{Cell, Ref, RefCell},
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    task::{Poll, Waker},
};
use yew::{UseForceUpdateHandle, platform::spawn_local};

#[cfg(feature = "json")]
pub(crate) type Unreadable = eversocket::reconnect::JsonError;
#[cfg(not(feature = "json"))]
pub(crate) type Unreadable = std::convert::Infallible;

/// How a message becomes a value.
pub(crate) type Read<In> = fn(Message) -> Result<In, Unreadable>;

pub(crate) type OnMessage<In> = Rc<dyn Fn(In)>;
pub(crate) type OnEvent = Rc<dyn Fn(&Event)>;

pub(crate) struct Core<In> {
    read: Read<In>,
    view: RefCell<View<In>>,
    /// How often the view has changed.
    revision: Cell<u64>,
    component: UseForceUpdateHandle,
    /// Of the socket that is open, if one is.
    handle: RefCell<Option<Handle>>,
    pub(crate) messages: Listeners<OnMessage<In>>,
    pub(crate) events: Listeners<OnEvent>,
}

/// What components show.
pub(crate) struct View<In> {
    pub(crate) state: State,
    pub(crate) last_message: Option<In>,
    #[cfg_attr(not(feature = "json"), allow(dead_code, reason = "all messages can be read"))]
    pub(crate) unreadable: Option<Unreadable>,
}

impl<In> View<In> {
    fn new(state: State) -> Self {
        Self { state, last_message: None, unreadable: None }
    }
}

impl<In> Core<In> {
    pub(crate) fn new(read: Read<In>, component: UseForceUpdateHandle) -> Self {
        Self {
            read,
            view: RefCell::new(View::new(State::Connecting { attempt: 1 })),
            revision: Cell::new(0),
            component,
            handle: RefCell::new(None),
            messages: Listeners::default(),
            events: Listeners::default(),
        }
    }

    pub(crate) fn view(&self) -> Ref<'_, View<In>> {
        self.view.borrow()
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision.get()
    }

    pub(crate) fn handle(&self) -> Option<Handle> {
        self.handle.borrow().clone()
    }

    /// Changes the view, and has the component rendered again.
    fn change(&self, change: impl FnOnce(&mut View<In>)) {
        change(&mut self.view.borrow_mut());
        self.revision.set(self.revision.get() + 1);
        self.component.force_update();
    }
}

impl<In: Clone + 'static> Core<In> {
    /// Reads a socket until what is returned is called, which closes it.
    pub(crate) fn start(self: Rc<Self>, opened: Result<ReconnectingWebSocket, OpenError>) -> impl FnOnce() {
        let reading = Rc::new(Reading::default());
        match opened {
            Ok(socket) => {
                self.handle.replace(Some(socket.handle()));
                self.change(|view| *view = View::new(socket.state()));
                reading.socket.replace(Some(socket));
                spawn_local(self.clone().run(reading.clone()));
            }
            Err(error) => {
                let refused = State::Ended(EndCause::GivenUp(Failure::Endpoint(error)));
                self.change(|view| *view = View::new(refused));
            }
        }
        move || {
            self.handle.take();
            if reading.end() {
                // not rendered: the component is gone, or another socket is opened at once
                self.view.borrow_mut().state = State::Ended(EndCause::Closed { close: None });
            }
        }
    }

    async fn run(self: Rc<Self>, reading: Rc<Reading>) {
        while let Some(event) = reading.next_event().await {
            self.tell(&event);
        }
    }

    fn tell(&self, event: &Event) {
        match event {
            Event::Message(message) => self.receive(message.clone()),
            Event::State(state) => self.enter(state.clone()),
            Event::Ended(ended) => self.enter(State::Ended(ended.cause.clone())),
            _ => {}
        }
        self.events.call(|listener| listener(event));
    }

    fn receive(&self, message: Message) {
        match (self.read)(message) {
            Ok(value) => {
                self.change(|view| view.last_message = Some(value.clone()));
                self.messages.call(|listener| listener(value.clone()));
            }
            Err(error) => self.change(|view| view.unreadable = Some(error)),
        }
    }

    fn enter(&self, state: State) {
        if self.view.borrow().state != state {
            self.change(|view| view.state = state);
        }
    }
}

/// The same, by identity.
impl<In> PartialEq for Core<In> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// A socket that is read by a task, until it is taken away.
#[derive(Default)]
struct Reading {
    socket: RefCell<Option<ReconnectingWebSocket>>,
    /// Of the task. A task that nothing wakes is never freed.
    waker: RefCell<Option<Waker>>,
}

impl Reading {
    /// The next event, or `None` after the last and when there is no socket any more.
    async fn next_event(&self) -> Option<Event> {
        poll_fn(|context| {
            self.waker.replace(Some(context.waker().clone()));
            match &mut *self.socket.borrow_mut() {
                Some(socket) => Pin::new(socket).poll_next(context),
                None => Poll::Ready(None),
            }
        })
        .await
    }

    /// Takes the socket away, and so closes it. Whether there was one.
    fn end(&self) -> bool {
        let socket = self.socket.take();
        if let Some(task) = self.waker.take() {
            task.wake();
        }
        socket.is_some()
    }
}
