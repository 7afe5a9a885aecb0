//! What a connection's driver and its two roles share: the state, and the mailbox of events.
//!
//! The driver delivers; the owner takes events out of the mailbox, or callbacks do. Nothing
//! here knows the network, and no lock is held while a waker runs.

use crate::{
    BinaryType, Blob, Cause, CloseEvent, ConnectionError, Event, Message, OpenEvent, ReadyState,
    address::Address,
    mailbox::{HoldsMailbox, Mailbox},
    waiters::{self, Line, Place, Wait, WaitList},
};
use std::{
    collections::VecDeque,
    ops::ControlFlow,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    task::{Context, Poll, Waker},
};

/// The shared part of one connection.
pub(crate) struct Channel {
    address: Address,
    ready_state: AtomicU8,
    wants_blobs: AtomicBool,
    is_lost: AtomicBool,
    inner: Mutex<Inner>,
    mailbox: Mailbox<Event>,
}

#[derive(Default)]
struct Inner {
    opened: OpenEvent,
    /// Woken when the state changes, for the sending side.
    writers: WaitList,
}

impl HoldsMailbox for Channel {
    type Event = Event;

    fn mailbox(&self) -> &Mailbox<Event> {
        &self.mailbox
    }
}

impl Channel {
    pub(crate) fn new(address: Address, binary_type: BinaryType, inbox_capacity: usize) -> Self {
        Self {
            address,
            ready_state: AtomicU8::new(ReadyState::Connecting as u8),
            wants_blobs: AtomicBool::new(binary_type == BinaryType::Blob),
            is_lost: AtomicBool::new(false),
            inner: Mutex::default(),
            mailbox: Mailbox::new(inbox_capacity),
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
        let writers = self.lock().writers.take_all();
        waiters::wake(writers);
    }

    /// Whether the peer has ended the connection while there was no room for what it sent before, which can still
    /// be read: the events of its end come after that.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Acquire)
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
        {
            // who sees that it is open waits here for what was agreed on
            let mut inner = self.lock();
            if self.ready_state.compare_exchange(connecting, open, Ordering::AcqRel, Ordering::Acquire).is_err() {
                return false;
            }
            inner.opened = opened.clone();
        }
        self.deliver(Event::Open(opened));
        self.advance(ReadyState::Open);
        true
    }

    /// See [`is_lost`](Self::is_lost): nothing can be sent from now on.
    #[allow(dead_code, reason = "native only: a browser tells the end at once")]
    pub(crate) fn lose(&self) {
        self.is_lost.store(true, Ordering::Release);
        self.advance(ReadyState::Closing);
    }

    /// Hands over an event, and wakes who waits for it.
    pub(crate) fn deliver(&self, event: Event) {
        self.mailbox.deliver(event);
    }

    /// As [`deliver`](Self::deliver) for what counts in the inbox, of which it is known for how
    /// much; empties the queue.
    #[allow(dead_code, reason = "native only: a browser gives one at a time")]
    pub(crate) fn deliver_batch(&self, events: &mut VecDeque<Event>, cost: usize) {
        self.mailbox.deliver_batch(events, cost);
    }

    /// The end: the failure if there was one, and the close event.
    pub(crate) fn deliver_end(&self, failure: Option<Cause>, close: CloseEvent) {
        self.advance(ReadyState::Closed);
        if let Some(cause) = failure {
            self.deliver(Event::Error(ConnectionError::new(self.address.shown().clone(), cause)));
        }
        self.deliver(Event::Close(close));
    }

    #[allow(dead_code, reason = "web only: natively reading stops before")]
    pub(crate) fn inbox_capacity(&self) -> usize {
        self.mailbox.capacity()
    }

    /// Whether another event of this cost exceeds the inbox's bound.
    #[allow(dead_code, reason = "web only: natively reading stops before")]
    pub(crate) fn is_full(&self, cost: usize) -> bool {
        self.mailbox.is_full(cost)
    }

    /// Ready when the inbox has room, with how much; what comes last may exceed it.
    pub(crate) fn poll_room(&self, context: &mut Context<'_>) -> Poll<usize> {
        self.mailbox.poll_room(context)
    }
}

/// The sending side.
impl Channel {
    /// Ready once the connection has left CONNECTING, or OPEN, or CLOSING, as asked.
    pub(crate) fn poll_past(
        self: &Arc<Self>,
        state: ReadyState,
        wait: &mut Wait,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        self.poll_until(|| self.ready_state() > state, wait, context)
    }

    /// Ready once the connection is lost or has ended, whether or not that was read.
    pub(crate) fn poll_gone(self: &Arc<Self>, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        self.poll_until(|| self.is_lost() || self.ready_state() == ReadyState::Closed, wait, context)
    }

    /// Ready once the state is as it is to be.
    fn poll_until(self: &Arc<Self>, is_so: impl Fn() -> bool, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        if is_so() {
            return wait.over();
        }
        wait.poll(self, |place| {
            let mut inner = self.lock();
            // whoever is in line when it changes is woken
            match is_so() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(inner.writers.wait(place, 0, context)),
            }
        })
    }
}

impl Line for Channel {
    fn leave(&self, place: &mut Place) -> Option<Waker> {
        self.lock().writers.leave(place)
    }
}
