//! What a connection's driver and its two roles share: the state, and the inbox of events.
//!
//! The driver delivers; the owner takes events out of the inbox, or callbacks do. Nothing here
//! knows the network, and no lock is held while foreign code (a callback, a waker) runs.

mod callbacks;
mod inbox;

pub(crate) use callbacks::{CallbackId, Handler};

use crate::{
    BinaryType, Blob, Cause, CloseEvent, ConnectionError, Event, Message, OpenEvent, ReadyState, address::Address,
    event::EventKind,
};
use callbacks::Callbacks;
use inbox::Inbox;
use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    task::{Context, Poll, Waker},
};

/// The shared part of one connection.
pub(crate) struct Channel {
    address: Address,
    ready_state: AtomicU8,
    wants_blobs: AtomicBool,
    inner: Mutex<Inner>,
    callbacks: Callbacks,
}

struct Inner {
    inbox: Inbox,
    opened: OpenEvent,
    /// The owner is gone: nobody reads any more.
    orphaned: bool,
    /// The close event has been delivered: nothing more comes.
    ended: bool,
    /// Somebody hands events to callbacks at this moment; there must be no second.
    dispatching: bool,
    /// Woken when an event can be read.
    reader: Option<Waker>,
    /// Woken when the state changes, for the sending side.
    writer: Option<Waker>,
    /// Woken when the inbox has room again.
    driver: Option<Waker>,
}

impl Channel {
    pub(crate) fn new(address: Address, binary_type: BinaryType, inbox_capacity: usize) -> Self {
        Self {
            address,
            ready_state: AtomicU8::new(ReadyState::Connecting as u8),
            wants_blobs: AtomicBool::new(binary_type == BinaryType::Blob),
            inner: Mutex::new(Inner {
                inbox: Inbox::new(inbox_capacity),
                opened: OpenEvent::default(),
                orphaned: false,
                ended: false,
                dispatching: false,
                reader: None,
                writer: None,
                driver: None,
            }),
            callbacks: Callbacks::default(),
        }
    }

    /// A panic elsewhere leaves the state whole: each change under the lock is complete.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    pub(crate) fn ready_state(&self) -> ReadyState {
        ReadyState::from_number(self.ready_state.load(Ordering::Acquire))
    }

    /// States only ever advance.
    pub(crate) fn advance(&self, state: ReadyState) {
        self.ready_state.fetch_max(state as u8, Ordering::AcqRel);
        let writer = self.lock().writer.take();
        wake(writer);
    }

    pub(crate) fn opened(&self) -> OpenEvent {
        self.lock().opened.clone()
    }

    pub(crate) fn binary_type(&self) -> BinaryType {
        if self.wants_blobs.load(Ordering::Relaxed) { BinaryType::Blob } else { BinaryType::ArrayBuffer }
    }

    pub(crate) fn set_binary_type(&self, binary_type: BinaryType) {
        self.wants_blobs.store(binary_type == BinaryType::Blob, Ordering::Relaxed);
    }

    /// A binary message of the type that is wanted now.
    #[allow(dead_code, reason = "native only: the browser makes what is wanted")]
    pub(crate) fn binary_message(&self, bytes: bytes::Bytes) -> Message {
        match self.binary_type() {
            BinaryType::Blob => Message::Blob(Blob::new(bytes)),
            BinaryType::ArrayBuffer => Message::Binary(bytes),
        }
    }
}

/// The driver's side.
impl Channel {
    /// The connection is established. Does nothing, and says so, once it is closing.
    pub(crate) fn deliver_open(&self, opened: OpenEvent) -> bool {
        let connecting = ReadyState::Connecting as u8;
        let open = ReadyState::Open as u8;
        if self.ready_state.compare_exchange(connecting, open, Ordering::AcqRel, Ordering::Acquire).is_err() {
            return false;
        }
        self.lock().opened = opened.clone();
        self.deliver([Event::Open(opened)]);
        self.advance(ReadyState::Open);
        true
    }

    /// Hands over events, in order, and wakes who waits for them.
    pub(crate) fn deliver(&self, events: impl IntoIterator<Item = Event>) {
        let reader = {
            let mut inner = self.lock();
            if inner.orphaned {
                return;
            }
            inner.inbox.extend(events);
            inner.reader.take()
        };
        wake(reader);
        self.callbacks.wake_up();
        self.dispatch();
    }

    /// The end: the failure if there was one, and the close event.
    pub(crate) fn deliver_end(&self, failure: Option<Cause>, close: CloseEvent) {
        self.advance(ReadyState::Closed);
        self.lock().ended = true;
        let error = failure.map(|cause| Event::Error(ConnectionError::new(self.address.shown().clone(), cause)));
        self.deliver(error.into_iter().chain([Event::Close(close)]));
    }

    #[allow(dead_code, reason = "web only: natively reading stops before")]
    pub(crate) fn inbox_capacity(&self) -> usize {
        self.lock().inbox.capacity()
    }

    /// Whether another event of this cost exceeds the inbox's bound.
    #[allow(dead_code, reason = "web only: natively reading stops before")]
    pub(crate) fn is_full(&self, cost: usize) -> bool {
        self.lock().inbox.is_full(cost)
    }

    /// Ready when the inbox has room.
    #[allow(dead_code, reason = "native only: a browser cannot be made to wait")]
    pub(crate) fn poll_room(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.lock();
        if inner.orphaned || !inner.inbox.is_full(1) {
            return Poll::Ready(());
        }
        inner.driver = Some(context.waker().clone());
        Poll::Pending
    }
}

/// The owner's side.
impl Channel {
    /// Takes all events that wait, into an empty queue; `Pending` if there are none.
    pub(crate) fn poll_take(&self, taken: &mut VecDeque<Event>, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.lock();
        if inner.inbox.is_empty() {
            inner.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        let driver = inner.take(taken);
        drop(inner);
        wake(driver);
        Poll::Ready(())
    }

    /// Takes all events that wait, into an empty queue.
    pub(crate) fn try_take(&self, taken: &mut VecDeque<Event>) {
        let driver = self.lock().take(taken);
        wake(driver);
    }

    /// Ready once the connection has left CONNECTING, or CLOSING, as asked.
    pub(crate) fn poll_past(&self, state: ReadyState, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.lock();
        if self.ready_state() > state {
            return Poll::Ready(());
        }
        inner.writer = Some(context.waker().clone());
        Poll::Pending
    }

    /// The owner is gone: what waits and what still comes is discarded.
    pub(crate) fn orphan(&self) {
        let driver = {
            let mut inner = self.lock();
            inner.orphaned = true;
            inner.reader = None;
            inner.take(&mut VecDeque::new())
        };
        self.callbacks.clear();
        wake(driver);
    }

    pub(crate) fn add_callback(&self, kind: Option<EventKind>, handler: Handler) -> CallbackId {
        self.callbacks.add(kind, handler)
    }

    pub(crate) fn remove_callback(&self, id: CallbackId) {
        self.callbacks.remove(id);
    }

    /// Hands the events that wait to the callbacks registered for their kinds, one by one and
    /// in order; those of other kinds stay. Whoever finds it under way leaves it to the other.
    /// After the end it frees the callbacks, which nothing can call any more.
    pub(crate) fn dispatch(&self) {
        if self.callbacks.is_empty() {
            return;
        }
        {
            let mut inner = self.lock();
            if std::mem::replace(&mut inner.dispatching, true) {
                return;
            }
        }
        loop {
            let (event, driver) = {
                let mut inner = self.lock();
                let Some(event) = inner.inbox.take_first(|kind| self.callbacks.has(kind)) else {
                    inner.dispatching = false;
                    let ended = inner.ended;
                    drop(inner);
                    if ended {
                        self.callbacks.clear();
                    }
                    return;
                };
                (event, inner.woken_driver())
            };
            wake(driver);
            self.callbacks.call(event);
        }
    }
}

impl Inner {
    fn take(&mut self, taken: &mut VecDeque<Event>) -> Option<Waker> {
        self.inbox.take_all(taken);
        self.woken_driver()
    }

    fn woken_driver(&mut self) -> Option<Waker> {
        if self.inbox.is_half_empty() { self.driver.take() } else { None }
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
