//! From an attempt to an open connection, and to its failure.

use super::{Action, Detach, Machine, Now, Phase, Question, Request, Timer, Transport, acceptance::Refusal};
use crate::{
    CloseEvent, ConnectionError,
    reconnect::{Decision, EndCause, Failure, State, Waiting, backoff::between},
};
use std::time::Duration;

/// Of what a server asks clients to wait, they wait a part more, each another.
const SPREAD: u32 = 4;
const LONGEST_SPREAD: Duration = Duration::from_secs(10);

/// What the retry policy said, and the user's own delays.
#[derive(Debug)]
pub(crate) struct Ruling {
    pub(crate) decision: Decision,
    /// It is a wait that the server asks for: not shorter than the backoff's delay.
    pub(crate) is_the_servers: bool,
    pub(crate) own_delay: OwnDelay,
}

/// Whether there are delays of the user's own, and the next of them.
#[derive(Debug)]
pub(crate) enum OwnDelay {
    None,
    Next(Duration),
    Over,
}

impl Machine {
    /// Begins; called once.
    pub(crate) fn start(&mut self, now: Now) {
        self.advance(now);
        self.arm_clock_check();
        self.proceed();
    }

    /// Begins an attempt, unless something holds it.
    pub(super) fn proceed(&mut self) {
        match self.hold() {
            Some(state) => {
                self.timers.clear(Timer::Retry);
                self.idle();
                self.publish(state);
            }
            None => self.try_now(),
        }
    }

    /// Nothing is tried.
    pub(super) fn idle(&mut self) {
        self.phase = Phase::Idle;
        self.counting.hold(self.now.at);
    }

    pub(super) fn try_now(&mut self) {
        self.leave_link();
        self.counting.try_from(self.now.at);
        self.phase = Phase::Providing;
        let attempt = self.counting.attempt();
        self.publish(State::Connecting { attempt });
        let request = Request {
            generation: self.generation,
            attempt,
            failure: self.last_failure.clone(),
            refresh: self.acceptance.wanted,
        };
        self.act(Action::Provide(request));
    }

    /// The endpoint provider has answered: with when the token that the endpoint carries expires, if it
    /// does.
    pub(crate) fn provided(&mut self, generation: u64, result: Result<Option<Now>, Failure>, now: Now) {
        self.advance(now);
        if !self.is_current(generation, Phase::Providing) {
            return self.discarded.keep_failure(result.err());
        }
        self.timers.clear(Timer::Provide);
        match result {
            Ok(expires_at) => {
                self.acceptance.carry(expires_at, self.now);
                self.phase = Phase::Connecting;
                self.act(Action::Connect { generation });
            }
            Err(failure) => self.fail(failure),
        }
    }

    /// The link could not even be begun.
    pub(crate) fn failed(&mut self, generation: u64, failure: Failure, now: Now) {
        self.advance(now);
        match self.is_current(generation, Phase::Connecting) {
            true => self.cut_off(failure, Detach::Normal),
            false => self.discarded.failures.push(failure),
        }
    }

    /// The link is open.
    pub(crate) fn opened(&mut self, generation: u64, now: Now) {
        self.advance(now);
        if !self.is_current(generation, Phase::Connecting) {
            return;
        }
        self.timers.clear(Timer::Connect);
        self.opened_at = Some(self.now.at);
        self.acceptance.opened();
        if !self.rules.has_handshake {
            return self.open();
        }
        self.phase = Phase::Handshaking;
        let attempt = self.counting.attempt();
        self.publish(State::Handshaking { attempt });
        self.act(Action::Handshake { generation });
    }

    /// The session handshake is over.
    pub(crate) fn handshaken(&mut self, generation: u64, result: Result<(), Failure>, now: Now) {
        self.advance(now);
        if !self.is_current(generation, Phase::Handshaking) {
            return self.discarded.keep_failure(result.err());
        }
        match result {
            Ok(()) => {
                self.acceptance.welcomed();
                self.open();
            }
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
                // a clean end proves nothing: closes may cross, and with equal codes too
                self.act(Action::Detach(Detach::Normal));
                self.end(EndCause::Closed { close: Some(close) });
            }
            Phase::Idle | Phase::Deciding | Phase::Waiting | Phase::Providing | Phase::Ended => {}
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

    pub(super) fn is_current(&self, generation: u64, phase: Phase) -> bool {
        generation == self.generation && self.phase == phase
    }

    /// Nothing of this attempt is left; asks what follows.
    fn fail(&mut self, failure: Failure) {
        let was_open = matches!(self.phase, Phase::Handshaking | Phase::Open);
        let was_stable = self.phase == Phase::Open && self.timers.get(Timer::Stable).is_none();
        if !was_stable {
            self.counting.fail();
        }
        self.counting.try_from(self.now.at);
        self.leave_link();
        self.phase = Phase::Deciding;
        self.note_failure(failure.clone());
        self.was_open = was_open;
        let (generation, reset) = (self.generation, self.delay.resets());
        let refresh_waits = self.acceptance.waits(self.now);
        self.act(Action::Decide(Question { generation, failure, reset, refresh_waits }));
    }

    /// The retry policy has decided what follows.
    pub(crate) fn decided(&mut self, generation: u64, ruling: Ruling, now: Now) {
        self.advance(now);
        if !self.is_current(generation, Phase::Deciding) {
            return;
        }
        let Some(failure) = self.last_failure.clone() else { return };
        let delay = match ruling.decision {
            Decision::Stop => return self.end(EndCause::GivenUp(failure)),
            // wanted still: whoever was asked for new ones says that they are refused
            Decision::Refresh if self.acceptance.wanted || !self.rules.can_refresh => {
                return self.end(EndCause::CredentialsRefused(failure));
            }
            Decision::Refresh => match self.acceptance.refuse(self.was_open, self.now) {
                Refusal::Final => return self.end(EndCause::CredentialsRefused(failure)),
                Refusal::AtOnce => Some(Duration::ZERO),
                Refusal::Later => self.next_delay(ruling.own_delay),
            },
            Decision::Retry => self.next_delay(ruling.own_delay),
            Decision::RetryAfter(after) => {
                let spread = (after / SPREAD).min(LONGEST_SPREAD);
                // before the backoff goes on from that wait
                let least = match ruling.is_the_servers {
                    true => self.next_delay(ruling.own_delay),
                    false => Some(Duration::ZERO),
                };
                let wait = self.wait_between(after, after.saturating_add(spread));
                least.map(|least| least.max(wait))
            }
            Decision::RetryWithin { least, most } => Some(self.wait_between(least, most)),
        };
        match delay.filter(|_| self.rules.max_attempts.is_none_or(|most| self.counting.failed() < most)) {
            Some(delay) => self.schedule(delay, failure),
            None => self.end(EndCause::AttemptsExhausted { attempts: self.counting.failed(), failure }),
        }
    }

    /// The backoff's next delay; `None` where the user's own have ended.
    fn next_delay(&mut self, own: OwnDelay) -> Option<Duration> {
        let own = match own {
            OwnDelay::None => None,
            OwnDelay::Next(delay) => Some(delay),
            OwnDelay::Over => return None,
        };
        Some(self.delay.next(own, &mut self.random))
    }

    /// A wait that is not the backoff's, and from which that goes on.
    fn wait_between(&mut self, least: Duration, most: Duration) -> Duration {
        let wait = between(least, most, &mut self.random);
        self.delay.catch_up(wait);
        wait
    }

    fn schedule(&mut self, delay: Duration, failure: Failure) {
        let elapsed = self.counting.elapsed(self.now.at);
        if self.rules.max_elapsed.is_some_and(|most| elapsed.saturating_add(delay) > most) {
            return self.end(EndCause::TimeExhausted { elapsed, failure });
        }
        if self.hold().is_some() {
            self.discarded.failures.push(failure);
            self.proceed();
        } else {
            self.phase = Phase::Waiting;
            self.timers.set(Timer::Retry, self.now.at.after(delay));
            self.publish(State::Waiting(Waiting {
                next_attempt: self.counting.attempt(),
                delay,
                retry_at: self.now.wall.saturating_add(delay),
                failure,
            }));
        }
        self.settle_shutdown();
    }

    /// Clears what belongs to a link or to the making of one.
    pub(super) fn leave_link(&mut self) {
        self.generation += 1;
        self.awaits_refusal = false;
        self.pulse.note(Transport::default());
        if let Some(opened_at) = self.opened_at.take() {
            self.acceptance.lasted(self.now.at.since(opened_at));
        }
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
