//! The link in a browser: its `WebSocket`, or where that is wanted and there, its `WebSocketStream`.

mod pacer;
mod socket;
mod stream;
mod values;

pub(crate) use pacer::Pacer;

use super::{CloseRequest, Control, Request, Unsent, Wants};
use crate::{
    BinaryType, CloseError, Message, OpenError, SendError, Unsupported,
    channel::Channel,
    platform::{Confined, defer, words},
};
use std::{
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
};
use wasm_bindgen::JsValue;

/// Browsers ping by themselves, or not at all.
pub(crate) const CAN_PING: bool = false;

#[cfg(feature = "test-kit")]
pub(crate) const MANNERS: super::Manners =
    super::Manners { tells_causes: false, waits_for_room: false, too_big: TOO_BIG, inbox_full: INBOX_FULL };

/// Close codes of ours for what a browser lets no script say with the protocol's own.
const TOO_BIG: u16 = 4009;
const INBOX_FULL: u16 = 4008;

/// A connection, as far as it may be touched from this thread.
pub(crate) struct Link(Confined<Rc<dyn Connection>>);

/// By whichever of the browser's interfaces.
trait Connection {
    fn send(&self, message: &Message) -> Result<(), SendError>;

    /// The frame has been checked by the same rules as the browser's.
    fn close(self: Rc<Self>, frame: CloseRequest);

    fn buffered_amount(&self) -> u64;

    fn poll_buffered(&self, most: u64, pacer: &mut Pacer, context: &mut Context<'_>) -> Poll<()>;

    fn binary_type_changed(&self, binary_type: BinaryType);

    fn has_backpressure(&self) -> bool;
}

/// Whether the server is to wait while the inbox is full. Who never asks for that does not have the
/// code for it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Backpressure(Option<Opener>);

/// `None` where the browser has no such interface.
type Opener = fn(&Request, &Arc<Channel>) -> Option<Result<Rc<dyn Connection>, OpenError>>;

impl Backpressure {
    pub(crate) fn wanted(wanted: bool) -> Self {
        Self(wanted.then_some(stream::open as Opener))
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
        let stream = request.backpressure.0.and_then(|open| open(&request, channel));
        let connection = match stream {
            Some(stream) => stream?,
            None => socket::open(&request, channel)?,
        };
        Ok(Self(Confined::new(connection)))
    }

    pub(crate) fn send(&self, message: Message) -> Result<(), Unsent> {
        let sent = self.0.get().ok_or(SendError::WrongThread).and_then(|connection| connection.send(&message));
        sent.map_err(|error| Unsent { error, message })
    }

    pub(crate) fn control(&self, _frame: Control) -> Result<(), SendError> {
        Err(Unsupported::ControlFrames.into())
    }

    pub(crate) fn close(&self, frame: CloseRequest) -> Result<(), CloseError> {
        self.0.get().ok_or(CloseError::WrongThread)?.clone().close(frame);
        Ok(())
    }

    pub(crate) fn buffered_amount(&self) -> u64 {
        self.0.get().map_or(0, |connection| connection.buffered_amount())
    }

    pub(crate) fn poll_buffered(&self, most: u64, pacer: &mut Pacer, context: &mut Context<'_>) -> Poll<()> {
        self.0.get().map_or(Poll::Ready(()), |connection| connection.poll_buffered(most, pacer, context))
    }

    pub(crate) fn binary_type_changed(&self, binary_type: BinaryType) {
        if let Some(connection) = self.0.get() {
            connection.binary_type_changed(binary_type);
        }
    }

    pub(crate) fn has_backpressure(&self) -> bool {
        self.0.get().is_some_and(|connection| connection.has_backpressure())
    }

    pub(crate) fn defer(&self, function: impl FnOnce() + 'static) {
        defer(function);
    }
}

/// The browser's constructor has refused.
fn refused(error: &JsValue, channel: &Channel) -> OpenError {
    OpenError::Refused { url: String::from(&**channel.address().shown()), reason: words(error) }
}
