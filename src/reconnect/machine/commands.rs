//! What users ask for; each is valid at any time.

use super::{Action, Detach, EndCause, Machine, Now, Phase, Timer};
use crate::{
    Message,
    close::CloseFrame,
    reconnect::{DropReason, Failure, Outgoing, Overflow, Release, SendError, SequenceNumber, State},
};

impl Machine {
    /// Accepts a message for sending, or gives it back. `now` matters to messages that expire.
    pub(crate) fn send(&mut self, outgoing: Outgoing, now: impl FnOnce() -> Now) -> Result<SequenceNumber, SendError> {
        if matches!(self.phase, Phase::Closing | Phase::Ended) {
            return Err(SendError::Ended { message: Box::new(outgoing.message) });
        }
        if outgoing.volatile && self.phase != Phase::Open {
            return Err(SendError::NotReady { message: Box::new(outgoing.message) });
        }
        self.push(outgoing, now)
    }

    /// As `send`, for who has waited for room.
    pub(crate) fn send_with_room(&mut self, outgoing: Outgoing) -> Result<SequenceNumber, SendError> {
        if matches!(self.phase, Phase::Closing | Phase::Ended) {
            return Err(SendError::Ended { message: Box::new(outgoing.message) });
        }
        match self.rules.overflow == Overflow::Wait && self.queue.has_room(0) {
            true => Ok(SequenceNumber(self.queue.push(outgoing, None))),
            false => self.push(outgoing, Now::default),
        }
    }

    fn push(&mut self, outgoing: Outgoing, now: impl FnOnce() -> Now) -> Result<SequenceNumber, SendError> {
        let (key, length) = (outgoing.key.as_ref(), outgoing.message.len());
        if self.rules.overflow != Overflow::DropOldest && !self.queue.has_room_in_place_of(key, length) {
            return Err(self.refuse(outgoing));
        }
        if let Some(number) = key.and_then(|key| self.queue.supersede(key)) {
            self.report_dropped(DropReason::Superseded, [number].into_iter().collect());
        }
        while !self.queue.has_room(length) {
            if let Some(number) = self.queue.drop_oldest() {
                self.report_dropped(DropReason::Overflow, [number].into_iter().collect());
            }
        }
        let expires_at = outgoing.expires_in.map(|time| now().at.after(time));
        let number = self.queue.push(outgoing, expires_at);
        if expires_at.is_some() {
            self.arm_expiry();
        }
        Ok(SequenceNumber(number))
    }

    fn refuse(&mut self, outgoing: Outgoing) -> SendError {
        let (messages, bytes) = (self.queue.len(), self.queue.bytes());
        let message = Box::new(outgoing.message);
        if self.rules.overflow == Overflow::DropNewest {
            // it gets a number, so that the report can name it
            let number = self.queue.push(Outgoing::new(""), None);
            self.queue.take(number);
            self.report_dropped(DropReason::Overflow, [number].into_iter().collect());
        }
        SendError::QueueFull { messages, bytes, message }
    }

    /// Remembers a message that every connection begins with; an open one gets it now.
    pub(crate) fn set_sticky(&mut self, key: &str, message: Message) {
        if matches!(self.phase, Phase::Closing | Phase::Ended) {
            return;
        }
        self.sticky.set(key, message);
        if self.phase == Phase::Open {
            self.sticky.send_after(self.queue.accepted_through(), key);
        }
    }

    /// Whether there was one.
    pub(crate) fn remove_sticky(&mut self, key: &str) -> bool {
        self.sticky.remove(key)
    }

    pub(crate) fn pause(&mut self, now: Now) {
        self.advance(now);
        self.paused = true;
        self.release(Release::Paused);
    }

    pub(crate) fn resume(&mut self, now: Now) {
        self.advance(now);
        self.paused = false;
        self.proceed_if_idle();
    }

    /// Tries at once, from whatever state but closing and the end. An attempt that is under way
    /// is left to go on.
    pub(crate) fn reconnect_now(&mut self, now: Now) {
        self.advance(now);
        self.paused = false;
        self.hidden = false;
        if self.page_left || matches!(self.phase, Phase::Closing | Phase::Ended) {
            return;
        }
        if self.phase == Phase::Open {
            self.release(Release::Replaced);
        }
        if matches!(self.phase, Phase::Idle | Phase::Waiting) {
            self.attempt = 0;
            self.delay.reset();
            self.since = Some(self.now.at);
            self.attempt();
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
                    self.act(Action::CloseLink(frame));
                }
            }
            Phase::Idle | Phase::Waiting | Phase::Providing | Phase::Connecting => {
                self.act(Action::Detach(Detach::Normal));
                self.end(EndCause::Closed { close: None });
            }
        }
    }

    /// Gives up the attempt that goes on, as if it had not been made.
    pub(super) fn withdraw(&mut self, detach: Detach) {
        self.attempt = self.attempt.saturating_sub(1);
        self.act(Action::Detach(detach));
    }

    /// Lets go of whatever there is, without counting it as an attempt.
    pub(super) fn release(&mut self, release: Release) {
        let detach = match release {
            Release::PageLeft | Release::PageHidden => Detach::Away,
            Release::Paused | Release::Replaced => Detach::Normal,
        };
        match self.phase {
            Phase::Closing | Phase::Ended => return,
            Phase::Idle | Phase::Waiting => {}
            Phase::Providing | Phase::Connecting | Phase::Handshaking => {
                self.withdraw(detach);
            }
            Phase::Open => {
                let failure = Failure::Released(release);
                self.act(Action::Detach(detach));
                self.interrupt(failure.clone());
                self.since.get_or_insert(self.now.at);
                self.last_failure = Some(failure);
            }
        }
        self.leave_link();
        self.phase = Phase::Idle;
        if let Some(state) = self.hold() {
            self.publish(state);
        }
    }
}
