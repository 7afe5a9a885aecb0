//! The link in a browser: the browser's own WebSocket.

mod events;
mod values;

use super::{CloseRequest, Control, Request, Unsent, Wants};
use crate::{
    BinaryType, CloseError, Message, OpenError, ReadyState, SendError, Unsupported,
    channel::Channel,
    platform::{BlobStorage, Confined, Sleep, defer, words},
};
use events::Connection;
use std::{
    future::Future,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use wasm_bindgen::JsValue;

/// Browsers ping by themselves, or not at all.
pub(crate) const CAN_PING: bool = false;

#[cfg(feature = "test-kit")]
pub(crate) const MANNERS: super::Manners = super::Manners {
    tells_causes: false,
    waits_for_room: false,
    too_big: events::TOO_BIG,
    inbox_full: events::INBOX_FULL,
};

/// A connection, as far as it may be touched from this thread.
pub(crate) struct Link(Confined<Rc<Connection>>);

/// The browser does not tell when its buffer drains, so it is looked at again and again: soon while it drains,
/// less and less often while it does not.
#[derive(Default)]
pub(crate) struct Pacer {
    sleep: Option<Sleep>,
    /// How often in a row it was as full as before.
    idle_looks: u32,
    seen: u64,
}

impl Pacer {
    const FIRST: Duration = Duration::from_millis(1);
    /// So many in vain before the time between them doubles: browsers tell of their buffer in leaps.
    const LOOKS: u32 = 8;
    /// So often at most, to 16 ms, about a frame.
    const DOUBLINGS: u32 = 4;

    /// Ready when it is to be looked again at what has so much in it now.
    fn poll_next_look(&mut self, buffered: u64, context: &mut Context<'_>) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| {
            let drains = buffered < std::mem::replace(&mut self.seen, buffered);
            self.idle_looks = if drains { 0 } else { self.idle_looks.saturating_add(1) };
            Sleep::new(Self::FIRST * (1 << (self.idle_looks / Self::LOOKS).min(Self::DOUBLINGS)))
        });
        if Pin::new(sleep).poll(context).is_pending() {
            return Poll::Pending;
        }
        self.sleep = None;
        Poll::Ready(())
    }
}

impl Link {
    pub(crate) fn check_support(wants: &Wants) -> Result<(), OpenError> {
        let missing = match wants {
            Wants { headers: true, .. } => Unsupported::RequestHeaders,
            Wants { tls_settings: true, .. } => Unsupported::TlsSettings,
            Wants { proxy: true, .. } => Unsupported::Proxy,
            Wants { control_frames: true, .. } => Unsupported::ControlFrames,
            _ => return Ok(()),
        };
        Err(missing.into())
    }

    pub(crate) fn open(request: Request, channel: &Arc<Channel>) -> Result<Self, OpenError> {
        let socket = construct(channel.address().href(), &request.protocols).map_err(|error| OpenError::Refused {
            url: String::from(&**channel.address().shown()),
            reason: words(&error),
        })?;
        Ok(Self(Confined::new(Connection::attach(socket, &request, channel))))
    }

    pub(crate) fn send(&self, message: Message) -> Result<(), Unsent> {
        self.try_send(&message).map_err(|error| Unsent { error, message })
    }

    fn try_send(&self, message: &Message) -> Result<(), SendError> {
        let socket = self.0.get().ok_or(SendError::WrongThread)?.socket();
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
        .map_err(|error| SendError::Refused { reason: words(&error) })
    }

    pub(crate) fn control(&self, _frame: Control) -> Result<(), SendError> {
        Err(Unsupported::ControlFrames.into())
    }

    pub(crate) fn close(&self, frame: CloseRequest) -> Result<(), CloseError> {
        self.0.get().ok_or(CloseError::WrongThread)?.close(frame);
        Ok(())
    }

    pub(crate) fn buffered_amount(&self) -> u64 {
        self.0.get().map_or(0, |connection| u64::from(connection.socket().buffered_amount()))
    }

    pub(crate) fn poll_buffered(&self, most: u64, pacer: &mut Pacer, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let ended =
                self.0.get().is_none_or(|connection| connection.socket().ready_state() > ReadyState::Closing as u16);
            let buffered = self.buffered_amount();
            if ended || buffered <= most {
                *pacer = Pacer::default();
                return Poll::Ready(());
            }
            if pacer.poll_next_look(buffered, context).is_pending() {
                return Poll::Pending;
            }
        }
    }

    pub(crate) fn binary_type_changed(&self, binary_type: BinaryType) {
        if let Some(connection) = self.0.get() {
            connection.socket().set_binary_type(values::browser_type(binary_type));
        }
    }

    pub(crate) fn defer(&self, function: impl FnOnce() + 'static) {
        defer(function);
    }
}

fn construct(url: &str, protocols: &[String]) -> Result<web_sys::WebSocket, JsValue> {
    if protocols.is_empty() {
        return web_sys::WebSocket::new(url);
    }
    let list: js_sys::Array = protocols.iter().map(|protocol| JsValue::from_str(protocol)).collect();
    web_sys::WebSocket::new_with_str_sequence(url, &list)
}
