//! What callbacks may do while they run.

use super::*;

#[test]
fn a_guard_dropped_in_the_middle_of_a_batch_gives_back_the_rest() {
    let mut owner = Owner::new(100);
    let (wake_ups, counter) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
    let (woken, own) = (wake_ups.clone(), counter.clone());
    let _wake = owner.holder.on_wake(move || {
        woken.fetch_add(1, Relaxed);
    });
    let (guard, _dispatch) = owner.register(0, move |note| {
        if note.number == 2 {
            own.lock().expect("whole").take();
        }
    });
    *counter.lock().expect("whole") = Some(guard);
    let (waker, reader) = waker();
    assert_eq!(owner.poll(&waker), Poll::Pending);
    owner.holder.0.deliver_batch(&mut notes(0, 0..5).collect(), 5);
    assert_eq!(owner.called(), [0, 1, 2]);
    assert_eq!((reader.0.load(Relaxed), wake_ups.load(Relaxed)), (1, 1), "the reader is told, and only then");
    owner.deliver([Note::new(0, 5)]);
    assert_eq!(owner.rest(), [3, 4, 5]);
}

#[test]
fn a_callback_that_another_one_removes_is_called_no_more() {
    let owner = Owner::new(100);
    let other = Arc::new(Mutex::new(None));
    let removed = other.clone();
    let (_first, _dispatch) = owner.register(0, move |_| drop(removed.lock().expect("whole").take()));
    let (second, _dispatch) = owner.register(0, |_| panic!("it was removed"));
    *other.lock().expect("whole") = Some(second);
    owner.deliver(notes(0, 0..2));
    assert_eq!(owner.called(), [0, 1]);
}

#[test]
fn a_callback_may_deliver_and_register_and_panic() {
    let mut owner = Owner::new(100);
    let holder = owner.holder.clone();
    let (_guard, _dispatch) = owner.register(0, move |note| {
        if note.number < 3 {
            holder.0.deliver(Note::new(0, note.number + 1));
        }
        assert!(note.number != 1, "this panic is part of the test");
    });
    owner.deliver(notes(0, 0..1));
    assert_eq!(owner.called(), [0, 1, 2, 3]);
    assert!(owner.rest().is_empty());
}
