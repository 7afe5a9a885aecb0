//! The browser's `WebSocket`: its events and the deadlines, told to the channel.

use super::{CloseRequest, INBOX_FULL, Request, TOO_BIG, levels::Levels, pacer::Pacer, refused, values};
use crate::{
    BinaryType, Blob, Cause, CloseCode, CloseEvent, Event, Message, OpenError, OpenEvent, ReadyState, SendError,
    channel::Channel,
    platform::{BlobStorage, milliseconds, words},
    waiters::Wait,
};
use gloo_timers::callback::Timeout;
use js_sys::{ArrayBuffer, JsString, Uint8Array};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::MessageEvent;

fn construct(url: &str, protocols: &[String]) -> Result<web_sys::WebSocket, JsValue> {
    if protocols.is_empty() {
        return web_sys::WebSocket::new(url);
    }
    web_sys::WebSocket::new_with_str_sequence(url, &values::strings(protocols))
}

/// The browser's socket and what hangs on it.
///
/// While the connection lives its handlers keep it alive, as a browser keeps a socket with
/// listeners; at its end they are freed, whoever still holds a handle.
pub(super) struct Socket {
    socket: web_sys::WebSocket,
    channel: Arc<Channel>,
    handlers: RefCell<Option<Handlers>>,
    /// The deadline that runs now.
    timeout: RefCell<Option<Timeout>>,
    close_timeout: Duration,
    max_message_size: usize,
    offered_protocols: Vec<String>,
    /// Why the connection fails, where that is known here.
    failure: RefCell<Option<Cause>>,
    /// All payload that was ever sent.
    sent: Cell<u64>,
    /// The most of it that was not buffered any more.
    taken: Cell<u64>,
    drained: Arc<Levels>,
    pacer: RefCell<Pacer>,
}

struct Handlers {
    open: Closure<dyn FnMut()>,
    message: Closure<dyn FnMut(MessageEvent)>,
    close: Closure<dyn FnMut(web_sys::CloseEvent)>,
}

impl Socket {
    /// Begins to connect.
    pub(super) fn open(request: &Request, channel: &Arc<Channel>) -> Result<Rc<Self>, OpenError> {
        let socket =
            construct(channel.address().href(), &request.protocols).map_err(|error| refused(&error, channel))?;
        Ok(Self::attach(socket, request, channel))
    }

    fn attach(socket: web_sys::WebSocket, request: &Request, channel: &Arc<Channel>) -> Rc<Self> {
        socket.set_binary_type(values::browser_type(channel.binary_type()));
        let connection = Rc::new(Self {
            socket,
            channel: channel.clone(),
            handlers: RefCell::default(),
            timeout: RefCell::default(),
            close_timeout: request.close_timeout,
            max_message_size: request.max_message_size,
            offered_protocols: request.protocols.clone(),
            failure: RefCell::default(),
            sent: Cell::default(),
            taken: Cell::default(),
            drained: Arc::default(),
            pacer: RefCell::default(),
        });
        connection.listen();
        if let Some(after) = request.connect_timeout {
            connection.start_deadline(after, Cause::ConnectTimeout { after });
        }
        connection
    }

    fn listen(self: &Rc<Self>) {
        let [open, message, close] = [(); 3].map(|()| self.clone());
        let handlers = Handlers {
            open: Closure::new(move || open.opened()),
            message: Closure::new(move |event: MessageEvent| message.received(&event.data())),
            close: Closure::new(move |event: web_sys::CloseEvent| close.closed(&event)),
        };
        self.socket.set_onopen(Some(handlers.open.as_ref().unchecked_ref()));
        self.socket.set_onmessage(Some(handlers.message.as_ref().unchecked_ref()));
        self.socket.set_onclose(Some(handlers.close.as_ref().unchecked_ref()));
        self.handlers.replace(Some(handlers));
    }

    /// The standard fails a connection whose subprotocol was not agreed; Firefox opens some.
    fn opened(&self) {
        self.timeout.take();
        if let Some(fault) = values::protocol_fault(&self.socket.protocol(), &self.offered_protocols) {
            let _never_opened = self.socket.close();
            return self.end(Some(Cause::Handshake(fault)), CloseEvent::abnormal());
        }
        let opened = OpenEvent { protocol: self.socket.protocol(), extensions: self.socket.extensions() };
        self.channel.deliver_open(opened);
    }

    fn received(self: &Rc<Self>, data: &JsValue) {
        // the standard discards what arrives once a close was asked for
        if self.channel.ready_state() != ReadyState::Open {
            return;
        }
        let Some(message) = message(data) else { return };
        if message.len() > self.max_message_size as u64 {
            return self.fail(Cause::MessageTooBig { limit: self.max_message_size }, TOO_BIG);
        }
        let event = Event::Message(message);
        if self.channel.is_full(event.cost()) {
            return self.fail(Cause::InboxFull { capacity: self.channel.inbox_capacity() }, INBOX_FULL);
        }
        self.channel.deliver(event);
    }

    /// There is no listener for `error`: it says nothing, and Firefox leaves it out when an open
    /// connection fails. An end that is not clean is a failure, told by us.
    fn closed(&self, event: &web_sys::CloseEvent) {
        let code = CloseCode(event.code());
        let was_clean = event.was_clean() && !values::is_never_clean(code);
        let known = self.failure.take();
        if was_clean {
            return self.end(known, CloseEvent::new(code.0, event.reason(), true));
        }
        // Firefox's code for a failed TLS handshake; the standard, and other browsers, say 1006
        let guess = if code == CloseCode::TLS_HANDSHAKE && !event.was_clean() {
            Cause::Tls { reason: "the browser does not trust the server's certificate".to_owned() }
        } else {
            Cause::Hidden
        };
        self.end(Some(known.unwrap_or(guess)), CloseEvent::abnormal());
    }

    /// Fails the connection for a reason of our own, as natively: the end is reported at once
    /// and the peer is told by an allowed code.
    fn fail(&self, cause: Cause, code: u16) {
        let _allowed = self.socket.close_with_code(code);
        self.end(Some(cause), CloseEvent::abnormal());
    }

    fn start_deadline(self: &Rc<Self>, after: Duration, cause: Cause) {
        let weak = Rc::downgrade(self);
        let timeout = Timeout::new(milliseconds(after), move || {
            if let Some(connection) = weak.upgrade() {
                let _already_closing = connection.socket.close();
                connection.end(Some(cause), CloseEvent::abnormal());
            }
        });
        self.timeout.replace(Some(timeout));
    }

    /// Reports the end, and frees handlers and timer.
    fn end(&self, failure: Option<Cause>, close: CloseEvent) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _handlers = self.handlers.take();
        let _timeout = self.timeout.take();
        let _pacer = self.pacer.take();
        self.channel.deliver_end(failure, close);
        self.drained.end();
    }
}

/// What a link asks of it.
impl Socket {
    pub(super) fn send(&self, message: &Message) -> Result<(), SendError> {
        let socket = &self.socket;
        if socket.ready_state() != ReadyState::Open as u16 {
            // the browser has seen a close whose event is still to come, and would discard it
            return Err(SendError::NotOpen { state: ReadyState::from_number(socket.ready_state() as u8) });
        }
        match message {
            Message::Text(text) => socket.send_with_str(text),
            Message::Binary(bytes) => values::send_bytes(socket, bytes),
            Message::Blob(blob) => match blob.storage() {
                BlobStorage::Bytes(bytes) => values::send_bytes(socket, bytes),
                BlobStorage::Browser { blob, range } => {
                    let blob = BlobStorage::browser_blob(blob, range).map_err(|_| SendError::WrongThread)?;
                    socket.send_with_blob(&blob)
                }
            },
        }
        .map_err(|error| SendError::Refused { reason: words(&error) })?;
        self.sent.set(self.sent.get() + message.len());
        Ok(())
    }

    /// The frame has been checked by the same rules as the browser's.
    pub(super) fn close(self: &Rc<Self>, frame: CloseRequest) {
        if self.channel.ready_state() == ReadyState::Connecting {
            self.failure.replace(Some(Cause::Abandoned));
        }
        let _checked_before = match &frame {
            Some(frame) => self.socket.close_with_code_and_reason(frame.code().0, frame.reason()),
            None => self.socket.close(),
        };
        let after = self.close_timeout;
        self.start_deadline(after, Cause::CloseTimeout { after });
    }

    pub(super) fn buffered_amount(&self) -> u64 {
        u64::from(self.socket.buffered_amount())
    }

    pub(super) fn taken_by_network(&self) -> u64 {
        let taken = self.sent.get().saturating_sub(self.buffered_amount());
        self.taken.set(self.taken.get().max(taken));
        self.taken.get()
    }

    pub(super) fn poll_buffered(self: &Rc<Self>, most: u64, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        if self.buffered_amount() <= most || self.has_ended() {
            return wait.over();
        }
        self.look_later();
        self.drained.poll(most, wait, context)
    }

    fn has_ended(&self) -> bool {
        let closed = ReadyState::Closed;
        self.socket.ready_state() == closed as u16 || self.channel.ready_state() == closed
    }

    fn look_later(self: &Rc<Self>) {
        let mut pacer = self.pacer.borrow_mut();
        if pacer.look.is_some() {
            return;
        }
        let after = pacer.next(self.buffered_amount());
        let weak = Rc::downgrade(self);
        pacer.look = Some(Timeout::new(milliseconds(after), move || {
            if let Some(socket) = weak.upgrade() {
                socket.look();
            }
        }));
    }

    /// Wakes those who have waited for so little as there is now.
    fn look(self: &Rc<Self>) {
        let _rung = self.pacer.borrow_mut().look.take();
        if self.has_ended() {
            self.drained.end();
        } else {
            self.drained.reached(self.buffered_amount());
        }
        if self.drained.is_empty() {
            self.pacer.take();
        } else {
            self.look_later();
        }
    }

    pub(super) fn binary_type_changed(&self, binary_type: BinaryType) {
        self.socket.set_binary_type(values::browser_type(binary_type));
    }
}

/// What the browser handed over; it hands over nothing else.
fn message(data: &JsValue) -> Option<Message> {
    if let Some(text) = data.dyn_ref::<JsString>() {
        Some(values::text(text))
    } else if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
        Some(Message::Binary(Uint8Array::new(buffer).to_vec().into()))
    } else {
        let blob = data.dyn_ref::<web_sys::Blob>()?;
        Some(Message::Blob(Blob::from_storage(BlobStorage::from(blob.clone()), &blob.type_())))
    }
}
