//! What a reconnecting socket, its handles and its driver share: the machine behind one lock, and
//! the mailbox.
//!
//! Handles put inputs into the machine and wake the driver. The driver alone takes actions out,
//! so that events keep their order. No lock is held while foreign code runs: what was displaced and
//! who is to be woken is taken out under the lock, and dropped and woken after it.

mod driven;
mod waits;

pub(crate) use driven::Taken;
pub(crate) use waits::{Line, Waiting};

use super::{
    Outgoing, Progress, SendError, SequenceNumber, SinkError, State, Unsent,
    clock::Clock,
    event::Letter,
    machine::{Discarded, Machine, Moment},
    room::Room,
    tracked::{Follow, Followers, Tracked},
};
use crate::{
    Handle as LinkHandle, Message,
    mailbox::{HoldsMailbox, Mailbox},
    waiters::{WaitList, wake},
};
use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::Waker,
};

pub(crate) struct Core {
    inner: Mutex<Inner>,
    mailbox: Mailbox<Letter>,
    clock: Clock,
    /// How many bytes the transport may have that it has not handed to the network yet.
    transport_buffer: u64,
    /// Set where requests are made.
    answers: OnceLock<Arc<dyn TakeAnswers>>,
}

/// Takes answers to requests out of what arrives. It is foreign code: to be called where no lock is held.
pub(crate) trait TakeAnswers: Send + Sync {
    /// Gives back what is for the owner.
    fn take(&self, message: Message) -> Option<Message>;
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
    watchers: WaitList,
    /// Senders that wait for room in the queue.
    room: Room,
    /// Woken when all up to a number have left the queue.
    flushes: WaitList,
    /// Those who follow messages, where anybody has.
    followers: Option<Box<dyn Follow>>,
    resume_token: Option<String>,
    /// The link that messages flow over.
    link: Option<LinkHandle>,
}

/// What is left to do when the lock is released.
#[must_use]
#[derive(Default)]
struct After {
    woken: Vec<Waker>,
    discarded: Option<Box<Discarded>>,
}

impl After {
    fn conclude(self) {
        wake(self.woken);
        drop(self.discarded);
    }
}

impl Core {
    pub(crate) fn new(machine: Machine, clock: Clock, inbox_capacity: usize, transport_buffer: u64) -> Self {
        let inner = Inner {
            machine,
            driver: None,
            armed: None,
            blocked: false,
            watchers: WaitList::default(),
            room: Room::default(),
            flushes: WaitList::default(),
            followers: None,
            resume_token: None,
            link: None,
        };
        let mailbox = Mailbox::new(inbox_capacity);
        Self { inner: Mutex::new(inner), mailbox, clock, transport_buffer, answers: OnceLock::new() }
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
        self.change(|inner| act(&mut inner.machine))
    }

    fn change<R>(&self, change: impl FnOnce(&mut Inner) -> R) -> R {
        let (result, after) = {
            let mut inner = self.lock();
            let before = inner.machine.changes();
            let result = change(&mut inner);
            (result, inner.after(before))
        };
        after.conclude();
        result
    }

    pub(crate) fn send(&self, mut outgoing: Outgoing) -> Result<SequenceNumber, SendError> {
        let (skipped, _forgotten) = {
            let mut inner = self.lock();
            let skipped = inner.skip_queue(&mut outgoing.message, self.transport_buffer);
            // what is kept of messages in flight displaces what was
            let forgotten = if inner.machine.retains() { inner.machine.take_discarded() } else { None };
            (skipped, forgotten)
        };
        if let Some(number) = skipped {
            // which leaves the driver nothing to do
            return Ok(number);
        }
        self.change(|inner| inner.queue(outgoing, &self.clock))
    }

    pub(crate) fn send_tracked(&self, outgoing: Outgoing) -> Result<Tracked, SendError> {
        let (result, _spent) = self.change(|inner| {
            let kept = inner.room.kept();
            let (accepted, spent) = inner.send(outgoing, kept, self.transport_buffer, &self.clock);
            (accepted.map(|accepted| inner.followers().follow(accepted)), spent)
        });
        result
    }

    /// From a `Sink`, which has waited for room: the last message may exceed the bound.
    pub(crate) fn send_with_room(&self, outgoing: Outgoing) -> Result<SequenceNumber, SendError> {
        self.change(|inner| inner.machine.send_with_room(outgoing))
    }

    /// What was not sent, or is not known to have reached the peer, once the socket has ended.
    pub(crate) fn sink_failure(&self) -> Result<(), SinkError> {
        self.look(|machine| match (machine.state(), machine.left_over()) {
            (State::Ended(cause), Some((messages, unknown))) => {
                Err(SinkError::Unsent(Box::new(Unsent { cause: cause.clone(), messages, refused: None, unknown })))
            }
            _ => Ok(()),
        })
    }

    pub(crate) fn confirm_through(&self, number: SequenceNumber) {
        let woken = self.change(|inner| {
            inner.machine.confirm_through(number.0);
            // what was dropped before is told first, which the driver is woken for
            if inner.machine.has_actions() { Vec::new() } else { inner.advance() }
        });
        wake(woken);
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

    pub(crate) fn answers(&self) -> Option<&dyn TakeAnswers> {
        self.answers.get().map(|answers| &**answers)
    }

    /// Gives it back if there is one already.
    pub(crate) fn set_answers(&self, answers: Arc<dyn TakeAnswers>) -> Result<(), Arc<dyn TakeAnswers>> {
        self.answers.set(answers)
    }

    pub(crate) fn link(&self) -> Option<LinkHandle> {
        self.lock().link.clone()
    }
}

/// A message that was accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Accepted {
    pub(crate) number: SequenceNumber,
    /// Within the call.
    pub(crate) is_handed_over: bool,
}

impl Inner {
    fn followers(&mut self) -> &mut dyn Follow {
        &mut **self.followers.get_or_insert_with(|| Box::new(Followers::default()))
    }

    /// Hands a message over at once, or has it wait, beside what room is kept for; gives back what was
    /// only looked at, to be dropped where no lock is held.
    fn send(
        &mut self,
        mut outgoing: Outgoing,
        kept: Option<u64>,
        transport_buffer: u64,
        clock: &Clock,
    ) -> (Result<Accepted, SendError>, Option<Message>) {
        match self.skip_queue(&mut outgoing.message, transport_buffer) {
            Some(number) => (Ok(Accepted { number, is_handed_over: true }), Some(outgoing.message)),
            None => {
                let number = self.machine.send(outgoing, kept, || clock.now());
                (number.map(|number| Accepted { number, is_handed_over: false }), None)
            }
        }
    }

    fn queue(&mut self, outgoing: Outgoing, clock: &Clock) -> Result<SequenceNumber, SendError> {
        self.machine.send(outgoing, self.room.kept(), || clock.now())
    }

    /// Hands a message to the link at once, if nothing waits before it and the link takes it: what
    /// goes through the queue has to wait for the driver's turn, and costs twice as much. Takes out
    /// what the link keeps of the message.
    fn skip_queue(&mut self, message: &mut Message, transport_buffer: u64) -> Option<SequenceNumber> {
        if !self.machine.may_skip_queue() || self.blocked {
            return None;
        }
        let link = self.link.as_ref().filter(|link| link.buffered_amount() < transport_buffer)?;
        let kept = self.machine.retains().then(|| message.clone());
        link.link().send(message).ok()?;
        Some(self.machine.skip_queue(kept))
    }

    fn has_work(&self) -> bool {
        if self.machine.has_actions() || !self.blocked && self.machine.wants_to_transmit() {
            return true;
        }
        match (self.machine.next_deadline(), self.armed) {
            (Some(deadline), Some(armed)) => deadline < armed,
            (deadline, None) => deadline.is_some(),
            (None, Some(_)) => false,
        }
    }

    /// What is to be done when the lock is released; the state had changed so often before.
    fn after(&mut self, changes_before: u64) -> After {
        let mut after = self.after_the_drivers(changes_before);
        if self.driver.is_some() && self.has_work() {
            after.woken.extend(self.driver.take());
        }
        after
    }

    /// The same where the driver itself has done it, which goes on anyway.
    fn after_the_drivers(&mut self, changes_before: u64) -> After {
        let mut after = After::default();
        if self.machine.changes() != changes_before {
            after.woken.append(&mut self.watchers.take_all());
        }
        self.wake_senders(&mut after.woken);
        after.discarded = self.machine.take_discarded();
        after
    }

    /// Wakes who waits for the queue.
    fn wake_senders(&mut self, woken: &mut Vec<Waker>) {
        let Self { machine, room, flushes, .. } = self;
        if room.kept().is_none() && flushes.first().is_none() {
            return;
        }
        // nothing is accepted any more, which who waits is told at once
        if machine.is_closing() {
            woken.append(&mut room.take_all());
        }
        if machine.is_ended() {
            woken.append(&mut flushes.take_all());
            return;
        }
        woken.extend(room.next(|length| machine.has_room(length)));
        if flushes.first().is_some() {
            let left = machine.left_through();
            woken.append(&mut flushes.take_if(|through| *through <= left));
        }
    }
}

impl HoldsMailbox for Core {
    type Event = Letter;

    fn mailbox(&self) -> &Mailbox<Letter> {
        &self.mailbox
    }
}
