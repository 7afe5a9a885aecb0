//! How events get from who delivers them to who reads: a bounded inbox, callbacks, wake-ups.
//!
//! What the events are is not known here. An event whose kind has a callback goes into a queue of
//! its own as it is delivered, and never to the reader. No lock is held while foreign code runs: a
//! callback, a waker, or the drop of a payload or of a waker.

mod callbacks;
mod inbox;
mod queue;
mod reader;
mod registration;
#[cfg(test)]
mod tests;

pub(crate) use callbacks::{CallbackId, Handler};
pub(crate) use reader::Reader;
pub use registration::CallbackGuard;
pub(crate) use registration::HoldsMailbox;

use crate::waiters::{register, wake};
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
    /// anything; whether it did. That one is the newest, or, where it is crowded, one of the newest.
    ///
    /// Runs under the mailbox's lock, so it drops nothing: what is displaced is left in `self`.
    fn merge_into(&mut self, _earlier: &mut Self, _is_crowded: bool) -> bool {
        false
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
    /// Some kind of event has a callback. Meanwhile the reader takes one event at a time, so that
    /// those which a callback gives back find their place among the others.
    has_callbacks: bool,
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
                has_callbacks: false,
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

    /// Hands the events that wait for callbacks to them, one by one and in order. Whoever finds it
    /// under way leaves it to the other. After the end it frees the callbacks, which nothing can
    /// call any more.
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
        let mut inner = self.lock();
        if inner.orphaned {
            drop(inner);
            return drop(event);
        }
        inner.complete |= event.is_last();
        let mut event = Some(event);
        match self.callbacks.get() {
            Some(callbacks) if inner.has_callbacks => callbacks.route(&mut event, &mut inner.inbox),
            _ => event = event.and_then(|event| inner.inbox.push(event, true)),
        }
        self.tell_of_events(inner);
        // one that was merged; where no lock is held
        drop(event);
    }

    /// As [`deliver`](Self::deliver) for what counts, of which it is known for how much, and none
    /// of which is the last; empties the queue.
    pub(crate) fn deliver_batch(&self, events: &mut VecDeque<E>, cost: usize) {
        let mut inner = self.lock();
        if inner.orphaned {
            drop(inner);
            return events.clear();
        }
        match self.callbacks.get() {
            Some(callbacks) if inner.has_callbacks => callbacks.route_batch(events, &mut inner.inbox),
            _ => inner.inbox.append(events, cost),
        }
        self.tell_of_events(inner);
    }

    fn tell_of_events(&self, mut inner: MutexGuard<'_, Inner<E>>) {
        let is_readable = inner.is_readable();
        let is_called = inner.has_callbacks || inner.complete;
        let reader = inner.woken_reader();
        drop(inner);
        wake(reader);
        if let Some(callbacks) = self.callbacks.get() {
            if is_readable {
                callbacks.wake_up();
            }
            if is_called {
                callbacks.dispatch(self);
            }
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.lock().inbox.capacity()
    }

    /// What all that waits weighs.
    pub(crate) fn weight(&self) -> usize {
        self.lock().inbox.weight()
    }

    /// Whether another event of this cost exceeds the inbox's bound.
    #[allow(dead_code, reason = "web only: natively reading stops before")]
    pub(crate) fn is_full(&self, cost: usize) -> bool {
        let mut inner = self.lock();
        self.settle(&mut inner);
        inner.inbox.is_full(cost)
    }

    /// Ready when the inbox has room, with how much; what comes last may exceed it.
    pub(crate) fn poll_room(&self, context: &mut Context<'_>) -> Poll<usize> {
        let mut inner = self.lock();
        if inner.orphaned {
            return Poll::Ready(usize::MAX);
        }
        self.settle(&mut inner);
        if let Some(room) = inner.inbox.room() {
            return Poll::Ready(room);
        }
        let replaced = register(&mut inner.driver, context);
        drop(inner);
        drop(replaced);
        Poll::Pending
    }

    /// What callbacks have been handed counts no more.
    fn settle(&self, inner: &mut Inner<E>) {
        if let Some(callbacks) = self.callbacks.get() {
            inner.inbox.lighten(callbacks.take_handed());
        }
    }
}

/// The owner's side.
impl<E: Mail> Mailbox<E> {
    /// Takes events that wait, into an empty queue; `Pending` if there are none yet. Once the last
    /// was handed out, which a callback may have got, it is ready with none.
    pub(crate) fn poll_take(&self, taken: &mut VecDeque<E>, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.lock();
        if inner.inbox.is_empty() && !self.has_ended(&inner) {
            let replaced = register(&mut inner.reader, context);
            drop(inner);
            drop(replaced);
            return Poll::Pending;
        }
        let driver = inner.take(taken);
        drop(inner);
        wake(driver);
        Poll::Ready(())
    }

    /// Takes events that wait, into an empty queue.
    pub(crate) fn try_take(&self, taken: &mut VecDeque<E>) {
        let driver = self.lock().take(taken);
        wake(driver);
    }

    /// Whether the last event has come and none waits any more, for callbacks neither.
    fn has_ended(&self, inner: &Inner<E>) -> bool {
        inner.complete && self.callbacks.get().is_none_or(|callbacks| callbacks.has_none_waiting())
    }

    /// The owner is gone: what waits and what still comes is discarded.
    pub(crate) fn orphan(&self) {
        let mut inner = self.lock();
        inner.orphaned = true;
        inner.has_callbacks = false;
        let mut unread = VecDeque::new();
        inner.inbox.take_all(&mut unread);
        let called = self.callbacks.get().map(|callbacks| callbacks.clear());
        let (driver, reader) = (inner.driver.take(), inner.reader.take());
        drop(inner);
        wake(driver);
        drop((unread, called, reader));
    }

    /// Registers a callback for a kind of event. Those of its kind that wait already, what the
    /// reader has taken included, go to it with the next [`dispatch`](Self::dispatch).
    pub(crate) fn add_callback(&self, kind: E::Kind, handler: Handler<E>, reader: &Reader<E>) -> CallbackId {
        self.calls().add(self, Some(kind), handler, &mut reader.taken())
    }

    /// Registers a callback that is told when there is something to read.
    pub(crate) fn add_wake_up(&self, handler: Handler<E>) -> CallbackId {
        self.calls().add(self, None, handler, &mut VecDeque::new())
    }

    /// Frees a callback. If it is the last of its kind, what waits for it goes back to the reader, in
    /// its place among what else waits.
    pub(crate) fn remove_callback(&self, id: CallbackId) {
        if let Some(callbacks) = self.callbacks.get() {
            callbacks.remove(self, id);
        }
    }

    fn calls(&self) -> &dyn Calls<E> {
        &**self.callbacks.get_or_init(|| Box::new(Callbacks::new(self.capacity() / 2)))
    }
}

impl<E: Mail> Inner<E> {
    fn take(&mut self, taken: &mut VecDeque<E>) -> Option<Waker> {
        if self.has_callbacks || self.inbox.is_overfull() {
            if let Some(event) = self.inbox.pop() {
                taken.push_back(event);
            }
        } else {
            self.inbox.take_all(taken);
        }
        self.woken_driver()
    }

    /// Whether the reader finds something, be it the end.
    fn is_readable(&self) -> bool {
        !self.inbox.is_empty() || self.complete
    }

    fn woken_reader(&mut self) -> Option<Waker> {
        if self.is_readable() { self.reader.take() } else { None }
    }

    fn woken_driver(&mut self) -> Option<Waker> {
        if self.inbox.is_half_empty() { self.driver.take() } else { None }
    }
}
