//! What a hook, its sockets, and the task that reads share.

use crate::{
    listeners::{Listener, Listeners},
    succession::{Succession, carry_over, is_loss},
};
use eversocket::{
    CloseCode, Message, OpenError, ReconnectingWebSocket,
    reconnect::{EndCause, Event, Failure, Handle, State},
};
use futures::{StreamExt, channel::oneshot};
use std::{
    cell::{Cell, Ref, RefCell},
    rc::Rc,
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
    sockets: RefCell<Succession>,
    pub(crate) messages: Listeners<OnMessage<In>>,
    pub(crate) events: Listeners<OnEvent>,
}

/// How a socket is left that another takes the place of, or whose component goes.
struct Left {
    /// Those who listen until then, who are told what becomes of its messages.
    listeners: Rc<Vec<Rc<Listener<OnEvent>>>>,
    /// Whether what it has not sent is for the one that takes its place.
    carries_over: bool,
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
            sockets: RefCell::default(),
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
        self.sockets.borrow().handle()
    }

    pub(crate) fn set_carry_over(&self, carries_over: bool) {
        self.sockets.borrow_mut().carries_over = carries_over;
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
        let started = match opened {
            Ok(socket) => {
                let handle = socket.handle();
                self.sockets.borrow_mut().enter(handle.clone());
                self.change(|view| *view = View::new(socket.state()));
                // a task that nothing wakes is never freed, and this wakes it
                let (leave, left) = oneshot::channel();
                spawn_local(self.clone().read(socket, left));
                Some((handle, leave))
            }
            Err(error) => {
                let refused = State::Ended(EndCause::GivenUp(Failure::Endpoint(error)));
                self.change(|view| *view = View::new(refused));
                None
            }
        };
        move || {
            if let Some((handle, leave)) = started {
                self.leave(&handle, leave);
            }
        }
    }

    fn leave(&self, handle: &Handle, leave: oneshot::Sender<Left>) {
        let carries_over = self.sockets.borrow_mut().leave();
        if !carries_over {
            close(handle);
        }
        // where it has ended already nobody waits for that
        let _ended = leave.send(Left { listeners: self.events.all(), carries_over });
        // not rendered: the component is gone, or another socket is opened at once
        self.view.borrow_mut().state = State::Ended(EndCause::Closed { close: None });
    }

    async fn read(self: Rc<Self>, socket: ReconnectingWebSocket, left: oneshot::Receiver<Left>) {
        let mut events = socket.take_until(left);
        while let Some(event) = events.next().await {
            self.tell(&event);
        }
        if let Some(Ok(left)) = events.take_result() {
            self.drain(events.into_inner(), left).await;
        }
    }

    /// Reads a socket that was left to its end: of that only what becomes of messages is told.
    async fn drain(&self, mut socket: ReconnectingWebSocket, left: Left) {
        let newest = || self.sockets.borrow().newest();
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
                    self.sockets.borrow_mut().settle();
                }
                _ => {}
            }
            // who is gone is told only what nobody would know else
            for listener in left.listeners.iter().filter(|listener| !listener.is_gone() || is_loss(&event)) {
                listener.closure()(&event);
            }
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

/// At once, as another may be opened at once.
fn close(handle: &Handle) {
    // the code is a valid one
    let _valid = handle.close_with(CloseCode::NORMAL, "");
}
