//! The sending role.

use crate::{
    BinaryType, CloseError, CloseFrame, Message, ReadyState, SendError, Text,
    backend::{CloseRequest, Control, Link},
    channel::Channel,
};
use bytes::Bytes;
use std::{fmt, sync::Arc};

/// Sends, closes and reads the state of a [`WebSocket`](crate::WebSocket), from anywhere.
///
/// Cheap to clone. It keeps nothing open: once the `WebSocket` is dropped the connection
/// closes, and every handle says so.
#[derive(Clone)]
pub struct Handle {
    channel: Arc<Channel>,
    link: Arc<Link>,
    max_buffered_amount: u64,
}

impl Handle {
    pub(crate) fn new(channel: Arc<Channel>, link: Link, max_buffered_amount: u64) -> Self {
        Self { channel, link: Arc::new(link), max_buffered_amount }
    }

    pub(crate) fn channel(&self) -> &Channel {
        &self.channel
    }

    pub(crate) fn shared_channel(&self) -> &Arc<Channel> {
        &self.channel
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    pub(crate) fn max_buffered_amount(&self) -> u64 {
        self.max_buffered_amount
    }

    /// The state of the connection now. Events that tell of it may still wait to be read.
    pub fn ready_state(&self) -> ReadyState {
        self.channel.ready_state()
    }

    /// The URL as the standard resolves it: http has become ws, a default port is gone. It
    /// contains whatever secrets the URL does.
    pub fn url(&self) -> &str {
        self.channel.address().href()
    }

    /// The subprotocol that the server chose, or an empty string before it is open.
    pub fn protocol(&self) -> String {
        self.channel.opened().protocol
    }

    /// The extensions in use, or an empty string. Natively none are offered.
    pub fn extensions(&self) -> String {
        self.channel.opened().extensions
    }

    /// The bytes of payload that were sent and are not handed to the network yet. As in the
    /// standard, closing does not reset it.
    pub fn buffered_amount(&self) -> u64 {
        self.link.buffered_amount()
    }

    /// How incoming binary messages are handed out.
    pub fn binary_type(&self) -> BinaryType {
        self.channel.binary_type()
    }

    /// Changes how incoming binary messages are handed out, from the next that arrives on.
    pub fn set_binary_type(&self, binary_type: BinaryType) {
        self.channel.set_binary_type(binary_type);
        self.link.binary_type_changed(binary_type);
    }

    /// Sends a message: puts it in order behind those sent before, and returns at once.
    ///
    /// Messages that are sent in a row leave together, without a system call for each.
    ///
    /// # Errors
    ///
    /// Nothing is sent, now or later, when it returns one: [`SendError::NotOpen`] unless the
    /// state is [`Open`](ReadyState::Open), and [`SendError::BufferFull`] when more than
    /// [`Builder::max_buffered_amount`](crate::Builder::max_buffered_amount) would wait.
    pub fn send(&self, message: impl Into<Message>) -> Result<(), SendError> {
        let message = message.into();
        self.check_sendable(message.len())?;
        self.link.send(message)
    }

    /// Sends a ping with up to 125 bytes; natively only.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`SendError::ControlTooLong`]. In a browser
    /// [`SendError::Unsupported`].
    pub fn ping(&self, payload: impl Into<Bytes>) -> Result<(), SendError> {
        self.control(payload.into(), Control::Ping)
    }

    /// Sends a pong that nobody asked for, with up to 125 bytes; natively only. Pings are
    /// answered without it.
    ///
    /// # Errors
    ///
    /// As [`ping`](Self::ping).
    pub fn pong(&self, payload: impl Into<Bytes>) -> Result<(), SendError> {
        self.control(payload.into(), Control::Pong)
    }

    fn control(&self, payload: Bytes, frame: fn(Bytes) -> Control) -> Result<(), SendError> {
        if payload.len() > 125 {
            return Err(SendError::ControlTooLong { length: payload.len() });
        }
        self.check_sendable(payload.len() as u64)?;
        self.link.control(frame(payload))
    }

    fn check_sendable(&self, length: u64) -> Result<(), SendError> {
        let state = self.ready_state();
        if state != ReadyState::Open {
            return Err(SendError::NotOpen { state });
        }
        let (buffered, limit) = (self.buffered_amount(), self.max_buffered_amount);
        // a message that alone exceeds the limit may go when nothing else waits
        if buffered > 0 && buffered.saturating_add(length) > limit {
            return Err(SendError::BufferFull { buffered, limit });
        }
        Ok(())
    }

    /// Begins to close with an empty close frame: the peer sees no code. Messages sent before
    /// still leave first; messages that arrive from now on are discarded, as the standard
    /// says. The [`Close`](crate::Event::Close) event follows when the peer has answered, or
    /// at the close deadline. While connecting, the attempt is abandoned. When closing
    /// already, nothing happens.
    ///
    /// # Errors
    ///
    /// [`CloseError::WrongThread`], in browsers with wasm threads.
    pub fn close(&self) -> Result<(), CloseError> {
        self.begin_close(None)
    }

    /// Begins to close with a code and a reason, as [`close`](Self::close) does without.
    ///
    /// # Errors
    ///
    /// [`CloseError::InvalidCode`] unless the code is 1000 or 3000 to 4999,
    /// [`CloseError::ReasonTooLong`] over 123 bytes of UTF-8; the connection stays as it was.
    pub fn close_with(&self, code: impl Into<crate::CloseCode>, reason: impl Into<Text>) -> Result<(), CloseError> {
        self.begin_close(Some(CloseFrame::new(code, reason)?))
    }

    pub(crate) fn begin_close(&self, frame: CloseRequest) -> Result<(), CloseError> {
        if self.ready_state() >= ReadyState::Closing {
            return Ok(());
        }
        self.link.close(frame)?;
        self.channel.advance(ReadyState::Closing);
        Ok(())
    }

    /// For `Debug`: the URL is shown without its secrets.
    pub(crate) fn describe(&self, name: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct(name)
            .field("url", self.channel.address().shown())
            .field("ready_state", &self.ready_state())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.describe("Handle", formatter)
    }
}
