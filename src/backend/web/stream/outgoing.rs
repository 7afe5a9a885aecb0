//! What waits to be written, and the close after it.

use crate::{
    Message, ReadyState, SendError,
    backend::CloseRequest,
    waiters::{Levels, Waiters, wake},
};
use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    task::{Context, Poll},
};

#[derive(Default)]
pub(super) struct Outgoing(RefCell<State>);

#[derive(Default)]
struct State {
    queue: VecDeque<Message>,
    /// The close that was asked for, to be sent after the queue.
    close: Option<CloseRequest>,
    /// A close was asked for.
    is_closing: bool,
    /// Nothing can leave any more.
    has_ended: bool,
    /// Bytes of payload in the queue and with the browser.
    buffered: u64,
    /// The driver, woken when there is something to do.
    driver: Waiters,
    /// Woken when no more than so much is buffered.
    drained: Levels,
}

impl Outgoing {
    pub(super) fn push(&self, message: Message) -> Result<(), SendError> {
        let driver = {
            let mut state = self.0.borrow_mut();
            if state.is_closing || state.has_ended {
                let state = if state.has_ended { ReadyState::Closed } else { ReadyState::Closing };
                return Err(SendError::NotOpen { state });
            }
            state.buffered += message.len();
            state.queue.push_back(message);
            state.driver.take()
        };
        wake(driver);
        Ok(())
    }

    pub(super) fn close(&self, frame: CloseRequest) {
        let driver = {
            let mut state = self.0.borrow_mut();
            if state.is_closing || state.has_ended {
                return;
            }
            state.is_closing = true;
            state.close = Some(frame);
            state.driver.take()
        };
        wake(driver);
    }

    pub(super) fn buffered(&self) -> u64 {
        self.0.borrow().buffered
    }

    pub(super) fn poll_buffered(&self, most: u64, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.borrow_mut();
        if state.has_ended || state.buffered <= most {
            return Poll::Ready(());
        }
        state.drained.add(most, context);
        Poll::Pending
    }
}

/// The driver's side.
impl Outgoing {
    /// The next message, or `None` when a close is to follow.
    pub(super) async fn next(&self) -> Option<Message> {
        poll_fn(|context| {
            let mut state = self.0.borrow_mut();
            match state.queue.pop_front() {
                None if !state.is_closing => {
                    state.driver.add(context);
                    Poll::Pending
                }
                next => Poll::Ready(next),
            }
        })
        .await
    }

    pub(super) fn take_close(&self) -> CloseRequest {
        self.0.borrow_mut().close.take().flatten()
    }

    /// Ready when a close was asked for.
    pub(super) fn poll_closing(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.borrow_mut();
        if state.is_closing {
            return Poll::Ready(());
        }
        state.driver.add(context);
        Poll::Pending
    }

    /// So many bytes were handed to the browser.
    pub(super) fn handed_over(&self, length: u64) {
        let drained = {
            let mut state = self.0.borrow_mut();
            state.buffered -= length;
            let buffered = state.buffered;
            state.drained.take_reached(buffered)
        };
        wake(drained);
    }

    pub(super) fn end(&self) {
        let drained = {
            let mut state = self.0.borrow_mut();
            state.has_ended = true;
            state.queue = VecDeque::new();
            state.drained.take()
        };
        wake(drained);
    }
}
