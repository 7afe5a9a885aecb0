//! No foreign code runs under the lock.

use super::*;

/// What runs when a payload, a waker or what a callback owns is dropped: it uses the mailbox.
pub(super) struct Dropped {
    holder: Arc<Holder>,
    seen: Arc<AtomicUsize>,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        assert!(self.holder.0.inner.try_lock().is_ok(), "dropped under the lock");
        if let Some(callbacks) = self.holder.0.callbacks.get() {
            // would wait for ever under the callbacks' own
            callbacks.has_none_waiting();
        }
        self.seen.fetch_add(1, Relaxed);
    }
}

impl Wake for Dropped {
    fn wake(self: Arc<Self>) {}
}

/// An owner, what makes things that are dropped, and how many were.
fn dropping(capacity: usize) -> (Owner, impl Fn() -> Arc<Dropped>, Arc<AtomicUsize>) {
    let owner = Owner::new(capacity);
    let (holder, seen) = (owner.holder.clone(), Arc::new(AtomicUsize::new(0)));
    let counter = seen.clone();
    (owner, move || Arc::new(Dropped { holder: holder.clone(), seen: counter.clone() }), seen)
}

#[test]
fn no_waker_is_dropped_under_the_lock() {
    let (mut owner, dropped, seen) = dropping(2);
    for expected in [0, 1] {
        assert_eq!(owner.poll(&dropped().into()), Poll::Pending);
        assert_eq!(seen.swap(0, Relaxed), expected, "another task's");
    }
    owner.deliver(notes(0, 0..2));
    assert_eq!(seen.swap(0, Relaxed), 1, "one that is woken");
    for expected in [0, 1] {
        assert_eq!(owner.poll_room(&dropped().into()), Poll::Pending);
        assert_eq!(seen.swap(0, Relaxed), expected, "another driver's");
    }
    assert_eq!(owner.rest().len(), 2);
    assert_eq!(owner.poll(&dropped().into()), Poll::Pending);
    seen.store(0, Relaxed);
    owner.holder.0.orphan();
    assert_eq!(seen.load(Relaxed), 1, "the owner's, who is gone");
}

#[test]
fn no_event_is_dropped_under_the_lock() {
    let (owner, dropped, seen) = dropping(100);
    let note = move |kind, cost| Note { cost, _dropped: Some(dropped()), ..Note::new(kind, 0) };
    let crowd = || (0..=inbox::CROWD).map(|_| note(0, 0));
    owner.deliver(crowd());
    assert_eq!(seen.swap(0, Relaxed), 1, "merged in the inbox");
    let (guard, dispatch) = owner.register(0, |_| {});
    dispatch();
    assert_eq!(seen.swap(0, Relaxed), inbox::CROWD, "handed to a callback");

    // what comes while a callback runs has to wait
    let (holder, queued) = (owner.holder.clone(), Mutex::new(crowd().collect::<Vec<_>>()));
    let (merged, counter) = (Arc::new(AtomicUsize::new(0)), seen.clone());
    let merges = merged.clone();
    let busy = owner.register(1, move |_| {
        queued.lock().expect("whole").drain(..).for_each(|note| holder.0.deliver(note));
        merges.store(counter.load(Relaxed), Relaxed);
    });
    owner.deliver(notes(1, 0..1));
    assert_eq!((merged.load(Relaxed), seen.swap(0, Relaxed)), (1, inbox::CROWD + 1), "merged in the queue");

    route(&owner, &mut owner.holder.0.lock(), note(0, 1));
    owner.deliver([note(2, 1)]);
    owner.holder.0.orphan();
    assert_eq!(seen.swap(0, Relaxed), 2, "unread, here and there");
    owner.deliver([note(0, 1), note(1, 0)]);
    owner.holder.0.deliver_batch(&mut VecDeque::from([note(0, 1)]), 1);
    assert_eq!(seen.load(Relaxed), 3, "for nobody");
    drop((guard, busy));
}

#[test]
fn no_callback_is_dropped_under_the_lock() {
    let register = |owner: &Owner, dropped: Arc<Dropped>| owner.register(0, move |_| drop(dropped.holder.clone())).0;
    let (owner, dropped, seen) = dropping(100);
    drop(register(&owner, dropped()));
    assert_eq!(seen.load(Relaxed), 1, "unregistered");
    let _guards = [register(&owner, dropped()), register(&owner, dropped())];
    let waking = dropped();
    owner.holder.on_wake(move || drop(waking.holder.clone())).forget();
    owner.deliver([Note::last(0)]);
    assert_eq!(seen.load(Relaxed), 4, "at the end");

    let (owner, dropped, seen) = dropping(100);
    register(&owner, dropped()).forget();
    owner.holder.0.orphan();
    assert_eq!(seen.load(Relaxed), 1, "the owner is gone");
}
