//! What users ask for; each is valid at any time.

use super::{
    Action, Detach, EndCause, Machine, Now, Phase, Timer,
    sticky::{Repeat, Sticky},
};
use crate::{
    Message,
    close::CloseFrame,
    reconnect::{DropReason, Failure, Outgoing, Overflow, Release, SendError, SequenceNumber, State},
};

impl Machine {
    /// Accepts a message to wait, or gives it back. Room may be kept for one of a length that came
    /// before. `now` matters to messages that expire.
    pub(crate) fn send(
        &mut self,
        outgoing: Outgoing,
        kept: Option<u64>,
        now: impl FnOnce() -> Now,
    ) -> Result<SequenceNumber, SendError> {
        if self.is_closing() {
            return Err(SendError::Ended { message: Box::new(outgoing.message) });
        }
        if outgoing.volatile {
            return Err(SendError::NotReady { message: Box::new(outgoing.message) });
        }
        self.push(outgoing, kept, now)
    }

    /// Accepts a message from a `Sink`, which has waited for room without knowing for how much.
    pub(crate) fn send_with_room(&mut self, outgoing: Outgoing) -> Result<SequenceNumber, SendError> {
        if self.is_closing() {
            return Err(SendError::Ended { message: Box::new(outgoing.message) });
        }
        self.is_a_sink();
        match self.rules.overflow == Overflow::Wait && self.queue.has_room(0) {
            true => Ok(SequenceNumber(self.queue.push(outgoing, None))),
            false => self.push(outgoing, None, Now::default),
        }
    }

    fn push(
        &mut self,
        outgoing: Outgoing,
        kept: Option<u64>,
        now: impl FnOnce() -> Now,
    ) -> Result<SequenceNumber, SendError> {
        let (key, length) = (outgoing.key.as_deref(), outgoing.message.len());
        let has_room = self.queue.has_room_for(key, length, kept);
        if self.rules.overflow != Overflow::DropOldest && !has_room {
            return Err(self.refuse(outgoing));
        }
        if let Some((number, message)) = key.and_then(|key| self.queue.supersede(key)) {
            self.report_dropped(DropReason::Superseded, [(number, Some(message))]);
        }
        while !self.queue.has_room(length) {
            let Some((number, message)) = self.queue.take_oldest() else { break };
            self.report_dropped(DropReason::Overflow, [(number, Some(message))]);
        }
        let expires_at = outgoing.expires_in.map(|time| {
            self.advance(now());
            self.lifetime().after(time)
        });
        let number = self.queue.push(outgoing, expires_at);
        if expires_at.is_some() {
            self.arm_expiry();
        }
        Ok(SequenceNumber(number))
    }

    fn refuse(&mut self, outgoing: Outgoing) -> SendError {
        let (messages, bytes) = (self.queue.len(), self.queue.bytes());
        if self.rules.overflow == Overflow::DropNewest {
            // it gets a number, so that the report can name it
            let number = self.queue.number();
            self.report_dropped(DropReason::Overflow, [(number, None)]);
        }
        SendError::QueueFull { messages, bytes, message: Box::new(outgoing.message) }
    }

    /// Takes back a message that still waits.
    pub(crate) fn withdraw(&mut self, number: SequenceNumber) -> Option<Message> {
        let message = self.queue.take(number.0)?;
        self.report_dropped(DropReason::Withdrawn, [(number.0, None)]);
        self.arm_expiry();
        self.settle_shutdown();
        Some(message)
    }

    fn sticky(&mut self) -> &mut dyn Repeat {
        &mut **self.sticky.get_or_insert_with(|| Box::new(Sticky::default()))
    }

    /// Remembers a message that every connection begins with; an open one gets it now.
    pub(crate) fn set_sticky(&mut self, key: &str, message: Message) {
        let before = match self.is_closing() {
            true => Some(message),
            false => self.sticky().set(key, message),
        };
        self.discarded.keep_message(before);
        if self.phase == Phase::Open && !self.is_closing() {
            let through = self.queue.accepted_through();
            let unsent = self.sticky.as_mut().and_then(|sticky| sticky.send_after(through, key));
            self.discarded.keep_message(unsent);
        }
    }

    /// How many messages are remembered, and to be sent.
    #[cfg(any(test, fuzzing))]
    #[allow(dead_code, reason = "the model runs natively")]
    pub(super) fn held_sticky(&self) -> (usize, usize) {
        self.sticky.as_ref().map(|sticky| sticky.held()).unwrap_or_default()
    }

    /// Whether there was one.
    pub(crate) fn remove_sticky(&mut self, key: &str) -> bool {
        let removed = self.sticky.as_mut().and_then(|sticky| sticky.remove(key));
        let was_there = removed.is_some();
        self.discarded.keep_message(removed);
        self.settle_shutdown();
        was_there
    }

    pub(crate) fn pause(&mut self, now: Now) {
        self.advance(now);
        self.paused = true;
        self.release(Release::Paused);
    }

    pub(crate) fn resume(&mut self, now: Now) {
        self.advance(now);
        if std::mem::take(&mut self.paused) && self.phase == Phase::Idle {
            self.count_anew();
            self.proceed();
        }
    }

    /// Tries at once, from whatever state but closing and the end: what goes on is replaced.
    pub(crate) fn reconnect_now(&mut self, now: Now) {
        self.advance(now);
        self.paused = false;
        self.hidden = false;
        if self.page_left || matches!(self.phase, Phase::Closing | Phase::Ended) {
            return;
        }
        self.release(Release::Replaced);
        self.count_anew();
        if self.phase != Phase::Ended {
            self.try_now();
        }
    }

    /// Closes after what is queued, where a connection is open; else ends at once.
    pub(crate) fn close(&mut self, frame: Option<CloseFrame>, now: Now) {
        self.advance(now);
        match self.phase {
            Phase::Closing | Phase::Ended => {}
            Phase::Handshaking | Phase::Open => {
                let flows = self.phase == Phase::Open;
                self.phase = Phase::Closing;
                self.shutdown = None;
                for timer in Timer::ALL {
                    if timer != Timer::Expiry {
                        self.timers.clear(timer);
                    }
                }
                self.timers.set(Timer::Close, self.now.at.after(self.rules.close_timeout));
                self.publish(State::Closing);
                if flows && self.has_outgoing() {
                    self.closing = Some(frame);
                } else {
                    self.close_link(frame);
                }
            }
            Phase::Idle | Phase::Deciding | Phase::Waiting | Phase::Providing | Phase::Connecting => {
                self.act(Action::Detach(Detach::Normal));
                self.end(EndCause::Closed { close: None });
            }
        }
    }

    /// Lets go of whatever there is, without counting it as an attempt.
    pub(super) fn release(&mut self, release: Release) {
        let detach = match release {
            Release::PageLeft | Release::PageHidden => Detach::Away,
            Release::Paused | Release::Replaced => Detach::Normal,
        };
        match self.phase {
            Phase::Closing | Phase::Ended => return,
            // what was decided will meet what holds it
            Phase::Deciding if release != Release::Replaced => return,
            Phase::Idle | Phase::Deciding | Phase::Waiting => {}
            Phase::Providing | Phase::Connecting | Phase::Handshaking => self.act(Action::Detach(detach)),
            Phase::Open => {
                let failure = Failure::Released(release);
                self.act(Action::Detach(detach));
                self.interrupt(failure.clone());
                self.note_failure(failure);
            }
        }
        self.leave_link();
        self.idle();
        if let Some(state) = self.hold().filter(|_| release != Release::Replaced) {
            self.publish(state);
        }
        self.settle_shutdown();
    }
}
