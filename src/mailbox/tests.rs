//! An owner with callbacks, and events of several kinds.

mod bounds;
mod callbacks;
mod drops;
mod order;

use super::{registration::Dispatch, *};
use fastrand::Rng;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::Wake,
};

const KINDS: u8 = 3;

/// An event that counts how often somebody looks at it, and does something when it is dropped.
#[derive(Clone, Default)]
struct Note {
    kind: u8,
    number: usize,
    cost: usize,
    is_last: bool,
    looks: Arc<AtomicUsize>,
    _dropped: Option<Arc<drops::Dropped>>,
}

impl Note {
    fn new(kind: u8, number: usize) -> Self {
        Self { kind, number, cost: 1, ..Self::default() }
    }

    fn last(number: usize) -> Self {
        Self { is_last: true, ..Self::new(0, number) }
    }
}

impl Mail for Note {
    type Kind = u8;

    fn kind(&self) -> u8 {
        self.looks.fetch_add(1, Relaxed);
        self.kind
    }

    fn cost(&self) -> usize {
        self.looks.fetch_add(1, Relaxed);
        self.cost
    }

    fn is_last(&self) -> bool {
        self.is_last
    }

    fn merge_into(&mut self, earlier: &mut Self, is_crowded: bool) -> bool {
        let merges = is_crowded && self.kind == earlier.kind;
        if merges {
            std::mem::swap(self, earlier);
        }
        merges
    }
}

struct Holder(Mailbox<Note>);

impl HoldsMailbox for Holder {
    type Event = Note;

    fn mailbox(&self) -> &Mailbox<Note> {
        &self.0
    }
}

/// A mailbox with its owner, whose callbacks note what they get.
struct Owner {
    holder: Arc<Holder>,
    reader: Reader<Note>,
    called: Arc<Mutex<Vec<usize>>>,
}

impl Owner {
    fn new(capacity: usize) -> Self {
        Self { holder: Arc::new(Holder(Mailbox::new(capacity))), reader: Reader::default(), called: Arc::default() }
    }

    fn deliver(&self, notes: impl IntoIterator<Item = Note>) {
        notes.into_iter().for_each(|note| self.holder.0.deliver(note));
    }

    /// Registers a callback, which gets what waits once the deferred function runs.
    fn register(&self, kind: u8, mut function: impl FnMut(Note) + Send + 'static) -> (CallbackGuard, Dispatch) {
        let (called, mut dispatch) = (self.called.clone(), None);
        let function = move |note: Note| {
            called.lock().expect("whole").push(note.number);
            function(note);
        };
        let guard = self.holder.on_event(&self.reader, kind, function, |deferred| dispatch = Some(deferred));
        (guard, dispatch.expect("it is deferred"))
    }

    fn called(&self) -> Vec<usize> {
        std::mem::take(&mut *self.called.lock().expect("whole"))
    }

    fn next(&mut self) -> Option<usize> {
        self.reader.try_next(&self.holder.0).map(|note| note.number)
    }

    fn rest(&mut self) -> Vec<usize> {
        std::iter::from_fn(|| self.next()).collect()
    }

    fn poll(&mut self, waker: &Waker) -> Poll<Option<usize>> {
        let next = self.reader.poll_next(&self.holder.0, &mut Context::from_waker(waker));
        next.map(|note| note.map(|note| note.number))
    }

    fn poll_room(&self, waker: &Waker) -> Poll<usize> {
        self.holder.0.poll_room(&mut Context::from_waker(waker))
    }
}

/// Notes of a kind, numbered.
fn notes(kind: u8, numbers: std::ops::Range<usize>) -> impl Iterator<Item = Note> {
    numbers.map(move |number| Note::new(kind, number))
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A waker, and how often it was woken.
fn waker() -> (Waker, Arc<Woken>) {
    let woken = Arc::new(Woken::default());
    (woken.clone().into(), woken)
}

/// As if callbacks were so slow that they have not been handed anything yet.
fn route(owner: &Owner, inner: &mut Inner<Note>, note: Note) {
    let mut note = Some(note);
    match owner.holder.0.callbacks.get() {
        Some(callbacks) if inner.has_callbacks => callbacks.route(&mut note, &mut inner.inbox),
        _ => note = note.and_then(|note| inner.inbox.push(note, true)),
    }
    drop(note);
}
