//! Who gets which event, and in which order.

use super::*;

#[test]
fn what_has_a_callback_never_goes_to_a_reader_on_another_thread() {
    const COUNT: usize = 20_000;
    let mut owner = Owner::new(usize::MAX);
    let called = owner.called.clone();
    let _guard = owner.register(0, |_| {});
    let holder = owner.holder.clone();
    let driver = std::thread::spawn(move || {
        for first in (0..COUNT).step_by(10) {
            holder.0.deliver_batch(&mut notes(0, first..first + 10).collect(), 10);
            holder.0.deliver(Note::new(1, first));
        }
        holder.0.deliver(Note { is_last: true, ..Note::new(1, COUNT) });
    });
    let read: Vec<usize> = futures::executor::block_on(async {
        let mut read = Vec::new();
        while let Some(note) = std::future::poll_fn(|context| owner.reader.poll_next(&owner.holder.0, context)).await {
            read.push(note.number);
        }
        read
    });
    driver.join().expect("it delivers");
    assert_eq!(read, (0..=COUNT).step_by(10).collect::<Vec<_>>());
    assert_eq!(*called.lock().expect("whole"), (0..COUNT).collect::<Vec<_>>());
}

#[test]
fn what_the_reader_has_taken_goes_to_a_callback_that_comes_late() {
    let mut owner = Owner::new(100);
    owner.deliver([Note::new(1, 0), Note::new(0, 1), Note::new(1, 2), Note::new(0, 3)]);
    assert_eq!(owner.next(), Some(0), "and the rest was taken out with it");
    owner.deliver([Note::new(0, 4), Note::new(1, 5)]);
    let (_guard, dispatch) = owner.register(0, |_| {});
    assert!(owner.called().is_empty(), "not within the call");
    owner.deliver([Note::new(0, 6)]);
    assert_eq!(owner.called(), [1, 3, 4, 6]);
    dispatch();
    assert_eq!((owner.rest(), owner.called()), (vec![2, 5], vec![]));
}

/// What waits, in one list; and for each kind that has a callback, after how many calls that leaves.
#[derive(Default)]
struct Model {
    waiting: Vec<(u8, usize)>,
    callbacks: BTreeMap<u8, usize>,
}

impl Model {
    fn dispatch(&mut self) -> Vec<usize> {
        let callbacks = &mut self.callbacks;
        let is_called = |(kind, _): &mut (u8, usize)| {
            let Some(calls) = callbacks.get_mut(kind) else { return false };
            *calls -= 1;
            if *calls == 0 {
                callbacks.remove(kind);
            }
            true
        };
        self.waiting.extract_if(.., is_called).map(|(_, number)| number).collect()
    }

    fn next(&mut self) -> Option<usize> {
        let index = self.waiting.iter().position(|(kind, _)| !self.callbacks.contains_key(kind))?;
        Some(self.waiting.remove(index).1)
    }
}

#[test]
fn each_gets_what_is_its_own_in_order() {
    for seed in 0..300 {
        let mut random = Rng::with_seed(seed);
        let (mut owner, mut model) = (Owner::new(1_000), Model::default());
        let guards: Arc<Mutex<BTreeMap<u8, CallbackGuard>>> = Arc::default();
        let mut undone: Vec<Dispatch> = Vec::new();
        for number in 0..300 {
            let kind = random.u8(..KINDS);
            match random.u8(..10) {
                0..4 => {
                    let cost = random.usize(..4);
                    let note = Note { cost, ..Note::new(kind, number) };
                    match cost > 0 && random.bool() {
                        true => owner.holder.0.deliver_batch(&mut VecDeque::from([note]), cost),
                        false => owner.holder.0.deliver(note),
                    }
                    model.waiting.push((kind, number));
                    assert_eq!(owner.called(), model.dispatch(), "seed {seed}, {number}");
                }
                4 if !model.callbacks.contains_key(&kind) => {
                    let calls = random.usize(1..8);
                    let (own, mut left) = (guards.clone(), calls);
                    let (guard, dispatch) = owner.register(kind, move |_| {
                        left -= 1;
                        if left == 0 {
                            own.lock().expect("whole").remove(&kind);
                        }
                    });
                    model.callbacks.insert(kind, calls);
                    guards.lock().expect("whole").insert(kind, guard);
                    undone.push(dispatch);
                }
                5 => {
                    model.callbacks.remove(&kind);
                    guards.lock().expect("whole").remove(&kind);
                }
                6 if !undone.is_empty() => {
                    undone.drain(..).for_each(|dispatch| dispatch());
                    assert_eq!(owner.called(), model.dispatch(), "seed {seed}, {number}");
                }
                _ => assert_eq!(owner.next(), model.next(), "seed {seed}, {number}"),
            }
        }
        guards.lock().expect("whole").clear();
        model.callbacks.clear();
        assert_eq!(owner.rest(), model.waiting.iter().map(|(_, number)| *number).collect::<Vec<_>>(), "seed {seed}");
        assert_eq!(owner.poll_room(Waker::noop()), Poll::Ready(1_000), "seed {seed}");
    }
}

#[test]
fn the_reader_ends_once_a_callback_has_had_the_last() {
    let mut owner = Owner::new(100);
    let (waker, reader) = waker();
    owner.deliver([Note::last(0)]);
    let (guard, dispatch) = owner.register(0, |_| {});
    assert_eq!(owner.poll(&waker), Poll::Pending, "it may come back");
    dispatch();
    assert_eq!((owner.called(), reader.0.load(Relaxed)), (vec![0], 1));
    assert_eq!(owner.poll(&waker), Poll::Ready(None));
    drop(guard);

    let mut owner = Owner::new(100);
    owner.deliver([Note::last(0)]);
    let (guard, _dispatch) = owner.register(0, |_| {});
    assert_eq!(owner.poll(&waker), Poll::Pending);
    drop(guard);
    assert_eq!(reader.0.load(Relaxed), 2);
    assert_eq!(owner.poll(&waker), Poll::Ready(Some(0)));
    assert_eq!(owner.poll(&waker), Poll::Ready(None));
}

#[test]
fn what_a_dead_runtime_drops_unrun_is_handed_over_nevertheless() {
    let owner = Owner::new(100);
    owner.deliver(notes(0, 0..2));
    let (_guard, dispatch) = owner.register(0, |_| {});
    drop(dispatch);
    assert_eq!(owner.called(), [0, 1]);
}
