//! The sending role.

use super::gate::Marks;
use crate::{
    Cause, CloseError, ConnectionError, Message, ReadyState, SendError,
    backend::{CloseRequest, Control, Link},
    channel::Channel,
    waiters::Wait,
};
use bytes::Bytes;
use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

/// Sends, closes and reads the state of a [`WebSocket`](crate::WebSocket), from anywhere.
///
/// Cheap to clone. It keeps nothing open: once the `WebSocket` is dropped the connection
/// closes, and every handle says so.
#[derive(Clone)]
pub struct Handle {
    channel: Arc<Channel>,
    link: Arc<Link>,
    max_buffered_amount: u64,
    marks: Marks,
}

impl Handle {
    pub(super) fn new(channel: Arc<Channel>, link: Link, max_buffered_amount: u64, marks: Marks) -> Self {
        Self { channel, link: Arc::new(link), max_buffered_amount, marks }
    }

    pub(crate) fn channel(&self) -> &Channel {
        &self.channel
    }

    pub(super) fn as_handle(&self) -> &Self {
        self
    }

    pub(crate) fn shared_channel(&self) -> &Arc<Channel> {
        &self.channel
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    /// Grows whenever the network takes any byte of the connection, and never falls.
    pub(crate) fn taken_by_network(&self) -> u64 {
        self.link.taken_by_network()
    }

    /// Ready once the connection is [lost](Channel::is_lost) or has ended, though that may be unread, and what came
    /// before too.
    pub(crate) fn poll_gone(&self, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        self.channel.poll_gone(wait, context)
    }

    /// The failure of a connection that broke.
    pub(crate) fn disconnected(&self) -> ConnectionError {
        ConnectionError::new(self.channel.address().shown().clone(), Cause::Disconnected)
    }

    pub(super) fn marks(&self) -> Marks {
        self.marks
    }

    pub(super) fn send_message(&self, mut message: Message) -> Result<(), SendError> {
        self.check_sendable(message.len())?;
        self.link.send(&mut message)
    }

    pub(super) fn send_control(&self, payload: Bytes, frame: fn(Bytes) -> Control) -> Result<(), SendError> {
        if payload.len() > 125 {
            return Err(SendError::ControlTooLong { length: payload.len() });
        }
        self.check_sendable(payload.len() as u64)?;
        self.link.control(frame(payload))
    }

    pub(super) fn check_open(&self) -> Result<(), SendError> {
        match self.ready_state() {
            ReadyState::Open => Ok(()),
            state => Err(SendError::NotOpen { state }),
        }
    }

    fn check_sendable(&self, length: u64) -> Result<(), SendError> {
        self.check_open()?;
        let (buffered, limit) = (self.buffered_amount(), self.max_buffered_amount);
        // a message that alone exceeds the limit may go when nothing else waits
        if buffered > 0 && buffered.saturating_add(length) > limit {
            return Err(SendError::BufferFull { buffered, limit });
        }
        Ok(())
    }

    pub(crate) fn begin_close(&self, frame: CloseRequest) -> Result<(), CloseError> {
        match self.ready_state() {
            ReadyState::Connecting | ReadyState::Open => {}
            // what is unread is given up
            ReadyState::Closing if self.channel.is_lost() => {}
            ReadyState::Closing | ReadyState::Closed => return Ok(()),
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
