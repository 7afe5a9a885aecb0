//! Tasks in line for something, first come first.

use std::{
    ops::ControlFlow,
    panic::{RefUnwindSafe, UnwindSafe},
    ptr,
    sync::Arc,
    task::{Context, Poll, Waker},
};

/// Tasks in line for something, first come first. `T` says what each waits for; by default that is a number, of
/// what its owner knows, so that all owners share one piece of code.
///
/// It is kept behind a lock, where no waker may be dropped or woken: each that leaves the line is returned.
pub(crate) struct WaitList<T = u64> {
    /// By growing ids.
    line: Vec<Entry<T>>,
    /// How many of those have left. They are cleared away together, so that leaving costs the same wherever one stands.
    left: usize,
    /// How many of those stand at the front.
    skip: usize,
    last_id: u64,
}

struct Entry<T> {
    id: u64,
    /// `None` for one that has left.
    what: Option<T>,
    /// `None` for one that was called, and has not looked since.
    waker: Option<Waker>,
}

/// A task's place in one line; not in it at first.
#[derive(Debug, Default)]
pub(crate) struct Place(u64);

impl<T> Default for WaitList<T> {
    fn default() -> Self {
        Self { line: Vec::new(), left: 0, skip: 0, last_id: 0 }
    }
}

#[allow(dead_code, reason = "a browser's link has less to wait for")]
impl<T> WaitList<T> {
    /// Enters at the end; one that is in line keeps its place with the new waker and wish. Returns the waker it
    /// replaced, to be dropped where no lock is held.
    #[must_use]
    pub(crate) fn wait(&mut self, place: &mut Place, what: T, context: &Context<'_>) -> Option<Waker> {
        if let Some(entry) = self.entry(place) {
            entry.what = Some(what);
            return register(&mut entry.waker, context);
        }
        self.last_id += 1;
        place.0 = self.last_id;
        self.line.push(Entry { id: self.last_id, what: Some(what), waker: Some(context.waker().clone()) });
        None
    }

    /// Leaves the line, if in it.
    #[must_use]
    pub(crate) fn leave(&mut self, place: &mut Place) -> Option<Waker> {
        let entry = self.entry(place)?;
        let (waker, _wish) = (entry.waker.take(), entry.what.take());
        *place = Place::default();
        self.left += 1;
        while self.line.get(self.skip).is_some_and(|entry| entry.what.is_none()) {
            self.skip += 1;
        }
        if self.left * 2 > self.line.len() {
            let _none = self.take(&mut |_| false);
        }
        waker
    }

    pub(crate) fn contains(&self, place: &Place) -> bool {
        self.index(place).and_then(|index| self.line.get(index)).is_some_and(|entry| entry.what.is_some())
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.line.len() - self.left
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.line.len() == self.left
    }

    /// What the first in line waits for.
    pub(crate) fn first(&self) -> Option<&T> {
        self.line.get(self.skip)?.what.as_ref()
    }

    /// Whether it is the first in line, or would be.
    pub(crate) fn is_first(&self, place: &Place) -> bool {
        self.line.get(self.skip).is_none_or(|first| first.id == place.0)
    }

    /// The waker of the first in line, who keeps its place; none if it was called before, and has not looked since.
    #[must_use]
    pub(crate) fn call_first(&mut self) -> Option<Waker> {
        self.line.get_mut(self.skip)?.waker.take()
    }

    /// Takes all out, to be woken.
    pub(crate) fn take_all(&mut self) -> Vec<Waker> {
        self.take_if(|_| true)
    }

    /// Takes out those for whom it is time, to be woken.
    pub(crate) fn take_if(&mut self, mut wanted: impl FnMut(&T) -> bool) -> Vec<Waker> {
        self.take(&mut wanted)
    }

    fn take(&mut self, wanted: &mut dyn FnMut(&T) -> bool) -> Vec<Waker> {
        let mut woken = Vec::new();
        let mut kept = 0;
        for index in 0..self.line.len() {
            probe();
            let entry = &mut self.line[index];
            match &entry.what {
                Some(what) if wanted(what) => woken.extend(entry.waker.take()),
                Some(_) => {
                    self.line.swap(kept, index);
                    kept += 1;
                }
                None => {}
            }
        }
        self.line.truncate(kept);
        (self.left, self.skip) = (0, 0);
        // a crowd that has gone keeps no room
        if kept < self.line.capacity() / 4 {
            self.line.shrink_to_fit();
        }
        woken
    }

    fn entry(&mut self, place: &Place) -> Option<&mut Entry<T>> {
        let index = self.index(place)?;
        self.line.get_mut(index).filter(|entry| entry.what.is_some())
    }

    fn index(&self, place: &Place) -> Option<usize> {
        let by_id = |entry: &Entry<T>| {
            probe();
            entry.id
        };
        if place.0 == 0 { None } else { self.line.binary_search_by_key(&place.0, by_id).ok() }
    }
}

/// Has one task woken, who waits alone. Returns the waker it replaced, to be dropped where no lock is held.
#[must_use]
pub(crate) fn register(slot: &mut Option<Waker>, context: &Context<'_>) -> Option<Waker> {
    match slot {
        Some(waker) if waker.will_wake(context.waker()) => None,
        slot => slot.replace(context.waker().clone()),
    }
}

/// To be called where no lock is held.
pub(crate) fn wake(woken: impl IntoIterator<Item = Waker>) {
    woken.into_iter().for_each(Waker::wake);
}

/// What has a line that tasks wait in, behind a lock.
pub(crate) trait Line: Send + Sync {
    fn leave(&self, place: &mut Place) -> Option<Waker>;
}

/// A task's wait in the line of something shared, which it leaves when this is dropped.
#[derive(Default)]
pub(crate) struct Wait {
    place: Place,
    line: Option<Arc<dyn Line>>,
}

impl Wait {
    /// Pending where `enter` goes on with a waker that it replaced, having entered that line, which it locks for as
    /// long; ready where it breaks with what was waited for. To be called where no lock is held.
    pub(crate) fn poll<L: Line + 'static, R>(
        &mut self,
        line: &Arc<L>,
        enter: impl FnOnce(&mut Place) -> ControlFlow<R, Option<Waker>>,
    ) -> Poll<R> {
        let is_there = self.line.as_ref().is_some_and(|there| ptr::addr_eq(Arc::as_ptr(there), Arc::as_ptr(line)));
        if !is_there {
            self.end();
            self.line = Some(line.clone());
        }
        match enter(&mut self.place) {
            ControlFlow::Continue(_replaced) => Poll::Pending,
            ControlFlow::Break(result) => self.over().map(|()| result),
        }
    }

    /// There is nothing to wait for any more.
    pub(crate) fn over(&mut self) -> Poll<()> {
        self.end();
        Poll::Ready(())
    }

    fn end(&mut self) {
        if let Some(line) = self.line.take() {
            drop(line.leave(&mut self.place));
            self.place = Place::default();
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.end();
    }
}

/// All that it reaches is behind locks, and whole after a panic. That must be said since the
/// compiler does not look behind `dyn`.
impl UnwindSafe for Wait {}
impl RefUnwindSafe for Wait {}

#[cfg(not(test))]
fn probe() {}

#[cfg(test)]
use tests::probe;

#[cfg(test)]
mod tests {
    use super::*;
    use futures::task::noop_waker;
    use std::{
        cell::Cell,
        sync::atomic::{AtomicUsize, Ordering},
        task::Wake,
    };

    const CROWD: usize = 20_000;

    thread_local! {
        static LOOKS: Cell<usize> = const { Cell::new(0) };
    }

    /// Counts how often an entry is looked at.
    pub(super) fn probe() {
        LOOKS.set(LOOKS.get() + 1);
    }

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Who waits for these, in line.
    fn crowd<T: Copy>(list: &mut WaitList<T>, wishes: &[T], waker: &Waker) -> Vec<Place> {
        let mut enter = |what: &T| {
            let mut place = Place::default();
            assert!(list.wait(&mut place, *what, &Context::from_waker(waker)).is_none());
            place
        };
        wishes.iter().map(&mut enter).collect()
    }

    #[test]
    fn the_first_come_is_the_first() {
        let mut list = WaitList::default();
        let mut places = crowd(&mut list, &[5, 3, 8], &noop_waker());
        assert_eq!(list.first(), Some(&5));
        // again, with another wish: the place stays
        assert!(list.wait(&mut places[0], 6, &Context::from_waker(&noop_waker())).is_none());
        assert_eq!(list.first(), Some(&6));
        assert!(list.leave(&mut places[0]).is_some() && list.leave(&mut places[0]).is_none());
        assert_eq!(list.first(), Some(&3));
        assert_eq!(list.take_if(|what| *what > 5).len(), 1);
        assert_eq!(places.iter().map(|place| list.contains(place)).collect::<Vec<_>>(), [false, true, false]);
        // who was taken out enters at the end
        let _none = list.wait(&mut places[2], 9, &Context::from_waker(&noop_waker()));
        assert_eq!((list.first(), list.contains(&places[2])), (Some(&3), true));
        assert_eq!(list.take_all().len(), 2);
        assert!(list.is_empty() && list.first().is_none());
        assert!(list.leave(&mut places[1]).is_none(), "woken before it left");
    }

    #[test]
    fn a_waker_that_is_replaced_is_returned() {
        let mut list = WaitList::default();
        let [old, new] = [(); 2].map(|()| Arc::new(Woken::default()));
        let [first, second] = [&old, &new].map(|woken| Waker::from(woken.clone()));
        let mut place = crowd(&mut list, &[()], &first).remove(0);
        assert!(list.wait(&mut place, (), &Context::from_waker(&first)).is_none(), "it is the same");
        let replaced = list.wait(&mut place, (), &Context::from_waker(&second));
        assert!(replaced.is_some_and(|replaced| replaced.will_wake(&first)));
        wake(list.take_all());
        assert_eq!([old, new].map(|woken| woken.0.load(Ordering::Relaxed)), [0, 1]);
    }

    /// Whatever the order is, nobody walks the line for it, and no room is kept.
    #[test]
    fn a_crowd_leaves_without_a_scan() {
        let orders: [fn(usize) -> usize; 3] = [|index| index, |index| CROWD - 1 - index, |index| index * 7_919 % CROWD];
        for order in orders {
            let mut list = WaitList::default();
            let woken = Arc::new(Woken::default());
            let mut places = crowd(&mut list, &[(); CROWD], &Waker::from(woken.clone()));
            LOOKS.set(0);
            for index in 0..CROWD {
                assert!(list.leave(&mut places[order(index)]).is_some());
            }
            assert!(LOOKS.get() < CROWD * 20, "{} looks", LOOKS.get());
            assert_eq!(Arc::strong_count(&woken), 1, "nothing is left alive");
            assert!(list.is_empty() && list.line.capacity() < CROWD / 100, "{}", list.line.capacity());
        }
    }

    #[test]
    fn who_comes_and_goes_beside_one_who_stays_takes_no_room() {
        let mut list = WaitList::default();
        let stays = crowd(&mut list, &[()], &noop_waker());
        for _ in 0..CROWD {
            let mut place = crowd(&mut list, &[()], &noop_waker()).remove(0);
            assert!(list.leave(&mut place).is_some());
            assert!(list.line.len() <= 3, "{}", list.line.len());
        }
        assert!(list.contains(&stays[0]));
    }
}
