//! What both ends of a scripted connection share.
//!
//! There is no task: whoever does something also hands over what follows from it. What is to be
//! handed to the client waits in one queue, emptied by one caller at a time, so that the client's
//! events keep their order whoever causes them. No lock is held while foreign code (a waker, a
//! callback) runs.

mod arrivals;
mod deliveries;

pub(super) use arrivals::Frame;
pub(super) use deliveries::Delivery;

use super::{clock::Clock, deadline::Deadline};
use crate::{
    Cause, CloseEvent, HandshakeFault, Message, OpenEvent, SendError,
    backend::{CloseRequest, MANNERS, Request},
    channel::Channel,
    waiters::{Line, Place, Wait, wake},
};
use arrivals::{Arrivals, Awaited};
use deliveries::Deliveries;
use std::{
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

pub(crate) struct Wire {
    channel: Arc<Channel>,
    request: Request,
    clock: Option<Clock>,
    state: Mutex<State>,
}

struct State {
    stage: Stage,
    /// The client has begun to close: what still comes for it is discarded.
    is_closing: bool,
    deliveries: Deliveries,
    arrivals: Arrivals,
    deadline: Option<Deadline>,
    /// To be dropped where the lock is not held: payloads are foreign, and may call back.
    discarded: Vec<Box<dyn Send>>,
}

/// What is to be done where the lock is not held.
struct Aftermath {
    woken: Vec<Waker>,
    _discarded: Vec<Box<dyn Send>>,
}

impl Aftermath {
    fn settle(self) {
        wake(self.woken);
    }
}

impl State {
    fn discard(&mut self, discarded: impl Send + 'static) {
        self.discarded.push(Box::new(discarded));
    }

    fn end_deadline(&mut self) {
        if let Some(deadline) = self.deadline.take() {
            self.discard(deadline);
        }
    }

    fn take_aftermath(&mut self) -> Aftermath {
        Aftermath { woken: self.arrivals.take_woken(), _discarded: std::mem::take(&mut self.discarded) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Connecting,
    Open,
    Ended,
}

impl Wire {
    pub(super) fn new(request: Request, channel: Arc<Channel>, clock: Option<Clock>) -> Arc<Self> {
        let state = State {
            stage: Stage::Connecting,
            is_closing: false,
            deliveries: Deliveries::default(),
            arrivals: Arrivals::default(),
            deadline: None,
            discarded: Vec::new(),
        };
        let connect_timeout = request.connect_timeout;
        let wire = Arc::new(Self { channel, request, clock, state: Mutex::new(state) });
        if let Some(after) = connect_timeout {
            wire.start_deadline(after, Cause::ConnectTimeout { after });
        }
        wire
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, wakes whoever waited for it, and hands over what follows.
    fn change<R>(self: &Arc<Self>, change: impl FnOnce(&mut State) -> R) -> R {
        let (result, aftermath) = {
            let mut state = self.lock();
            let result = change(&mut state);
            (result, state.take_aftermath())
        };
        aftermath.settle();
        self.flush();
        result
    }

    fn start_deadline(self: &Arc<Self>, after: Duration, cause: Cause) {
        let wire = Arc::downgrade(self);
        let deadline = Deadline::after(after, self.clock.as_ref(), move || {
            if let Some(wire) = wire.upgrade() {
                wire.change(|state| state.deliver_only(Delivery::End(Some(cause), CloseEvent::abnormal())));
            }
        });
        let _before = {
            let mut state = self.lock();
            // it may have rung already, or have come to nothing meanwhile
            if state.stage == Stage::Ended { Some(deadline) } else { state.deadline.replace(deadline) }
        };
    }
}

/// The client's end.
impl Wire {
    pub(super) fn send(self: &Arc<Self>, frame: Frame) -> Result<(), SendError> {
        let is_control = matches!(frame, Frame::Control(_));
        let (result, aftermath) = {
            let mut state = self.lock();
            (state.send(frame), state.take_aftermath())
        };
        aftermath.settle();
        // a message brings nothing to the client, and may be sent where its locks are held
        if is_control {
            self.flush();
        }
        result
    }

    pub(super) fn close(self: &Arc<Self>, frame: CloseRequest) {
        let begins = self.change(|state| {
            if state.is_closing || state.stage == Stage::Ended {
                return false;
            }
            state.is_closing = true;
            if state.stage == Stage::Connecting {
                state.deliver_only(Delivery::End(Some(Cause::Abandoned), CloseEvent::abnormal()));
            } else {
                state.arrive(Frame::Close(frame));
            }
            true
        });
        let after = self.request.close_timeout;
        if begins && self.lock().stage != Stage::Ended {
            self.start_deadline(after, Cause::CloseTimeout { after });
        }
    }

    pub(super) fn buffered(&self) -> u64 {
        self.lock().arrivals.buffered()
    }

    pub(super) fn taken(&self) -> u64 {
        self.lock().arrivals.taken()
    }

    pub(super) fn poll_buffered(self: &Arc<Self>, most: u64, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        self.poll(Awaited::Drained(most), wait, context)
    }
}

/// The server's end.
impl Wire {
    pub(super) fn url(&self) -> &str {
        self.channel.address().href()
    }

    pub(super) fn protocols(&self) -> &[String] {
        &self.request.protocols
    }

    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.request.headers
    }

    pub(super) fn open(self: &Arc<Self>, protocol: String) {
        let offered = self.protocols();
        let fault = match protocol.is_empty() {
            true => (!offered.is_empty()).then_some(HandshakeFault::NoProtocolChosen),
            false => {
                (!offered.contains(&protocol)).then(|| HandshakeFault::UnofferedProtocol { protocol: protocol.clone() })
            }
        };
        let opened = OpenEvent { protocol, ..OpenEvent::default() };
        match fault {
            Some(fault) => self.fail(fault.into()),
            None => self.change(|state| state.deliveries.first(Delivery::Open(opened))),
        }
    }

    pub(super) fn fail(self: &Arc<Self>, cause: Cause) {
        let cause = if MANNERS.tells_causes { cause } else { Cause::Hidden };
        self.deliver(Delivery::End(Some(cause), CloseEvent::abnormal()));
    }

    pub(super) fn close_by_server(self: &Arc<Self>, close: CloseEvent) {
        let stage = self.lock().stage;
        match stage {
            Stage::Connecting => self.fail(Cause::Disconnected),
            Stage::Open | Stage::Ended => self.deliver(Delivery::End(None, close)),
        }
    }

    pub(super) fn deliver(self: &Arc<Self>, delivery: Delivery) {
        self.change(|state| state.deliveries.push(delivery));
    }

    pub(super) fn set_paused(self: &Arc<Self>, paused: bool) {
        self.change(|state| {
            state.arrivals.paused = paused;
            state.take_arrivals();
        });
    }

    pub(super) fn set_answers_pings(&self, answers: bool) {
        self.lock().arrivals.answers_pings = answers;
    }

    pub(super) fn set_answers_closes(&self, answers: bool) {
        self.lock().arrivals.answers_closes = answers;
    }

    pub(super) fn try_message(&self) -> Option<Message> {
        self.lock().arrivals.take_message()
    }

    /// The next message, or `None` when no more will come.
    pub(super) async fn next_message(self: &Arc<Self>) -> Option<Message> {
        self.until(Awaited::Message).await;
        self.try_message()
    }

    pub(super) async fn closed(self: &Arc<Self>) -> CloseEvent {
        self.until(Awaited::Close).await;
        self.lock().arrivals.closed().unwrap_or_else(CloseEvent::abnormal)
    }

    async fn until(self: &Arc<Self>, what: Awaited) {
        let mut wait = Wait::default();
        poll_fn(|context| self.poll(what, &mut wait, context)).await;
    }

    fn poll(self: &Arc<Self>, what: Awaited, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        wait.poll(self, |place| self.lock().arrivals.wait(place, what, context))
    }
}

impl Line for Wire {
    fn leave(&self, place: &mut Place) -> Option<Waker> {
        self.lock().arrivals.leave(place)
    }
}
