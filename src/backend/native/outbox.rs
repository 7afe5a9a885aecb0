//! What waits to be sent: filled by the handles, emptied by the driver in one go.

use crate::{
    ReadyState, SendError,
    backend::CloseRequest,
    waiters::{Levels, wake},
};
use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};
use tokio_tungstenite::tungstenite::Message;

#[derive(Default)]
pub(super) struct Outbox {
    state: Mutex<State>,
    /// Bytes of payload in the queue and in the driver's hands. Changes under the lock only, and
    /// is looked at without.
    buffered: AtomicU64,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Message>,
    /// The close that was asked for, to be sent after the queue.
    close: Option<CloseRequest>,
    /// Nothing is accepted any more: a close was asked for, or the connection has ended.
    sealed: bool,
    /// Nothing can leave any more.
    ended: bool,
    /// Woken when there is something to do; `None` while the driver is awake.
    driver: Option<Waker>,
    /// Woken when no more than so much is buffered.
    drained: Levels,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a message in, as the frame that is made of it, or gives it back.
    pub(super) fn push<T>(
        &self,
        message: T,
        length: u64,
        frame: impl FnOnce(T) -> Message,
    ) -> Result<(), (SendError, T)> {
        let driver = {
            let mut state = self.lock();
            if state.sealed {
                let state = if state.ended { ReadyState::Closed } else { ReadyState::Closing };
                return Err((SendError::NotOpen { state }, message));
            }
            state.queue.push_back(frame(message));
            self.buffered.store(self.buffered() + length, Ordering::Relaxed);
            state.driver.take()
        };
        wake(driver);
        Ok(())
    }

    pub(super) fn close(&self, frame: CloseRequest) {
        let driver = {
            let mut state = self.lock();
            if state.sealed {
                return;
            }
            state.sealed = true;
            state.close = Some(frame);
            state.driver.take()
        };
        wake(driver);
    }

    pub(super) fn buffered(&self) -> u64 {
        self.buffered.load(Ordering::Relaxed)
    }

    pub(super) fn poll_buffered(&self, most: u64, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.ended || self.buffered() <= most {
            return Poll::Ready(());
        }
        state.drained.add(most, context);
        Poll::Pending
    }
}

/// The driver's side.
impl Outbox {
    /// Takes what waits into an empty queue, and the close after it; where there is neither,
    /// registers the driver to be woken.
    pub(super) fn take(&self, queue: &mut VecDeque<Message>, context: &mut Context<'_>) -> Option<CloseRequest> {
        debug_assert!(queue.is_empty());
        let mut state = self.lock();
        std::mem::swap(&mut state.queue, queue);
        let close = state.close.take();
        state.driver = Some(context.waker().clone());
        close
    }

    /// Ready when a close was asked for.
    pub(super) fn poll_close(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.close.is_some() {
            return Poll::Ready(());
        }
        state.driver = Some(context.waker().clone());
        Poll::Pending
    }

    /// So many bytes were handed to the network.
    pub(super) fn handed_over(&self, length: u64) {
        let drained = {
            let mut state = self.lock();
            let buffered = self.buffered() - length;
            self.buffered.store(buffered, Ordering::Relaxed);
            state.drained.take_reached(buffered)
        };
        wake(drained);
    }

    /// The peer closes: nothing is accepted any more.
    pub(super) fn seal(&self) {
        self.lock().sealed = true;
    }

    /// The connection has ended.
    pub(super) fn end(&self) {
        let drained = {
            let mut state = self.lock();
            state.sealed = true;
            state.ended = true;
            state.queue = VecDeque::new();
            state.drained.take()
        };
        wake(drained);
    }
}
