//! The owner's way to read a mailbox.

use super::{Mail, Mailbox};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

/// Takes events out of the inbox in one go, and hands them out one by one.
pub(crate) struct Reader<E> {
    /// Locked by who registers a callback only: the reader has it to itself.
    taken: Mutex<VecDeque<E>>,
    /// The last event was handed out, here or to a callback.
    finished: bool,
}

impl<E> Default for Reader<E> {
    fn default() -> Self {
        Self { taken: Mutex::default(), finished: false }
    }
}

impl<E: Mail> Reader<E> {
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// What it has taken and not handed out yet.
    pub(super) fn taken(&self) -> MutexGuard<'_, VecDeque<E>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next event if one waits.
    pub(crate) fn try_next(&mut self, mailbox: &Mailbox<E>) -> Option<E> {
        let taken = self.taken.get_mut().unwrap_or_else(PoisonError::into_inner);
        if taken.is_empty() {
            mailbox.try_take(taken);
        }
        let event = taken.pop_front()?;
        self.finished |= event.is_last();
        Some(event)
    }

    /// The next event, or `None` after the last.
    #[inline]
    pub(crate) fn poll_next(&mut self, mailbox: &Mailbox<E>, context: &mut Context<'_>) -> Poll<Option<E>> {
        let taken = self.taken.get_mut().unwrap_or_else(PoisonError::into_inner);
        if taken.is_empty() && !self.finished && mailbox.poll_take(taken, context).is_pending() {
            return Poll::Pending;
        }
        // looked at where it lies, so that it moves once
        self.finished |= taken.front().is_none_or(E::is_last);
        Poll::Ready(taken.pop_front())
    }

    /// What waits, in one go. Whatever may be the last is to be left to [`poll_next`](Self::poll_next).
    pub(crate) fn poll_all(&mut self, mailbox: &Mailbox<E>, context: &mut Context<'_>) -> Poll<&mut VecDeque<E>> {
        let taken = self.taken.get_mut().unwrap_or_else(PoisonError::into_inner);
        if taken.is_empty() && !self.finished && mailbox.poll_take(taken, context).is_pending() {
            return Poll::Pending;
        }
        Poll::Ready(taken)
    }
}
