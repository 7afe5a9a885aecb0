//! The connection, and what the page shows of it.

use super::{
    log::{Direction, Log},
    page::{Page, show},
};
use crate::format;
use eversocket::{BinaryType, CloseError, Event, Handle, Message, OpenEvent, ReadyState, WebSocket};
use gloo_timers::callback::Interval;
use js_sys::futures::spawn_local;
use std::{cell::RefCell, rc::Rc};

/// How often the page looks at what no event tells: the state and what is buffered.
const LOOK_AGAIN_MILLISECONDS: u32 = 100;

pub(crate) struct Session {
    pub(crate) page: Page,
    pub(crate) log: Log,
    /// Of the newest connection, open or not.
    handle: RefCell<Option<Handle>>,
}

impl Session {
    pub(crate) fn new(page: Page, log: Log) -> Rc<Self> {
        Rc::new(Self { page, log, handle: RefCell::default() })
    }

    pub(crate) fn connect(self: &Rc<Self>, url: &str, protocols: Vec<String>, binary_type: BinaryType) {
        if self.handle().is_some_and(|handle| handle.ready_state() != ReadyState::Closed) {
            return self.log.refused("there is a connection already; close it first");
        }
        match WebSocket::builder(url).protocols(protocols).binary_type(binary_type).open() {
            Ok(socket) => {
                self.log.state("connecting", socket.url());
                self.handle.replace(Some(socket.handle()));
                self.refresh();
                spawn_local(self.clone().follow(socket));
            }
            Err(error) => self.log.refused(error),
        }
    }

    async fn follow(self: Rc<Self>, mut socket: WebSocket) {
        let session = self.clone();
        let _looking = Interval::new(LOOK_AGAIN_MILLISECONDS, move || session.refresh());
        while let Some(event) = socket.next_event().await {
            self.record(&event);
            self.refresh();
        }
    }

    fn record(&self, event: &Event) {
        match event {
            Event::Open(open) => self.log.state("open", &describe_open(open)),
            Event::Message(message) => self.log.message(Direction::In, message),
            Event::Error(error) => self.log.state("error", &error.to_string()),
            Event::Close(close) => self.log.state("close", &close.to_string()),
            other => self.log.state("event", &format!("{other:?}")),
        }
    }

    pub(crate) fn send(&self, message: Message) {
        let Some(handle) = self.handle() else { return self.log.refused("not sent, nothing is connected yet") };
        match handle.send(message.clone()) {
            Ok(()) => self.log.message(Direction::Out, &message),
            Err(error) => self.log.refused(error),
        }
        self.refresh();
    }

    pub(crate) fn close(&self) {
        self.begin_close("without a code", |handle| handle.close());
    }

    pub(crate) fn close_with(&self, code: u16, reason: String) {
        let asked = format!("{code} {reason}");
        self.begin_close(asked.trim_end(), |handle| handle.close_with(code, reason));
    }

    fn begin_close(&self, asked: &str, close: impl FnOnce(&Handle) -> Result<(), CloseError>) {
        let Some(handle) = self.handle() else { return self.log.refused("not closed, nothing is connected yet") };
        let before = handle.ready_state();
        match close(&handle) {
            Ok(()) if before < ReadyState::Closing => self.log.closing(asked),
            Ok(()) => self.log.refused(format!("nothing to close, the socket is {before:?} already")),
            Err(error) => self.log.refused(error),
        }
        self.refresh();
    }

    pub(crate) fn set_binary_type(&self, binary_type: BinaryType) {
        if let Some(handle) = self.handle() {
            handle.set_binary_type(binary_type);
        }
    }

    fn handle(&self) -> Option<Handle> {
        self.handle.borrow().clone()
    }

    fn refresh(&self) {
        let Some(handle) = self.handle() else { return };
        let state = handle.ready_state();
        show(&self.page.state, &format!("{state:?} ({})", state as u8));
        show(&self.page.socket_url, handle.url());
        show(&self.page.protocol, &or_none(handle.protocol()));
        show(&self.page.extensions, &or_none(handle.extensions()));
        show(&self.page.buffered_amount, &format::size(handle.buffered_amount()));
    }
}

fn or_none(text: String) -> String {
    if text.is_empty() { "none".to_owned() } else { text }
}

fn describe_open(open: &OpenEvent) -> String {
    format!("protocol: {}, extensions: {}", or_none(open.protocol.clone()), or_none(open.extensions.clone()))
}
