//! Events that wait for callbacks, each with its place among those that wait for the reader.

use super::{
    Mail,
    inbox::{Inbox, merge},
};
use std::{collections::VecDeque, mem::take};

pub(crate) struct Queue<E>(VecDeque<Queued<E>>);

struct Queued<E> {
    event: E,
    /// The end of the inbox when it came: it is newer than what is before there, and older than the rest.
    place: u64,
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<E> Queue<E> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the newest is newer than all of the inbox.
    fn is_ahead_of(&self, inbox: &Inbox<E>) -> bool {
        self.0.back().is_some_and(|newest| newest.place == inbox.end)
    }
}

impl<E: Mail> Queue<E> {
    /// Adds an event here if its kind has a callback, or else to the inbox. Gives back what is left of
    /// one that was merged.
    pub(crate) fn route(&mut self, mut event: E, is_called: bool, inbox: &mut Inbox<E>) -> Option<E> {
        let is_ahead = self.is_ahead_of(inbox);
        if !is_called {
            return inbox.push(event, !is_ahead);
        }
        let waiting = self.0.iter_mut().map(|queued| &mut queued.event);
        if merge(&mut event, waiting, is_ahead) {
            return Some(event);
        }
        inbox.burden(event.cost());
        self.0.push_back(Queued { event, place: inbox.end });
        None
    }

    pub(crate) fn pop(&mut self) -> Option<E> {
        self.0.pop_front().map(|queued| queued.event)
    }

    /// Puts each event that waits, here or in the inbox, where it belongs now. The order of all stays.
    pub(crate) fn sort(&mut self, inbox: &mut Inbox<E>, is_called: impl Fn(E::Kind) -> bool) {
        let (queued, unread) = (take(&mut self.0), take(&mut inbox.events));
        let mut place = inbox.end - unread.len() as u64;
        inbox.end = place;
        let mut put = |event: E| match is_called(event.kind()) {
            true => self.0.push_back(Queued { event, place: inbox.end }),
            false => {
                inbox.events.push_back(event);
                inbox.end += 1;
            }
        };
        let mut unread = unread.into_iter();
        for Queued { event, place: own } in queued {
            while place < own
                && let Some(earlier) = unread.next()
            {
                place += 1;
                put(earlier);
            }
            put(event);
        }
        unread.for_each(put);
    }
}
