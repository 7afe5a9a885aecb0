//! The callbacks of a mailbox.

use super::{Mail, Mailbox, wake};
use crate::platform::{Confined, DynFnMut};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
};

/// Names one registered callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallbackId(u64);

/// What is called; with `None` to say that there is something to read.
pub(crate) type Handler<E> = Box<DynFnMut<Option<E>>>;

/// Locked while it runs, so that it never runs twice at once.
type SharedHandler<E> = Arc<Mutex<Confined<Handler<E>>>>;

/// What a mailbox does with its callbacks.
pub(crate) trait Calls<E: Mail>: Send + Sync {
    fn add(&self, kind: Option<E::Kind>, handler: Handler<E>) -> CallbackId;

    fn remove(&self, id: CallbackId);

    /// Frees all.
    fn clear(&self);

    /// Tells the wake-ups that there is something to read.
    fn wake_up(&self);

    /// See [`Mailbox::dispatch`].
    fn dispatch(&self, mailbox: &Mailbox<E>);
}

pub(crate) struct Callbacks<E: Mail>(Mutex<List<E>>);

struct List<E: Mail> {
    next_id: u64,
    entries: Vec<Entry<E>>,
}

struct Entry<E: Mail> {
    id: CallbackId,
    /// `None` for a wake-up.
    kind: Option<E::Kind>,
    handler: SharedHandler<E>,
}

impl<E: Mail> Default for Callbacks<E> {
    fn default() -> Self {
        Self(Mutex::new(List { next_id: 0, entries: Vec::new() }))
    }
}

impl<E: Mail> Calls<E> for Callbacks<E> {
    fn add(&self, kind: Option<E::Kind>, handler: Handler<E>) -> CallbackId {
        let mut list = self.lock();
        let id = CallbackId(list.next_id);
        list.next_id += 1;
        list.entries.push(Entry { id, kind, handler: Arc::new(Mutex::new(Confined::new(handler))) });
        id
    }

    fn remove(&self, id: CallbackId) {
        // freed after the lock is released: its captures may drop other guards
        let _removed: Vec<Entry<E>> = self.lock().entries.extract_if(.., |entry| entry.id == id).collect();
    }

    fn clear(&self) {
        // freed after the lock is released: their captures may drop other guards
        let _removed = std::mem::take(&mut self.lock().entries);
    }

    fn wake_up(&self) {
        self.handlers(None).into_iter().for_each(|handler| run(&handler, None));
    }

    fn dispatch(&self, mailbox: &Mailbox<E>) {
        if std::mem::replace(&mut mailbox.lock().dispatching, true) {
            return;
        }
        loop {
            let (event, driver) = {
                let mut inner = mailbox.lock();
                let Some(event) = inner.inbox.take_first(|kind| self.has(kind)) else {
                    inner.dispatching = false;
                    let complete = inner.complete;
                    drop(inner);
                    if complete {
                        self.clear();
                    }
                    return;
                };
                (event, inner.woken_driver())
            };
            wake(driver);
            self.call(event);
        }
    }
}

impl<E: Mail> Callbacks<E> {
    fn lock(&self) -> MutexGuard<'_, List<E>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, kind: E::Kind) -> bool {
        self.lock().entries.iter().any(|entry| entry.kind == Some(kind))
    }

    /// Hands an event to each callback of its kind, in the order of registration.
    fn call(&self, event: E) {
        let mut handlers = self.handlers(Some(event.kind()));
        let last = handlers.pop();
        for handler in &handlers {
            run(handler, Some(event.clone()));
        }
        if let Some(handler) = last {
            run(&handler, Some(event));
        }
    }

    fn handlers(&self, kind: Option<E::Kind>) -> Vec<SharedHandler<E>> {
        self.lock().entries.iter().filter(|entry| entry.kind == kind).map(|entry| entry.handler.clone()).collect()
    }
}

/// Calls one. A panic in it has been told by the panic hook and goes no further, as an
/// exception in a browser's event handler stops neither the socket nor other handlers.
fn run<E>(handler: &SharedHandler<E>, event: Option<E>) {
    let mut handler = match handler.try_lock() {
        Ok(handler) => handler,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        // a wake-up that causes another: it is awake
        Err(TryLockError::WouldBlock) => return,
    };
    if let Some(handler) = handler.get_mut() {
        let _told_by_the_hook = catch_unwind(AssertUnwindSafe(|| handler(event)));
    }
}
