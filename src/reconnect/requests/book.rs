//! The calls that are under way, and what follows from what happens to one. Without I/O, without a clock.

use super::RequestError;
use crate::{
    reconnect::{DropReason, EndCause, Outcome, SendError, room::Room},
    waiters::{Place, register},
};
use std::{
    collections::BTreeMap,
    task::{Context, Poll, Waker},
};

/// The calls under way, by id. It is kept behind a lock, where nothing foreign may be dropped or woken:
/// what is displaced is returned.
pub(super) struct Book<A> {
    last: u64,
    pending: BTreeMap<u64, Pending<A>>,
    /// How many there may be at once.
    limit: usize,
    line: Room,
}

struct Pending<A> {
    answer: Option<A>,
    waker: Option<Waker>,
}

/// What an answer was.
#[derive(Debug, PartialEq)]
pub(super) enum Arrival<A, W = Waker> {
    /// That of a call under way, whose task is to be woken.
    Taken(Option<W>),
    /// That of a call that is over, or a second one.
    Late(A),
    /// That of no call ever made.
    Foreign,
}

/// What is to be done where no lock is held.
#[must_use]
pub(super) struct Left<A> {
    pub(super) answer: Option<A>,
    /// To be dropped.
    pub(super) wakers: [Option<Waker>; 2],
    /// To be woken: a call that has its turn now.
    pub(super) next: Option<Waker>,
}

impl<A> Default for Book<A> {
    fn default() -> Self {
        Self { last: 0, pending: BTreeMap::new(), limit: usize::MAX, line: Room::default() }
    }
}

impl<A> Book<A> {
    /// An id, which no other call gets.
    pub(super) fn issue(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Bounds the calls at once; who is to be woken.
    pub(super) fn set_limit(&mut self, limit: usize) -> Option<Waker> {
        self.limit = limit;
        self.next()
    }

    /// Ready when the call is among those under way, where they are entered in the order in which they came.
    /// Wakers: one to be dropped, one to be woken.
    pub(super) fn poll_enter(
        &mut self,
        id: u64,
        place: &mut Place,
        context: &Context<'_>,
    ) -> (Poll<()>, [Option<Waker>; 2]) {
        let (ready, replaced) = self.line.poll(place, 1, self.has_room(), context);
        if ready.is_pending() {
            return (Poll::Pending, [replaced, None]);
        }
        let left = self.line.leave(place);
        self.pending.insert(id, Pending { answer: None, waker: Some(context.waker().clone()) });
        (Poll::Ready(()), [left, self.next()])
    }

    /// An answer has come.
    pub(super) fn answered(&mut self, id: u64, answer: A) -> Arrival<A> {
        match self.pending.get_mut(&id) {
            Some(pending) if pending.answer.is_none() => {
                pending.answer = Some(answer);
                Arrival::Taken(pending.waker.take())
            }
            Some(_) => Arrival::Late(answer),
            None if (1..=self.last).contains(&id) => Arrival::Late(answer),
            None => Arrival::Foreign,
        }
    }

    /// Whether its answer has come; else its task is woken when it does. Returns the waker that this replaced.
    pub(super) fn poll_answered(&mut self, id: u64, context: &Context<'_>) -> (Poll<()>, Option<Waker>) {
        match self.pending.get_mut(&id) {
            Some(Pending { answer: Some(_), .. }) => (Poll::Ready(()), None),
            Some(pending) => (Poll::Pending, register(&mut pending.waker, context)),
            None => (Poll::Pending, None),
        }
    }

    /// The call is over: its answer, if that has come.
    pub(super) fn leave(&mut self, id: u64, place: &mut Place) -> Left<A> {
        let (answer, waker) = self.pending.remove(&id).map(|gone| (gone.answer, gone.waker)).unwrap_or_default();
        let in_line = self.line.leave(place);
        Left { answer, wakers: [waker, in_line], next: self.next() }
    }

    fn has_room(&self) -> bool {
        self.pending.len() < self.limit
    }

    fn next(&mut self) -> Option<Waker> {
        let has_room = self.has_room();
        self.line.next(|_| has_room)
    }
}

/// What a call has been through.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// How often it may be sent again.
    pub(super) retries: u32,
    /// A connection that took it was lost; whether it had reached the peer's WebSocket layer.
    lost: Option<bool>,
}

/// What follows.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    SendAgain,
    Fail(RequestError),
}

impl Course {
    /// It became known what became of its message, before an answer came. `ended` is the cause if the
    /// socket has ended.
    pub(super) fn settled(&mut self, outcome: Outcome, ended: Option<EndCause>) -> Next {
        if let Outcome::NotSent(reason) = outcome {
            return Next::Fail(match (reason, ended) {
                (DropReason::Ended, Some(cause)) => self.ended(cause),
                _ => self.unsent(RequestError::NotSent(reason)),
            });
        }
        let reached = outcome != Outcome::Unknown || self.lost == Some(true);
        self.lost = Some(reached);
        if let Some(cause) = ended {
            return Next::Fail(self.ended(cause));
        }
        match self.retries.checked_sub(1) {
            Some(retries) => {
                self.retries = retries;
                Next::SendAgain
            }
            None => Next::Fail(RequestError::Interrupted { reached }),
        }
    }

    /// The queue did not take it; `ended` as above.
    pub(super) fn refused(&self, error: SendError, ended: Option<EndCause>) -> RequestError {
        match ended {
            Some(cause) if self.lost.is_some() => self.ended(cause),
            _ => self.unsent(RequestError::Refused(error)),
        }
    }

    /// Its deadline has passed, and it was handed over before or not.
    pub(super) fn timed_out(&self, handed_over: bool) -> RequestError {
        RequestError::TimedOut { sent: handed_over || self.lost.is_some() }
    }

    fn ended(&self, cause: EndCause) -> RequestError {
        RequestError::Ended { cause, sent: self.lost.is_some() }
    }

    /// It was not sent this time, which says nothing of the times before.
    fn unsent(&self, error: RequestError) -> RequestError {
        self.lost.map_or(error, |reached| RequestError::Interrupted { reached })
    }
}

#[cfg(test)]
mod tests;
