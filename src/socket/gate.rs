//! What a producer waits at.

use super::Handle;
use crate::{ReadyState, SendError, waiters::Wait};
use std::{
    future::poll_fn,
    task::{Context, Poll, ready},
};

/// How much may be buffered for a producer to go on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    high: u64,
    low: u64,
}

impl Marks {
    /// A high mark of at least one, since what is empty is always written into, and a low one below it.
    pub(super) fn new(high: u64, low: Option<u64>) -> Self {
        let high = high.max(1);
        Self { high, low: low.unwrap_or(high / 2).min(high - 1) }
    }
}

/// Closes at the high mark, opens again at the low one. Whoever waits at it leaves when it is dropped.
#[derive(Default)]
pub(super) struct Gate {
    is_closed: bool,
    /// For the state to change.
    change: Wait,
    /// For the buffer to drain.
    drained: Wait,
}

impl Gate {
    pub(super) fn poll(&mut self, handle: &Handle, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        ready!(handle.shared_channel().poll_past(ReadyState::Connecting, &mut self.change, context));
        let Marks { high, low } = handle.marks();
        if self.is_closed || handle.buffered_amount() >= high {
            self.is_closed = true;
            ready!(handle.link().poll_buffered(low, &mut self.drained, context));
            self.is_closed = false;
        }
        Poll::Ready(handle.check_open())
    }

    /// Ready when nothing is buffered.
    pub(super) fn poll_flushed(&mut self, handle: &Handle, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        ready!(handle.link().poll_buffered(0, &mut self.drained, context));
        Poll::Ready(match handle.buffered_amount() {
            0 => Ok(()),
            _ => Err(SendError::NotOpen { state: handle.ready_state() }),
        })
    }

    /// Ready when the connection has ended.
    pub(super) fn poll_ended(&mut self, handle: &Handle, context: &mut Context<'_>) -> Poll<()> {
        handle.shared_channel().poll_past(ReadyState::Closing, &mut self.change, context)
    }
}

impl Handle {
    pub(super) async fn wait_until_ready(&self) -> Result<(), SendError> {
        let mut gate = Gate::default();
        poll_fn(|context| gate.poll(self, context)).await
    }

    pub(super) async fn wait_until_flushed(&self) -> Result<(), SendError> {
        let mut gate = Gate::default();
        poll_fn(|context| gate.poll_flushed(self, context)).await
    }
}
