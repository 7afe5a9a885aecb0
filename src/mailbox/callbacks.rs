//! The callbacks of a mailbox, and the queue of what they are to be handed.

use super::{Inner, Mail, Mailbox, inbox::Inbox, queue::Queue, wake};
use crate::platform::{Confined, DynFnMut};
use std::{
    any::Any,
    collections::VecDeque,
    mem::{replace, take},
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError},
};

/// Names one registered callback. Later ones have higher numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallbackId(u64);

/// What is called; with `None` to say that there is something to read.
pub(crate) type Handler<E> = Box<DynFnMut<Option<E>>>;

/// Locked while it runs, so that it never runs twice at once.
type SharedHandler<E> = Arc<Mutex<Confined<Handler<E>>>>;

/// What a mailbox does with its callbacks. What is given its inbox runs under its lock.
pub(crate) trait Calls<E: Mail>: Send + Sync {
    /// Registers one for a kind of event, or for `None` a wake-up. What waits of its kind, in the inbox
    /// or already taken out of it, waits for the callback from here on.
    fn add(
        &self,
        mailbox: &Mailbox<E>,
        kind: Option<E::Kind>,
        handler: Handler<E>,
        taken: &mut VecDeque<E>,
    ) -> CallbackId;

    /// Frees one, and gives back what nobody else of its kind is left to be handed.
    fn remove(&self, mailbox: &Mailbox<E>, id: CallbackId);

    /// Takes out all callbacks and what waits for them, to be dropped where no lock is held: what callbacks own may
    /// drop other guards.
    fn clear(&self) -> Box<dyn Any>;

    /// Takes out an event and adds it, here or to the inbox. Puts back what is left of one that was merged.
    fn route(&self, event: &mut Option<E>, inbox: &mut Inbox<E>);

    /// Routes all events of a queue, each of which counts, like [`route`](Self::route).
    fn route_batch(&self, events: &mut VecDeque<E>, inbox: &mut Inbox<E>);

    fn has_none_waiting(&self) -> bool;

    /// The cost of what was handed out since the last call.
    fn take_handed(&self) -> usize;

    /// Tells the wake-ups that there is something to read.
    fn wake_up(&self);

    /// See [`Mailbox::dispatch`].
    fn dispatch(&self, mailbox: &Mailbox<E>);
}

/// Locked within the mailbox's lock, or alone.
pub(crate) struct Callbacks<E: Mail> {
    state: Mutex<State<E>>,
    /// When so much has been handed out, the mailbox is told, so that its driver is woken in time.
    half: usize,
}

struct State<E: Mail> {
    next_id: u64,
    /// In the order of registration.
    entries: Vec<Entry<E>>,
    queue: Queue<E>,
    /// Somebody hands events out at this moment; there must be no second.
    dispatching: bool,
    /// The cost of what was handed out, of which the mailbox does not know yet.
    handed: usize,
}

struct Entry<E: Mail> {
    id: CallbackId,
    /// `None` for a wake-up.
    kind: Option<E::Kind>,
    handler: SharedHandler<E>,
}

/// One call that is to be made now.
struct Call<E: Mail> {
    handler: SharedHandler<E>,
    /// Others of its kind are to be called after it.
    is_followed: bool,
}

impl<E: Mail> Calls<E> for Callbacks<E> {
    fn add(
        &self,
        mailbox: &Mailbox<E>,
        kind: Option<E::Kind>,
        handler: Handler<E>,
        taken: &mut VecDeque<E>,
    ) -> CallbackId {
        let handler = Arc::new(Mutex::new(Confined::new(handler)));
        let mut inner = mailbox.lock();
        let mut state = self.lock();
        let id = CallbackId(state.next_id);
        state.next_id += 1;
        let is_first = kind.is_some_and(|kind| !state.has(kind));
        state.entries.push(Entry { id, kind, handler });
        if is_first {
            inner.inbox.put_back(taken);
            state.sort(&mut inner);
        }
        id
    }

    fn remove(&self, mailbox: &Mailbox<E>, id: CallbackId) {
        let mut inner = mailbox.lock();
        let mut state = self.lock();
        let Some(index) = state.entries.iter().position(|entry| entry.id == id) else { return };
        let removed = state.entries.remove(index);
        let waited = state.queue.len();
        if removed.kind.is_some_and(|kind| !state.has(kind)) {
            inner.inbox.lighten(take(&mut state.handed));
            state.sort(&mut inner);
        }
        let gives_back = state.queue.len() < waited;
        let woken = [inner.woken_reader(), inner.woken_driver()];
        drop((state, inner));
        wake(woken.into_iter().flatten());
        drop(removed);
        if gives_back {
            self.wake_up();
        }
    }

    fn clear(&self) -> Box<dyn Any> {
        let mut state = self.lock();
        state.handed = 0;
        Box::new((take(&mut state.entries), take(&mut state.queue)))
    }

    fn route(&self, event: &mut Option<E>, inbox: &mut Inbox<E>) {
        *event = event.take().and_then(|event| self.lock().route(event, inbox));
    }

    fn route_batch(&self, events: &mut VecDeque<E>, inbox: &mut Inbox<E>) {
        let mut state = self.lock();
        for event in events.drain(..) {
            let merged = state.route(event, inbox);
            debug_assert!(merged.is_none(), "what counts is not merged");
        }
    }

    fn has_none_waiting(&self) -> bool {
        self.lock().queue.is_empty()
    }

    fn take_handed(&self) -> usize {
        take(&mut self.lock().handed)
    }

    fn wake_up(&self) {
        let (mut others, mut next) = self.lock().first_call(None);
        while let Some(Call { handler, .. }) = next {
            run(handler, None);
            next = self.lock().next_call(None, &mut others);
        }
    }

    fn dispatch(&self, mailbox: &Mailbox<E>) {
        if replace(&mut self.lock().dispatching, true) {
            return;
        }
        loop {
            let next = {
                let mut state = self.lock();
                state.pop().map(|(event, others, call)| (event, others, call, state.handed >= self.half))
            };
            match next {
                Some((event, others, call, is_much)) => {
                    if is_much {
                        self.settle(mailbox);
                    }
                    self.call(event, others, call);
                }
                None if self.rests(mailbox) => return,
                None => {}
            }
        }
    }
}

impl<E: Mail> Callbacks<E> {
    pub(crate) fn new(half: usize) -> Self {
        let state = State { next_id: 0, entries: Vec::new(), queue: Queue::default(), dispatching: false, handed: 0 };
        Self { state: Mutex::new(state), half }
    }

    fn lock(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands an event to each callback of its kind, in the order of registration.
    fn call(&self, event: E, mut others: Range<u64>, mut next: Option<Call<E>>) {
        let kind = event.kind();
        while let Some(Call { handler, is_followed }) = next {
            if !is_followed {
                return run(handler, Some(event));
            }
            run(handler, Some(event.clone()));
            // one that was removed meanwhile is called no more
            next = self.lock().next_call(Some(kind), &mut others);
        }
    }

    /// Tells the mailbox what has been handed out.
    fn settle(&self, mailbox: &Mailbox<E>) {
        let mut inner = mailbox.lock();
        mailbox.settle(&mut inner);
        let driver = inner.woken_driver();
        drop(inner);
        wake(driver);
    }

    /// Ends handing out, unless more has come.
    fn rests(&self, mailbox: &Mailbox<E>) -> bool {
        let mut inner = mailbox.lock();
        let mut state = self.lock();
        if !state.queue.is_empty() {
            return false;
        }
        state.dispatching = false;
        inner.inbox.lighten(take(&mut state.handed));
        // after the end nothing can call them any more
        let freed = if inner.complete { take(&mut state.entries) } else { Vec::new() };
        inner.has_callbacks &= !inner.complete;
        let woken = [inner.woken_driver(), inner.woken_reader()];
        drop((state, inner));
        wake(woken.into_iter().flatten());
        drop(freed);
        true
    }
}

impl<E: Mail> State<E> {
    fn has(&self, kind: E::Kind) -> bool {
        has(&self.entries, kind)
    }

    fn route(&mut self, event: E, inbox: &mut Inbox<E>) -> Option<E> {
        let is_called = self.has(event.kind());
        self.queue.route(event, is_called, inbox)
    }

    /// Does what follows from a change of the kinds that have a callback.
    fn sort(&mut self, inner: &mut Inner<E>) {
        let Self { entries, queue, .. } = self;
        inner.has_callbacks = entries.iter().any(|entry| entry.kind.is_some());
        queue.sort(&mut inner.inbox, |kind| has(entries, kind));
    }

    /// The next event, and who is to be called.
    fn pop(&mut self) -> Option<(E, Range<u64>, Option<Call<E>>)> {
        let event = self.queue.pop()?;
        self.handed += event.cost();
        let (others, first) = self.first_call(Some(event.kind()));
        Some((event, others, first))
    }

    fn first_call(&self, kind: Option<E::Kind>) -> (Range<u64>, Option<Call<E>>) {
        // those that are registered meanwhile are not for it
        let mut ids = 0..self.next_id;
        let call = self.next_call(kind, &mut ids);
        (ids, call)
    }

    /// The first of a kind, of those that are left to be called.
    fn next_call(&self, kind: Option<E::Kind>, ids: &mut Range<u64>) -> Option<Call<E>> {
        let is_left = |entry: &&Entry<E>| entry.kind == kind && ids.contains(&entry.id.0);
        let mut left = self.entries.iter().filter(is_left);
        let (first, second) = (left.next()?, left.next());
        ids.start = first.id.0 + 1;
        Some(Call { handler: first.handler.clone(), is_followed: second.is_some() })
    }
}

fn has<E: Mail>(entries: &[Entry<E>], kind: E::Kind) -> bool {
    entries.iter().any(|entry| entry.kind == Some(kind))
}

/// Calls one, and frees it if it was removed meanwhile. A panic in it has been told by the panic hook
/// and goes no further, as an exception in a browser's event handler stops neither the socket nor
/// other handlers.
fn run<E>(shared: SharedHandler<E>, event: Option<E>) {
    let call = move || {
        let mut handler = match shared.try_lock() {
            Ok(handler) => handler,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // a wake-up that causes another: it is awake
            Err(TryLockError::WouldBlock) => return,
        };
        if let Some(handler) = handler.get_mut() {
            handler(event);
        }
    };
    let _told_by_the_hook = catch_unwind(AssertUnwindSafe(call));
}
