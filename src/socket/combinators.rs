//! The `futures` traits: a stream of events, a sink of messages.

use super::WebSocket;
use crate::{Event, Message, ReadyState, SendError};
use futures::{Sink, Stream, stream::FusedStream};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
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

/// A sink that waits where [`Handle::send`](crate::Handle::send) would return an error: until
/// the connection is open, and until less than the limit is buffered.
///
/// Flushing waits until everything was handed to the network, closing until the connection
/// has ended; neither reads events, so the owner still finds them.
impl Sink<Message> for WebSocket {
    type Error = SendError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        ready!(self.handle.channel().poll_past(ReadyState::Connecting, context));
        let most = self.handle.max_buffered_amount();
        let WebSocket { handle, pacer, .. } = &mut *self;
        ready!(handle.link().poll_buffered(most.saturating_sub(1), pacer, context));
        Poll::Ready(match handle.ready_state() {
            ReadyState::Open => Ok(()),
            state => Err(SendError::NotOpen { state }),
        })
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), SendError> {
        // poll_ready has seen room for at least one more
        match self.ready_state() {
            ReadyState::Open => self.handle.link().send(message).map_err(|unsent| unsent.error),
            state => Err(SendError::NotOpen { state }),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        let WebSocket { handle, pacer, .. } = &mut *self;
        ready!(handle.link().poll_buffered(0, pacer, context));
        Poll::Ready(match handle.buffered_amount() {
            0 => Ok(()),
            _ => Err(SendError::NotOpen { state: handle.ready_state() }),
        })
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        self.close().map_err(|_| SendError::WrongThread)?;
        self.handle.channel().poll_past(ReadyState::Closing, context).map(Ok)
    }
}
