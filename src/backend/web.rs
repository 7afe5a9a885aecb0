//! The link in a browser: its `WebSocket`, or where that is wanted and there, its `WebSocketStream`.

mod levels;
mod pacer;
mod socket;
mod stream;
mod values;

use super::{CloseRequest, Control, Request, Wants};
use crate::{
    BinaryType, CloseError, Message, OpenError, SendError, Unsupported,
    channel::Channel,
    platform::{Confined, defer, words},
    waiters::Wait,
};
use socket::Socket;
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
pub(crate) struct Link(Confined<Connection>);

/// By whichever of the browser's interfaces.
enum Connection {
    Socket(Rc<Socket>),
    Stream(Rc<dyn Stream>),
}

/// What a link asks of a `WebSocketStream`, behind `dyn`: who never asks for one does not have its code.
trait Stream {
    fn send(&self, message: &Message) -> Result<(), SendError>;

    /// The frame has been checked by the same rules as the browser's.
    fn close(&self, frame: CloseRequest);

    fn buffered_amount(&self) -> u64;

    fn taken_by_network(&self) -> u64;

    fn poll_buffered(&self, most: u64, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()>;
}

/// Whether the server is to wait while the inbox is full.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Backpressure(Option<Opener>);

/// `None` where the browser has no such interface.
type Opener = fn(&Request, &Arc<Channel>) -> Option<Result<Rc<dyn Stream>, OpenError>>;

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
            Some(stream) => Connection::Stream(stream?),
            None => Connection::Socket(Socket::open(&request, channel)?),
        };
        Ok(Self(Confined::new(connection)))
    }

    /// The browser makes a copy of its own, and nothing is taken out.
    pub(crate) fn send(&self, message: &mut Message) -> Result<(), SendError> {
        match self.0.get() {
            Some(Connection::Socket(socket)) => socket.send(message),
            Some(Connection::Stream(stream)) => stream.send(message),
            None => Err(SendError::WrongThread),
        }
    }

    pub(crate) fn control(&self, _frame: Control) -> Result<(), SendError> {
        Err(Unsupported::ControlFrames.into())
    }

    pub(crate) fn close(&self, frame: CloseRequest) -> Result<(), CloseError> {
        match self.0.get() {
            Some(Connection::Socket(socket)) => socket.close(frame),
            Some(Connection::Stream(stream)) => stream.close(frame),
            None => return Err(CloseError::WrongThread),
        }
        Ok(())
    }

    pub(crate) fn buffered_amount(&self) -> u64 {
        match self.0.get() {
            Some(Connection::Socket(socket)) => socket.buffered_amount(),
            Some(Connection::Stream(stream)) => stream.buffered_amount(),
            None => 0,
        }
    }

    /// A browser shows no answers.
    pub(crate) fn is_refused(&self) -> bool {
        false
    }

    pub(crate) fn taken_by_network(&self) -> u64 {
        match self.0.get() {
            Some(Connection::Socket(socket)) => socket.taken_by_network(),
            Some(Connection::Stream(stream)) => stream.taken_by_network(),
            None => 0,
        }
    }

    pub(crate) fn poll_buffered(&self, most: u64, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        match self.0.get() {
            Some(Connection::Socket(socket)) => socket.poll_buffered(most, wait, context),
            Some(Connection::Stream(stream)) => stream.poll_buffered(most, wait, context),
            None => Poll::Ready(()),
        }
    }

    /// A stream hands out no blobs: they are made of bytes as these arrive.
    pub(crate) fn binary_type_changed(&self, binary_type: BinaryType) {
        if let Some(Connection::Socket(socket)) = self.0.get() {
            socket.binary_type_changed(binary_type);
        }
    }

    pub(crate) fn has_backpressure(&self) -> bool {
        matches!(self.0.get(), Some(Connection::Stream(_)))
    }

    pub(crate) fn defer(&self, function: impl FnOnce() + 'static) {
        defer(function);
    }
}

/// The browser's constructor has refused.
fn refused(error: &JsValue, channel: &Channel) -> OpenError {
    OpenError::Refused { url: String::from(&**channel.address().shown()), reason: words(error) }
}
