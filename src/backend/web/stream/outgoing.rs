//! What waits to be written, and the close after it.

use crate::{
    Message, ReadyState, SendError,
    backend::{CloseRequest, web::levels::Levels},
    waiters::{Wait, register, wake},
};
use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    mem,
    sync::Arc,
    task::{Context, Poll, Waker},
};

#[derive(Default)]
pub(super) struct Outgoing {
    /// Never borrowed while anything foreign is dropped or woken.
    state: RefCell<State>,
    drained: Arc<Levels>,
}

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
    /// Bytes of payload that were handed over.
    taken: u64,
    /// The driver, woken when there is something to do.
    driver: Option<Waker>,
}

impl Outgoing {
    pub(super) fn push(&self, message: Message) -> Result<(), SendError> {
        let driver = {
            let mut state = self.state.borrow_mut();
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
            let mut state = self.state.borrow_mut();
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
        self.state.borrow().buffered
    }

    pub(super) fn taken(&self) -> u64 {
        self.state.borrow().taken
    }

    pub(super) fn poll_buffered(&self, most: u64, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        let is_over = {
            let state = self.state.borrow();
            state.has_ended || state.buffered <= most
        };
        if is_over { wait.over() } else { self.drained.poll(most, wait, context) }
    }
}

/// The driver's side.
impl Outgoing {
    /// The next message, or `None` when a close is to follow.
    pub(super) async fn next(&self) -> Option<Message> {
        poll_fn(|context| {
            let _replaced = {
                let mut state = self.state.borrow_mut();
                match state.queue.pop_front() {
                    None if !state.is_closing => register(&mut state.driver, context),
                    next => return Poll::Ready(next),
                }
            };
            Poll::Pending
        })
        .await
    }

    pub(super) fn take_close(&self) -> CloseRequest {
        self.state.borrow_mut().close.take().flatten()
    }

    /// Ready when a close was asked for.
    pub(super) fn poll_closing(&self, context: &mut Context<'_>) -> Poll<()> {
        let _replaced = {
            let mut state = self.state.borrow_mut();
            if state.is_closing {
                return Poll::Ready(());
            }
            register(&mut state.driver, context)
        };
        Poll::Pending
    }

    /// So many bytes were handed to the browser.
    pub(super) fn handed_over(&self, length: u64) {
        let buffered = {
            let mut state = self.state.borrow_mut();
            state.buffered -= length;
            state.taken += length;
            state.buffered
        };
        self.drained.reached(buffered);
    }

    pub(super) fn end(&self) {
        let (_unsent, _driver) = {
            let mut state = self.state.borrow_mut();
            state.has_ended = true;
            (mem::take(&mut state.queue), state.driver.take())
        };
        self.drained.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::{cell::Cell, task::Wake};
    use wasm_bindgen_test::wasm_bindgen_test;

    thread_local! {
        static OUTGOING: Outgoing = Outgoing::default();
        static CALLS: Cell<usize> = const { Cell::new(0) };
    }

    /// A payload or a waker that calls back when it is dropped.
    struct CallsBack;

    impl Drop for CallsBack {
        fn drop(&mut self) {
            OUTGOING.with(|outgoing| outgoing.push(Message::from("again")).unwrap_or_default());
            CALLS.set(CALLS.get() + 1);
        }
    }

    impl AsRef<[u8]> for CallsBack {
        fn as_ref(&self) -> &[u8] {
            b"payload"
        }
    }

    impl Wake for CallsBack {
        fn wake(self: Arc<Self>) {}
    }

    #[wasm_bindgen_test]
    fn what_is_dropped_may_call_back() {
        OUTGOING.with(|outgoing| {
            let mut wait = Wait::default();
            outgoing.push(Bytes::from_owner(CallsBack).into()).expect("it is open");
            for _ in 0..2 {
                let waker = Waker::from(Arc::new(CallsBack));
                let mut context = Context::from_waker(&waker);
                assert!(outgoing.poll_closing(&mut context).is_pending());
                assert!(outgoing.poll_buffered(0, &mut wait, &mut context).is_pending());
            }
            assert_eq!(CALLS.get(), 1, "the first waker was replaced");
            outgoing.end();
            drop(wait);
            assert_eq!(CALLS.get(), 3);
        });
    }

    #[wasm_bindgen_test]
    fn what_was_handed_over_counts_as_taken() {
        let outgoing = Outgoing::default();
        outgoing.push("four".into()).expect("it is open");
        assert_eq!((outgoing.buffered(), outgoing.taken()), (4, 0));
        outgoing.handed_over(4);
        assert_eq!((outgoing.buffered(), outgoing.taken()), (0, 4));
    }
}
