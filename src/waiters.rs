//! Tasks that wait for something, all of which are woken.

use std::task::{Context, Waker};

/// Each is kept once, with how little there has to be left of what it waits for the end of.
#[derive(Default)]
pub(crate) struct Waiters(Vec<(u64, Waker)>);

impl Waiters {
    pub(crate) fn add(&mut self, context: &Context<'_>) {
        self.add_until(0, context);
    }

    /// Waits until there is no more than so much.
    pub(crate) fn add_until(&mut self, most: u64, context: &Context<'_>) {
        let is_same = |(other, waker): &(u64, Waker)| *other == most && waker.will_wake(context.waker());
        if !self.0.iter().any(is_same) {
            self.0.push((most, context.waker().clone()));
        }
    }

    /// Those to be woken, whatever they wait for.
    pub(crate) fn take(&mut self) -> Vec<Waker> {
        self.take_reached(0)
    }

    /// Those to be woken now that there is so much.
    pub(crate) fn take_reached(&mut self, now: u64) -> Vec<Waker> {
        self.0.extract_if(.., |(most, _)| now <= *most).map(|(_, waker)| waker).collect()
    }
}

/// To be called where no lock is held.
pub(crate) fn wake(woken: impl IntoIterator<Item = Waker>) {
    woken.into_iter().for_each(Waker::wake);
}
