//! Tasks that wait for something, all of which are woken.

use std::{
    mem,
    task::{Context, Waker},
};

/// Who waits for one thing, each kept once.
#[derive(Default)]
pub(crate) struct Waiters(Vec<Waker>);

impl Waiters {
    pub(crate) fn add(&mut self, context: &Context<'_>) {
        if !self.0.iter().any(|waker| waker.will_wake(context.waker())) {
            self.0.push(context.waker().clone());
        }
    }

    /// Those to be woken.
    pub(crate) fn take(&mut self) -> Vec<Waker> {
        mem::take(&mut self.0)
    }
}

/// Who waits for an amount to fall, each to one that it names.
#[derive(Default)]
pub(crate) struct Levels(Vec<(u64, Waker)>);

#[allow(dead_code, reason = "a browser's WebSocket does not tell how its buffer falls")]
impl Levels {
    /// Waits until there is no more than so much.
    pub(crate) fn add(&mut self, most: u64, context: &Context<'_>) {
        let is_same = |(other, waker): &(u64, Waker)| *other == most && waker.will_wake(context.waker());
        if !self.0.iter().any(is_same) {
            self.0.push((most, context.waker().clone()));
        }
    }

    /// Those to be woken now that there is so much.
    pub(crate) fn take_reached(&mut self, now: u64) -> Vec<Waker> {
        self.0.extract_if(.., |(most, _)| now <= *most).map(|(_, waker)| waker).collect()
    }

    /// Those to be woken now that nothing changes any more.
    pub(crate) fn take(&mut self) -> Vec<Waker> {
        self.take_reached(0)
    }
}

/// To be called where no lock is held.
pub(crate) fn wake(woken: impl IntoIterator<Item = Waker>) {
    woken.into_iter().for_each(Waker::wake);
}
