//! From an attempt to an open connection, and to its failure.

use super::{Action, Detach, Machine, Now, Phase, Request, Timer};
use crate::{
    CloseEvent, ConnectionError,
    reconnect::{Decision, EndCause, Failure, State, Waiting, backoff::between},
};
use std::time::Duration;

/// Of what a server asks clients to wait, they wait a part more, each another.
const SPREAD: u32 = 4;
const LONGEST_SPREAD: Duration = Duration::from_secs(10);

impl Machine {
    /// Begins; called once.
    pub(crate) fn start(&mut self, now: Now) {
        self.advance(now);
        self.since = Some(self.now.at);
        self.arm_clock_check();
        self.proceed();
    }

    /// Begins an attempt, unless something holds it.
    pub(super) fn proceed(&mut self) {
        match self.hold() {
            Some(state) => {
                self.timers.clear(Timer::Retry);
                self.phase = Phase::Idle;
                self.publish(state);
            }
            None => self.attempt(),
        }
    }

    pub(super) fn attempt(&mut self) {
        self.leave_link();
        self.attempt = self.attempt.saturating_add(1);
        self.phase = Phase::Providing;
        self.timers.set(Timer::Provide, self.now.at.after(self.rules.provide_timeout));
        self.publish(State::Connecting { attempt: self.attempt });
        let request = Request {
            generation: self.generation,
            attempt: self.attempt,
            failure: self.last_failure.clone(),
            refresh: self.refresh_wanted,
        };
        self.act(Action::Provide(request));
    }

    /// The endpoint provider has answered.
    pub(crate) fn provided(&mut self, generation: u64, result: Result<(), Failure>, now: Now) {
        self.advance(now);
        if !self.is_current(generation, Phase::Providing) {
            return;
        }
        self.timers.clear(Timer::Provide);
        match result {
            Ok(()) => {
                self.refreshed |= std::mem::take(&mut self.refresh_wanted);
                self.phase = Phase::Connecting;
                if let Some(timeout) = self.rules.connect_timeout {
                    self.timers.set(Timer::Connect, self.now.at.after(timeout));
                }
                self.act(Action::Connect { generation });
            }
            Err(failure) => self.fail(failure),
        }
    }

    /// The link could not even be begun.
    pub(crate) fn failed(&mut self, generation: u64, failure: Failure, now: Now) {
        self.advance(now);
        if self.is_current(generation, Phase::Connecting) {
            self.cut_off(failure, Detach::Normal);
        }
    }

    /// The link is open.
    pub(crate) fn opened(&mut self, generation: u64, now: Now) {
        self.advance(now);
        if !self.is_current(generation, Phase::Connecting) {
            return;
        }
        self.timers.clear(Timer::Connect);
        if !self.rules.has_handshake {
            return self.open();
        }
        self.phase = Phase::Handshaking;
        self.timers.set(Timer::Handshake, self.now.at.after(self.rules.handshake_timeout));
        self.publish(State::Handshaking { attempt: self.attempt });
        self.act(Action::Handshake { generation });
    }

    /// The session handshake is over.
    pub(crate) fn handshaken(&mut self, generation: u64, result: Result<(), Failure>, now: Now) {
        self.advance(now);
        if !self.is_current(generation, Phase::Handshaking) {
            return;
        }
        match result {
            Ok(()) => self.open(),
            Err(failure) => self.cut_off(failure, Detach::Unaccepted),
        }
    }

    /// A message named as refusal of the credentials came.
    pub(crate) fn refused(&mut self, generation: u64, now: Now) {
        self.advance(now);
        if generation == self.generation && matches!(self.phase, Phase::Handshaking | Phase::Open) {
            self.cut_off(Failure::CredentialsRefused, Detach::Unaccepted);
        }
    }

    /// Whether such messages are still looked for: not once the connection is stable.
    pub(crate) fn may_be_refused(&self) -> bool {
        self.phase == Phase::Handshaking || self.timers.get(Timer::Stable).is_some()
    }

    /// The link has ended.
    pub(crate) fn closed(&mut self, generation: u64, error: Option<ConnectionError>, close: CloseEvent, now: Now) {
        self.advance(now);
        if generation != self.generation {
            return;
        }
        match self.phase {
            Phase::Connecting | Phase::Handshaking | Phase::Open => {
                self.act(Action::Detach(Detach::Normal));
                self.lose(error.map_or(Failure::Closed(close), Failure::Connection));
            }
            Phase::Closing => {
                self.act(Action::Detach(Detach::Normal));
                self.end(EndCause::Closed { close: Some(close) });
            }
            Phase::Idle | Phase::Waiting | Phase::Providing | Phase::Ended => {}
        }
    }

    /// Lets go of the link, or of what was to become one, because of a failure.
    pub(super) fn cut_off(&mut self, failure: Failure, detach: Detach) {
        self.act(Action::Detach(detach));
        self.lose(failure);
    }

    fn lose(&mut self, failure: Failure) {
        if self.phase == Phase::Open {
            self.interrupt(failure.clone());
        }
        self.fail(failure);
    }

    fn is_current(&self, generation: u64, phase: Phase) -> bool {
        generation == self.generation && self.phase == phase
    }

    /// Nothing of this attempt is left; decides what follows.
    fn fail(&mut self, failure: Failure) {
        self.leave_link();
        self.phase = Phase::Idle;
        self.since.get_or_insert(self.now.at);
        self.last_failure = Some(failure.clone());
        let decision = self.rules.policy.decide(&failure, self.now.wall);
        let delay = match decision {
            Decision::Stop => return self.end(EndCause::GivenUp(failure)),
            Decision::Refresh if self.refreshed || !self.rules.can_refresh => {
                return self.end(EndCause::CredentialsRefused(failure));
            }
            Decision::Refresh => {
                self.refresh_wanted = true;
                Some(Duration::ZERO)
            }
            Decision::Retry => self.delay.next(&mut self.random),
            Decision::RetryAfter(after) => {
                let spread = (after / SPREAD).min(LONGEST_SPREAD);
                Some(self.wait_between(after, after.saturating_add(spread)))
            }
            Decision::RetryWithin { least, most } => Some(self.wait_between(least, most)),
        };
        match delay.filter(|_| self.rules.max_attempts.is_none_or(|most| self.attempt < most)) {
            Some(delay) => self.schedule(delay, failure),
            None => self.end(EndCause::AttemptsExhausted { attempts: self.attempt, failure }),
        }
    }

    /// A wait that is not the backoff's, and from which that goes on.
    fn wait_between(&mut self, least: Duration, most: Duration) -> Duration {
        let wait = between(least, most, &mut self.random);
        self.delay.catch_up(wait);
        wait
    }

    fn schedule(&mut self, delay: Duration, failure: Failure) {
        let elapsed = self.now.at.since(self.since.unwrap_or(self.now.at));
        if self.rules.max_elapsed.is_some_and(|most| elapsed.saturating_add(delay) > most) {
            return self.end(EndCause::TimeExhausted { elapsed, failure });
        }
        if self.hold().is_some() {
            return self.proceed();
        }
        self.phase = Phase::Waiting;
        self.timers.set(Timer::Retry, self.now.at.after(delay));
        self.publish(State::Waiting(Waiting {
            next_attempt: self.attempt.saturating_add(1),
            delay,
            retry_at: self.now.wall.saturating_add(delay),
            failure,
        }));
    }

    /// Clears what belongs to a link or to the making of one.
    pub(super) fn leave_link(&mut self) {
        self.generation += 1;
        for timer in [
            Timer::Provide,
            Timer::Connect,
            Timer::Handshake,
            Timer::Retry,
            Timer::Stable,
            Timer::Heartbeat,
            Timer::Dead,
            Timer::Close,
        ] {
            self.timers.clear(timer);
        }
    }
}
