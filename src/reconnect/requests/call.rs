//! One request, from when it is made until it has its answer.

use super::{
    Calls, RequestError,
    book::{Course, Left, Next},
};
use crate::{
    Message,
    reconnect::{
        EndCause, Outcome, Outgoing, State, Tracked, UserError,
        clock::Alarm,
        core::{Core, Line, Waiting},
        machine::Moment,
    },
    waiters::{Place, wake},
};
use futures::FutureExt;
use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

/// How often what is [idempotent](Call::idempotent) is sent again.
const RETRIES: u32 = 3;

/// A request that is to be made: await it for its answer; from [`Requests::call`](super::Requests::call).
///
/// # Cancel safety
///
/// Dropping it, or the future that it becomes, takes the request back if it still waits, and discards its
/// answer else. It keeps nothing. A request that was sent may be executed.
#[must_use = "it is sent when it is awaited"]
pub struct Call<A> {
    calling: Calling<A>,
    within: Option<Duration>,
}

impl<A> Call<A> {
    pub(super) fn new(
        id: u64,
        message: Result<Message, UserError>,
        calls: Arc<Calls<A>>,
        core: Arc<Core>,
        within: Option<Duration>,
    ) -> Self {
        let stage = Stage::New { message, within: None };
        let (place, course) = (Place::default(), Course::default());
        Self { calling: Calling { id, calls, core, stage, message: None, place, course, deadline: None }, within }
    }

    /// How long it may take from when it is first polled, the wait for a connection included, but not time in
    /// which the computer sleeps; `None` for as long as it takes. With no time at all it is not sent. Default: that of [`Requests::within`](super::Requests::within).
    pub fn within(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.within = time.into();
        self
    }

    /// To execute it twice does no harm: it is sent again, up to 3 times, if the connection that took it is
    /// lost before its answer came.
    pub fn idempotent(self) -> Self {
        self.retry(RETRIES)
    }

    /// To execute it twice does no harm: it is sent again, up to so many times, if the connection that took
    /// it is lost before its answer came. It is sent as it was, with the same id, behind what waits in the
    /// queue; its deadline stays the same.
    pub fn retry(mut self, times: u32) -> Self {
        self.calling.course.retries = times;
        self
    }
}

impl<A> IntoFuture for Call<A> {
    type Output = Result<A, RequestError>;
    type IntoFuture = Calling<A>;

    fn into_future(mut self) -> Calling<A> {
        if let Stage::New { within, .. } = &mut self.calling.stage {
            *within = self.within;
        }
        self.calling
    }
}

impl<A> fmt::Debug for Call<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Call").field("id", &self.calling.id).field("within", &self.within).finish()
    }
}

/// The answer that will come, or why not: what a [`Call`] becomes when it is awaited.
#[must_use = "futures do nothing unless polled"]
pub struct Calling<A> {
    id: u64,
    calls: Arc<Calls<A>>,
    core: Arc<Core>,
    stage: Stage,
    /// What is sent, once it was polled.
    message: Option<Message>,
    place: Place,
    course: Course,
    deadline: Option<(Moment, Alarm)>,
}

enum Stage {
    /// Not polled yet.
    New {
        message: Result<Message, UserError>,
        within: Option<Duration>,
    },
    /// In line for its turn among other calls.
    InLine,
    /// In line for room in the queue.
    Queueing(Waiting, Option<Outgoing>),
    /// Accepted for sending.
    Sent(Tracked),
    Over,
}

impl<A> Calling<A> {
    fn poll_result(&mut self, context: &mut Context<'_>) -> Poll<Result<A, RequestError>> {
        loop {
            if self.poll_answered(context).is_ready()
                && let Some(answer) = self.leave()
            {
                return Poll::Ready(Ok(answer));
            }
            match &mut self.stage {
                Stage::New { .. } => self.begin()?,
                Stage::InLine => {
                    if self.poll_turn(context).is_pending() {
                        break;
                    }
                    self.stage = self.queueing();
                }
                Stage::Queueing(waiting, outgoing) => match waiting.poll_send_request(outgoing, context) {
                    Poll::Ready(Ok(tracked)) => self.stage = Stage::Sent(tracked),
                    Poll::Ready(Err(error)) => {
                        let error = self.course.refused(error, self.end_cause());
                        return Poll::Ready(Err(error));
                    }
                    Poll::Pending => break,
                },
                Stage::Sent(tracked) => {
                    let Poll::Ready(outcome) = tracked.poll_unpin(context) else { break };
                    // it may have come meanwhile, and then was before the loss
                    if self.poll_answered(context).is_ready() {
                        continue;
                    }
                    match self.course.settled(outcome, self.end_cause()) {
                        Next::SendAgain => self.stage = self.queueing(),
                        Next::Fail(error) => return Poll::Ready(Err(error)),
                    }
                }
                Stage::Over => return Poll::Pending,
            }
        }
        ready!(self.poll_deadline(context));
        let is_withdrawn = self.withdraw();
        if let Stage::Sent(tracked) = &mut self.stage {
            // dropped from the queue at this moment
            let unsent = matches!(tracked.poll_unpin(context), Poll::Ready(Outcome::NotSent(_)));
            let error = self.course.timed_out(!is_withdrawn && !unsent);
            return Poll::Ready(self.leave().ok_or(error));
        }
        Poll::Ready(self.leave().ok_or(self.course.timed_out(false)))
    }

    /// Its time begins.
    fn begin(&mut self) -> Result<(), RequestError> {
        let Stage::New { message, within } = std::mem::replace(&mut self.stage, Stage::InLine) else { return Ok(()) };
        self.message = Some(message.map_err(RequestError::Encode)?);
        if within.is_some_and(|within| within.is_zero()) {
            // what has no time is not to be executed
            return Err(RequestError::TimedOut { sent: false });
        }
        self.deadline = within.map(|within| {
            let clock = self.core.clock();
            let at = clock.now().at.after(within);
            (at, clock.alarm_anywhere(at))
        });
        Ok(())
    }

    fn queueing(&self) -> Stage {
        Stage::Queueing(Waiting::new(&self.core, Line::Room), self.message.clone().map(Outgoing::from))
    }

    fn poll_turn(&mut self, context: &Context<'_>) -> Poll<()> {
        let (ready, [_replaced, next]) = { self.calls.lock().poll_enter(self.id, &mut self.place, context) };
        wake(next);
        ready
    }

    fn poll_answered(&self, context: &Context<'_>) -> Poll<()> {
        let (ready, _replaced) = { self.calls.lock().poll_answered(self.id, context) };
        ready
    }

    /// Pending for ever if it has none.
    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some((at, alarm)) = &mut self.deadline else { return Poll::Pending };
        loop {
            ready!(alarm.poll_unpin(context));
            // some alarms ring too early: a browser's after 24 days, and on another thread
            if self.core.clock().now().at >= *at {
                return Poll::Ready(());
            }
            *alarm = self.core.clock().alarm_anywhere(*at);
        }
    }

    fn end_cause(&self) -> Option<EndCause> {
        self.core.look(|machine| match machine.state() {
            State::Ended(cause) => Some(cause.clone()),
            _ => None,
        })
    }

    /// Takes its message back; whether it still waited.
    fn withdraw(&self) -> bool {
        let Stage::Sent(tracked) = &self.stage else { return false };
        let number = tracked.sequence_number();
        self.core.act(|machine| machine.withdraw(number)).is_some()
    }

    /// It is no call any more; its answer, if that has come.
    fn leave(&mut self) -> Option<A> {
        let Left { answer, wakers: _wakers, next } = { self.calls.lock().leave(self.id, &mut self.place) };
        wake(next);
        answer
    }
}

impl<A> Future for Calling<A> {
    type Output = Result<A, RequestError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = ready!(self.poll_result(context));
        self.stage = Stage::Over;
        self.leave();
        self.deadline = None;
        Poll::Ready(result)
    }
}

impl<A> Drop for Calling<A> {
    fn drop(&mut self) {
        if !matches!(self.stage, Stage::New { .. } | Stage::Over) {
            self.withdraw();
            self.leave();
        }
    }
}

impl<A> fmt::Debug for Calling<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Calling").field("id", &self.id).finish_non_exhaustive()
    }
}
