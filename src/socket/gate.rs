//! What a producer waits at.

use super::Handle;
use crate::{ReadyState, SendError, backend::Pacer};
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

/// Closes at the high mark, opens again at the low one.
#[derive(Default)]
pub(super) struct Gate {
    is_closed: bool,
    pacer: Pacer,
}

impl Gate {
    pub(super) fn poll(&mut self, handle: &Handle, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        ready!(handle.channel().poll_past(ReadyState::Connecting, context));
        let Marks { high, low } = handle.marks();
        if self.is_closed || handle.buffered_amount() >= high {
            self.is_closed = true;
            ready!(handle.link().poll_buffered(low, &mut self.pacer, context));
            self.is_closed = false;
        }
        Poll::Ready(handle.check_open())
    }

    /// Ready when nothing is buffered.
    pub(super) fn poll_flushed(&mut self, handle: &Handle, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        ready!(handle.link().poll_buffered(0, &mut self.pacer, context));
        Poll::Ready(match handle.buffered_amount() {
            0 => Ok(()),
            _ => Err(SendError::NotOpen { state: handle.ready_state() }),
        })
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
