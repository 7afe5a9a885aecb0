//! A message whose fate is awaited.

use super::{Outcome, SequenceNumber};
use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// A message that was accepted, and what becomes of it: a future of its [`Outcome`].
///
/// It is known to be [`Delivered`](Outcome::Delivered) only by a
/// [heartbeat](super::Heartbeat) that was answered after it; without one it is
/// [`Unknown`](Outcome::Unknown) once the connection that took it has ended.
///
/// # Cancel safety
///
/// Dropping it changes nothing for the message.
#[must_use = "it does nothing unless awaited; `send` sends without it"]
pub struct Tracked {
    number: SequenceNumber,
    cell: Arc<Cell>,
}

impl Tracked {
    pub(crate) fn new(number: SequenceNumber, cell: Arc<Cell>) -> Self {
        Self { number, cell }
    }

    /// The message's number.
    pub fn sequence_number(&self) -> SequenceNumber {
        self.number
    }

    /// Waits until it was handed to a connection, and tells whether it was: `false` if it was
    /// dropped before.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    pub async fn handed_over(&mut self) -> bool {
        poll_fn(|context| self.cell.poll(context, |fate| fate.is_handed_over())).await
    }
}

impl Future for Tracked {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        self.cell.poll(context, |fate| fate.outcome.clone())
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Tracked").field(&self.number).finish()
    }
}

/// What is known of a message, for the one who awaits it.
#[derive(Debug, Default)]
pub(crate) struct Cell(Mutex<Fate>);

#[derive(Debug, Default)]
struct Fate {
    handed_over: bool,
    outcome: Option<Outcome>,
    waiter: Option<Waker>,
}

impl Fate {
    fn is_handed_over(&self) -> Option<bool> {
        match &self.outcome {
            Some(outcome) => Some(!matches!(outcome, Outcome::NotSent(_))),
            None => self.handed_over.then_some(true),
        }
    }
}

impl Cell {
    fn lock(&self) -> MutexGuard<'_, Fate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settle(&self, outcome: Outcome) -> Option<Waker> {
        let mut fate = self.lock();
        fate.outcome = Some(outcome);
        fate.waiter.take()
    }

    pub(crate) fn hand_over(&self) -> Option<Waker> {
        let mut fate = self.lock();
        if std::mem::replace(&mut fate.handed_over, true) { None } else { fate.waiter.take() }
    }

    fn poll<T>(&self, context: &mut Context<'_>, look: impl FnOnce(&Fate) -> Option<T>) -> Poll<T> {
        let mut fate = self.lock();
        match look(&fate) {
            Some(known) => Poll::Ready(known),
            None => {
                fate.waiter = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
