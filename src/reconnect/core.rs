//! What a reconnecting socket, its handles and its driver share: the machine behind one lock, and
//! the mailbox.
//!
//! Handles put inputs into the machine and wake the driver. The driver alone takes actions out,
//! so that events keep their order. No lock is held while foreign code (a waker, a callback)
//! runs.

use super::{
    DropReason, Event, Outcome, Outgoing, Progress, SendError, SequenceNumber, State,
    clock::Clock,
    event::Letter,
    machine::{Action, Machine, Moment},
    tracked::{Tracked, Tracking},
};
use crate::{
    Handle as LinkHandle, Message,
    mailbox::{HoldsMailbox, Mailbox},
    waiters::{Waiters, wake},
};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

pub(crate) struct Core {
    inner: Mutex<Inner>,
    mailbox: Mailbox<Letter>,
    clock: Clock,
    /// How many bytes the transport may have that it has not handed to the network yet.
    transport_buffer: u64,
}

/// How much a link took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Whatever it was offered; there may be more.
    All,
    /// It takes no more before it wakes the driver.
    NoMoreNow,
}

struct Inner {
    machine: Machine,
    /// Woken when there is something to do; `None` while the driver is awake.
    driver: Option<Waker>,
    /// The deadline that the driver has its alarm set for.
    armed: Option<Moment>,
    /// The driver waits for the link to take more.
    blocked: bool,
    /// Woken when the state changes.
    watchers: Waiters,
    /// Woken when the queue has room.
    senders: Waiters,
    /// What is to be told of messages.
    tracking: Tracking,
    resume_token: Option<String>,
    /// The link that messages flow over.
    link: Option<LinkHandle>,
    /// How many bytes of payload were handed to it.
    handed_over: u64,
}

impl Core {
    pub(crate) fn new(machine: Machine, clock: Clock, inbox_capacity: usize, transport_buffer: u64) -> Self {
        let inner = Inner {
            machine,
            driver: None,
            armed: None,
            blocked: false,
            watchers: Waiters::default(),
            senders: Waiters::default(),
            tracking: Tracking::default(),
            resume_token: None,
            link: None,
            handed_over: 0,
        };
        Self { inner: Mutex::new(inner), mailbox: Mailbox::new(inbox_capacity), clock, transport_buffer }
    }

    /// A panic elsewhere leaves the state whole enough: it ends the driver, which ends the socket.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Reads something of the machine.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Machine) -> R) -> R {
        look(&self.lock().machine)
    }

    /// Puts something into the machine, and wakes whoever has to know.
    pub(crate) fn act<R>(&self, act: impl FnOnce(&mut Machine) -> R) -> R {
        let (result, woken) = {
            let mut inner = self.lock();
            let before = inner.machine.changes();
            let result = act(&mut inner.machine);
            (result, inner.woken(before))
        };
        wake(woken);
        result
    }

    pub(crate) fn send(&self, mut outgoing: Outgoing) -> Result<SequenceNumber, SendError> {
        match self.lock().skip_queue(outgoing.message, self.transport_buffer) {
            // which leaves the driver nothing to do
            Ok(number) => return Ok(number),
            Err(message) => outgoing.message = message,
        }
        self.accept(|inner| inner.send(outgoing, &self.clock))
    }

    pub(crate) fn send_tracked(&self, outgoing: Outgoing) -> Result<Tracked, SendError> {
        self.accept(|inner| {
            let number = inner.send(outgoing, &self.clock)?;
            Ok(inner.tracking.track(number))
        })
    }

    /// As `send`, for who has waited for room: the last message may exceed the bound.
    pub(crate) fn send_with_room(&self, outgoing: Outgoing) -> Result<SequenceNumber, SendError> {
        self.accept(|inner| inner.machine.send_with_room(outgoing))
    }

    /// Has a message accepted, or not, and wakes the driver if there is something to do.
    fn accept<R>(&self, send: impl FnOnce(&mut Inner) -> R) -> R {
        let (result, driver) = {
            let mut inner = self.lock();
            (send(&mut inner), inner.woken_driver())
        };
        wake(driver);
        result
    }

    /// Ready when the queue has room, or never will.
    pub(crate) fn poll_room(&self, length: u64, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.lock();
        if inner.machine.has_room(length) || inner.machine.is_ended() {
            return Poll::Ready(());
        }
        inner.senders.add(context);
        Poll::Pending
    }

    /// Ready when all that was accepted has left the queue, or never will.
    pub(crate) fn poll_flushed(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.lock();
        if inner.machine.progress().queued == 0 || inner.machine.is_ended() {
            return Poll::Ready(());
        }
        inner.senders.add(context);
        Poll::Pending
    }

    /// Ready when the socket has ended.
    pub(crate) fn poll_ended(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.lock();
        if inner.machine.is_ended() {
            return Poll::Ready(());
        }
        inner.watchers.add(context);
        Poll::Pending
    }

    /// The state, if it has changed since that many changes, and how many there are now.
    pub(crate) fn poll_state(&self, seen: u64, context: &mut Context<'_>) -> Poll<(u64, State)> {
        let mut inner = self.lock();
        if inner.machine.changes() != seen {
            return Poll::Ready((inner.machine.changes(), inner.machine.state().clone()));
        }
        inner.watchers.add(context);
        Poll::Pending
    }

    pub(crate) fn progress(&self) -> Progress {
        self.lock().machine.progress()
    }

    pub(crate) fn set_resume_token(&self, token: Option<String>) {
        self.lock().resume_token = token;
    }

    pub(crate) fn resume_token(&self) -> Option<String> {
        self.lock().resume_token.clone()
    }

    pub(crate) fn link(&self) -> Option<LinkHandle> {
        self.lock().link.clone()
    }
}

/// The driver's side.
impl Core {
    pub(crate) fn set_link(&self, link: Option<LinkHandle>) {
        let mut inner = self.lock();
        inner.link = link;
        inner.handed_over = 0;
        inner.blocked = false;
    }

    /// How many bytes of payload were handed to the link that messages flow over.
    pub(crate) fn handed_over(&self) -> u64 {
        self.lock().handed_over
    }

    /// Takes out what is to be done, and tells those who track messages.
    pub(crate) fn take_actions(&self, actions: &mut VecDeque<Action>) {
        let woken = {
            let mut inner = self.lock();
            while let Some(action) = inner.machine.poll_action() {
                actions.push_back(action);
            }
            let mut woken = inner.settle(actions);
            woken.extend(inner.woken_senders());
            woken
        };
        wake(woken);
    }

    /// Hands over what may be sent, for as long as the link takes it. Returns whether somebody is to
    /// be told that a message has left, which [`take_actions`](Self::take_actions) does.
    pub(crate) fn transmit(&self, hand_over: impl FnOnce(&mut Machine, &mut u64) -> Taken) -> bool {
        let (tells, woken) = {
            let mut inner = self.lock();
            if !inner.machine.wants_to_transmit() {
                // what is sent next must wake the driver, whatever kept it from sending before
                inner.blocked = false;
                return false;
            }
            let before = inner.machine.progress().handed_over;
            let Inner { machine, handed_over, .. } = &mut *inner;
            inner.blocked = hand_over(machine, handed_over) == Taken::NoMoreNow;
            let tells = !inner.tracking.is_empty() && inner.machine.progress().handed_over != before;
            (tells, inner.woken_senders())
        };
        wake(woken);
        tells
    }

    /// Whether there is nothing to do now; then the driver is woken when there is.
    pub(crate) fn is_idle(&self, armed: Option<Moment>, context: &mut Context<'_>) -> bool {
        let mut inner = self.lock();
        inner.armed = armed;
        if inner.has_work() {
            return false;
        }
        inner.driver = Some(context.waker().clone());
        true
    }
}

impl Inner {
    fn send(&mut self, outgoing: Outgoing, clock: &Clock) -> Result<SequenceNumber, SendError> {
        if outgoing.volatile && self.blocked {
            return Err(SendError::NotReady { message: Box::new(outgoing.message) });
        }
        self.machine.send(outgoing, || clock.now())
    }

    /// Hands a message to the link at once, if nothing waits before it and the link takes it: what
    /// goes through the queue has to wait for the driver's turn, and costs twice as much.
    fn skip_queue(&mut self, message: Message, transport_buffer: u64) -> Result<SequenceNumber, Message> {
        if !self.machine.may_skip_queue() || self.blocked || !self.tracking.is_empty() {
            return Err(message);
        }
        let Some(link) = self.link.as_ref().filter(|link| link.buffered_amount() < transport_buffer) else {
            return Err(message);
        };
        let length = message.len();
        link.link().send(message).map_err(|unsent| unsent.message)?;
        self.handed_over += length;
        Ok(self.machine.skip_queue())
    }

    fn has_work(&self) -> bool {
        let is_armed_too_late = match (self.machine.next_deadline(), self.armed) {
            (Some(deadline), Some(armed)) => deadline < armed,
            (deadline, None) => deadline.is_some(),
            (None, Some(_)) => false,
        };
        self.machine.has_actions() || is_armed_too_late || !self.blocked && self.machine.wants_to_transmit()
    }

    fn woken_driver(&mut self) -> Option<Waker> {
        if self.driver.is_some() && self.has_work() { self.driver.take() } else { None }
    }

    fn woken_senders(&mut self) -> Vec<Waker> {
        self.senders.take()
    }

    fn woken(&mut self, changes_before: u64) -> Vec<Waker> {
        let mut woken = Vec::from_iter(self.woken_driver());
        if self.machine.changes() != changes_before {
            woken.append(&mut self.watchers.take());
            if self.machine.is_ended() {
                woken.append(&mut self.senders.take());
            }
        }
        woken
    }

    /// Tells those who track messages what became of them: first what events tell, then what is
    /// left below the marks.
    fn settle(&mut self, actions: &VecDeque<Action>) -> Vec<Waker> {
        if self.tracking.is_empty() {
            return Vec::new();
        }
        for action in actions {
            let Action::Emit(event) = action else { continue };
            match event {
                Event::Interrupted(interruption) => self.tracking.settle(&interruption.unknown, &Outcome::Unknown),
                Event::Dropped(dropped) => self.tracking.settle(&dropped.messages, &Outcome::NotSent(dropped.reason)),
                Event::Ended(ended) => {
                    self.tracking.settle(&ended.unknown, &Outcome::Unknown);
                    let unsent = ended.unsent.iter().map(|(number, _)| number.0).collect();
                    self.tracking.settle(&unsent, &Outcome::NotSent(DropReason::Ended));
                }
                _ => {}
            }
        }
        self.tracking.advance(&self.machine.progress());
        self.tracking.take_woken()
    }
}

impl HoldsMailbox for Core {
    type Event = Letter;

    fn mailbox(&self) -> &Mailbox<Letter> {
        &self.mailbox
    }
}
