//! Who waits for a buffer to drain.

use crate::waiters::{Line, Place, Wait, WaitList, wake};
use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// Each waits until no more is buffered than it names. Behind a lock rather than in a `RefCell`, since in a
/// build with threads a wait may be dropped on another.
#[derive(Default)]
pub(super) struct Levels(Mutex<WaitList>);

impl Levels {
    fn lock(&self) -> MutexGuard<'_, WaitList> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for that little, of which there is more.
    pub(super) fn poll(self: &Arc<Self>, most: u64, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        wait.poll(self, |place| ControlFlow::Continue(self.lock().wait(place, most, context)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// So much is buffered now.
    pub(super) fn reached(&self, buffered: u64) {
        let woken = self.lock().take_if(|most| buffered <= *most);
        wake(woken);
    }

    /// Nothing can leave any more.
    pub(super) fn end(&self) {
        let woken = self.lock().take_all();
        wake(woken);
    }
}

impl Line for Levels {
    fn leave(&self, place: &mut Place) -> Option<Waker> {
        self.lock().leave(place)
    }
}
