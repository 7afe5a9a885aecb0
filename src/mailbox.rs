//! How events get from who delivers them to who reads: a bounded inbox, callbacks, wake-ups.
//!
//! What the events are is not known here, and no lock is held while foreign code (a callback,
//! a waker) runs.

mod callbacks;
mod inbox;
mod reader;
mod registration;

pub(crate) use callbacks::{CallbackId, Handler};
pub(crate) use reader::Reader;
pub use registration::CallbackGuard;
pub(crate) use registration::HoldsMailbox;

use crate::waiters::wake;
use callbacks::{Callbacks, Calls};
use inbox::Inbox;
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    task::{Context, Poll, Waker},
};

/// An event that travels through a mailbox.
pub(crate) trait Mail: Clone + Send + 'static {
    /// What callbacks are registered for.
    type Kind: Copy + PartialEq + Send + 'static;

    fn kind(&self) -> Self::Kind;

    /// What it counts for against the inbox's bound. What counts for nothing is bounded by merging.
    fn cost(&self) -> usize;

    /// Whether it is the last that there will be.
    fn is_last(&self) -> bool;

    /// Tries to become one with an earlier event that still waits, where neither counts for
    /// anything; gives itself back if it cannot. It is the newest, or, where it is crowded, one of
    /// the newest. Runs under the mailbox's lock.
    fn merge_into(self, _earlier: &mut Self, _is_crowded: bool) -> Option<Self> {
        Some(self)
    }
}

/// Events on their way from one driver to one owner.
pub(crate) struct Mailbox<E: Mail> {
    inner: Mutex<Inner<E>>,
    /// Made when one is registered, and reached through `dyn`: who registers none has neither
    /// their memory nor, in a browser, their code.
    callbacks: OnceLock<Box<dyn Calls<E>>>,
}

struct Inner<E> {
    inbox: Inbox<E>,
    /// The owner is gone: nobody reads any more.
    orphaned: bool,
    /// The last event has been delivered, to whomever: nothing more comes than what waits.
    complete: bool,
    /// Somebody hands events to callbacks at this moment; there must be no second.
    dispatching: bool,
    /// Woken when an event can be read.
    reader: Option<Waker>,
    /// Woken when the inbox has room again.
    driver: Option<Waker>,
}

impl<E: Mail> Mailbox<E> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            inner: Mutex::new(Inner {
                inbox: Inbox::new(capacity),
                orphaned: false,
                complete: false,
                dispatching: false,
                reader: None,
                driver: None,
            }),
            callbacks: OnceLock::new(),
        }
    }

    /// A panic elsewhere leaves the state whole: each change under the lock is complete.
    fn lock(&self) -> MutexGuard<'_, Inner<E>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands the events that wait to the callbacks registered for their kinds, one by one and
    /// in order; those of other kinds stay. Whoever finds it under way leaves it to the other.
    /// After the end it frees the callbacks, which nothing can call any more.
    pub(crate) fn dispatch(&self) {
        if let Some(callbacks) = self.callbacks.get() {
            callbacks.dispatch(self);
        }
    }
}

/// The driver's side.
impl<E: Mail> Mailbox<E> {
    /// Hands over an event, wakes who waits for it, and runs callbacks.
    pub(crate) fn deliver(&self, event: E) {
        let reader = {
            let mut inner = self.lock();
            if inner.orphaned {
                return;
            }
            inner.complete |= event.is_last();
            inner.inbox.push(event);
            inner.reader.take()
        };
        self.tell_of_events(reader);
    }

    /// As [`deliver`](Self::deliver) for what counts, of which it is known for how much, and none
    /// of which is the last; empties the queue.
    pub(crate) fn deliver_batch(&self, events: &mut VecDeque<E>, cost: usize) {
        let reader = {
            let mut inner = self.lock();
            if inner.orphaned {
                return events.clear();
            }
            inner.inbox.append(events, cost);
            inner.reader.take()
        };
        self.tell_of_events(reader);
    }

    fn tell_of_events(&self, reader: Option<Waker>) {
        wake(reader);
        if let Some(callbacks) = self.callbacks.get() {
            callbacks.wake_up();
            callbacks.dispatch(self);
        }
    }

    #[allow(dead_code, reason = "web only: natively reading stops before")]
    pub(crate) fn capacity(&self) -> usize {
        self.lock().inbox.capacity()
    }

    /// Whether another event of this cost exceeds the inbox's bound.
    #[allow(dead_code, reason = "web only: natively reading stops before")]
    pub(crate) fn is_full(&self, cost: usize) -> bool {
        self.lock().inbox.is_full(cost)
    }

    /// Ready when the inbox has room, with how much; what comes last may exceed it.
    pub(crate) fn poll_room(&self, context: &mut Context<'_>) -> Poll<usize> {
        let mut inner = self.lock();
        if inner.orphaned {
            return Poll::Ready(usize::MAX);
        }
        if let Some(room) = inner.inbox.room() {
            return Poll::Ready(room);
        }
        inner.driver = Some(context.waker().clone());
        Poll::Pending
    }
}

/// The owner's side.
impl<E: Mail> Mailbox<E> {
    /// Takes all events that wait, into an empty queue; `Pending` if there are none yet. After
    /// the last, which a callback may have taken, it is ready with none.
    pub(crate) fn poll_take(&self, taken: &mut VecDeque<E>, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.lock();
        if inner.inbox.is_empty() && !inner.complete {
            inner.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        let driver = inner.take(taken);
        drop(inner);
        wake(driver);
        Poll::Ready(())
    }

    /// Takes all events that wait, into an empty queue.
    pub(crate) fn try_take(&self, taken: &mut VecDeque<E>) {
        let driver = self.lock().take(taken);
        wake(driver);
    }

    /// The owner is gone: what waits and what still comes is discarded.
    pub(crate) fn orphan(&self) {
        let driver = {
            let mut inner = self.lock();
            inner.orphaned = true;
            inner.reader = None;
            inner.take(&mut VecDeque::new())
        };
        if let Some(callbacks) = self.callbacks.get() {
            callbacks.clear();
        }
        wake(driver);
    }

    /// Registers a callback for a kind of event; for `None`, to be told that there is
    /// something to read. Events that already wait go to it with the next
    /// [`dispatch`](Self::dispatch).
    pub(crate) fn add_callback(&self, kind: Option<E::Kind>, handler: Handler<E>) -> CallbackId {
        self.callbacks.get_or_init(|| Box::new(Callbacks::default())).add(kind, handler)
    }

    pub(crate) fn remove_callback(&self, id: CallbackId) {
        if let Some(callbacks) = self.callbacks.get() {
            callbacks.remove(id);
        }
    }
}

impl<E: Mail> Inner<E> {
    fn take(&mut self, taken: &mut VecDeque<E>) -> Option<Waker> {
        self.inbox.take_all(taken);
        self.woken_driver()
    }

    fn woken_driver(&mut self) -> Option<Waker> {
        if self.inbox.is_half_empty() { self.driver.take() } else { None }
    }
}
