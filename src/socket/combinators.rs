//! The `futures` traits: a stream of events, a sink of messages.

use super::WebSocket;
use crate::{Event, Message, SendError};
use futures::{Sink, Stream, stream::FusedStream};
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// The events, ending after [`Event::Close`].
impl Stream for WebSocket {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll_event(context)
    }
}

impl FusedStream for WebSocket {
    fn is_terminated(&self) -> bool {
        self.reader.is_finished()
    }
}

/// A sink that waits as [`Handle::ready`](crate::Handle::ready) does: until the connection is open,
/// and from the high mark of what is buffered down to the low one.
///
/// Flushing waits until everything was handed to the network, closing until the connection
/// has ended; neither reads events, so the owner still finds them.
impl Sink<Message> for WebSocket {
    type Error = SendError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        let WebSocket { handle, gate, .. } = &mut *self;
        gate.poll(handle, context)
    }

    fn start_send(self: Pin<&mut Self>, mut message: Message) -> Result<(), SendError> {
        // poll_ready has seen room for at least one more
        self.handle.check_open()?;
        self.handle.link().send(&mut message)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        let WebSocket { handle, gate, .. } = &mut *self;
        gate.poll_flushed(handle, context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        self.close().map_err(|_| SendError::WrongThread)?;
        let WebSocket { handle, gate, .. } = &mut *self;
        gate.poll_ended(handle, context).map(Ok)
    }
}
