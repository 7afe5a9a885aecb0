//! How much work is done, and how much may wait.

use super::*;

#[test]
fn each_event_is_looked_at_a_few_times_whatever_waits() {
    const COUNT: usize = 2_000;
    let owner = Owner::new(usize::MAX);
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = |kind| notes(kind, 0..COUNT).map(|note| Note { looks: looks.clone(), ..note });
    let counting = |what: &str| {
        let looks = looks.swap(0, Relaxed);
        assert!(looks <= 2 * COUNT * 8, "{what}: {looks} looks at {COUNT} events");
    };
    owner.deliver(counted(1));
    let (guard, dispatch) = owner.register(0, |_| {});
    dispatch();
    counting("nobody reads");
    owner.deliver(counted(0));
    assert_eq!(owner.called().len(), COUNT);
    counting("one by one");
    owner.holder.0.deliver_batch(&mut counted(0).collect(), COUNT);
    assert_eq!(owner.called().len(), COUNT);
    counting("a batch");
    drop(guard);
    counting("given back");
}

#[test]
fn what_waits_for_callbacks_counts_until_it_is_handed_out() {
    let owner = Owner::new(8);
    owner.deliver(notes(0, 0..8));
    let (holder, counted) = (owner.holder.clone(), Arc::new(Mutex::new(Vec::new())));
    let counts = counted.clone();
    let (_guard, dispatch) = owner.register(0, move |_| {
        let room = holder.0.poll_room(&mut Context::from_waker(Waker::noop()));
        counts.lock().expect("whole").push((room, holder.0.is_full(5)));
    });
    assert!(owner.holder.0.is_full(1), "it still waits");
    dispatch();
    let expected = (1..=8).map(|room| (Poll::Ready(room), room < 5));
    assert_eq!(*counted.lock().expect("whole"), expected.collect::<Vec<_>>());
}

#[test]
fn the_driver_is_woken_when_callbacks_have_had_half() {
    let owner = Owner::new(8);
    let (waker, driver) = waker();
    owner.deliver(notes(0, 0..8));
    assert_eq!(owner.poll_room(&waker), Poll::Pending);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (sees, woken) = (seen.clone(), driver.clone());
    let (_guard, dispatch) = owner.register(0, move |_| sees.lock().expect("whole").push(woken.0.load(Relaxed)));
    dispatch();
    assert_eq!(*seen.lock().expect("whole"), [0, 0, 0, 1, 1, 1, 1, 1]);
}

/// Nobody reads, callbacks come and go, and what counts for nothing alternates with what counts.
#[test]
fn what_waits_is_bounded_whatever_alternates_with_what() {
    const CAPACITY: usize = 50;
    let mut random = Rng::with_seed(3);
    let mut owner = Owner::new(CAPACITY);
    let (mut guards, mut undone, mut reads) = (BTreeMap::new(), Vec::new(), 0);
    for number in 0..200_000 {
        let kind = random.u8(..KINDS);
        // as a driver does
        if owner.poll_room(Waker::noop()).is_ready() && random.u8(..8) == 0 {
            let mut inner = owner.holder.0.lock();
            route(&owner, &mut inner, Note::new(kind, number));
        }
        let mut inner = owner.holder.0.lock();
        route(&owner, &mut inner, Note { cost: 0, ..Note::new(kind, number) });
        drop(inner);
        match random.u16(..1_000) {
            0 => {
                let (guard, dispatch) = owner.register(kind, |_| {});
                guards.insert(kind, guard);
                undone.push(dispatch);
            }
            1 => drop(guards.remove(&kind)),
            // the reader takes a batch out now and then
            2..5 => reads += usize::from(owner.next().is_some()),
            _ => {}
        }
    }
    assert!(reads > 10, "{reads}");
    drop(guards);
    let (mut counting, mut free) = (0, 0);
    while let Some(note) = owner.reader.try_next(&owner.holder.0) {
        *if note.cost > 0 { &mut counting } else { &mut free } += 1;
    }
    assert!(counting <= 3 * CAPACITY, "{counting}");
    assert!(free <= 2 * usize::from(KINDS) * (inbox::CROWD + usize::from(KINDS) * (counting + 1)), "{free}");
    std::mem::forget(undone);
}

#[test]
fn a_reader_may_take_all_while_the_callback_that_left_still_runs() {
    let owner = Owner::new(8);
    let (holder, own) = (owner.holder.clone(), Arc::new(Mutex::new(None)));
    let guard = own.clone();
    let (registered, dispatch) = owner.register(0, move |_| {
        drop(guard.lock().expect("whole").take());
        let mut taken = VecDeque::new();
        holder.0.try_take(&mut taken);
        assert_eq!(taken.len(), 2);
    });
    *own.lock().expect("whole") = Some(registered);
    let mut batch = notes(0, 0..3).collect();
    owner.holder.0.deliver_batch(&mut batch, 3);
    dispatch();
    assert_eq!((owner.called(), owner.poll_room(Waker::noop())), (vec![0], Poll::Ready(8)));
}
