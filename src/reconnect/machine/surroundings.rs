//! What the network, the page and the user's commands let the machine do.

use super::{Machine, Now, Phase, Timer};
use crate::{
    platform::Change,
    reconnect::{Release, State},
};

impl Machine {
    /// What keeps attempts from being made.
    pub(super) fn hold(&self) -> Option<State> {
        if self.paused {
            Some(State::Paused(Release::Paused))
        } else if self.page_left {
            Some(State::Paused(Release::PageLeft))
        } else if self.hidden {
            Some(State::Paused(Release::PageHidden))
        } else if !self.online {
            Some(State::Offline)
        } else {
            None
        }
    }

    /// The browser tells of the network or the page.
    pub(crate) fn changed(&mut self, change: Change, now: Now) {
        let asked = self.pulse.sent();
        self.advance(now);
        if matches!(self.phase, Phase::Closing | Phase::Ended) {
            return;
        }
        match change {
            Change::Offline => {
                self.online = false;
                self.spend_no_attempt();
            }
            Change::Online => {
                self.online = true;
                self.proceed_if_idle();
                self.nudge(asked);
            }
            Change::Hidden => {
                if let Some(limit) = self.rules.hidden_limit {
                    self.timers.set(Timer::Hidden, self.now.at.after(limit));
                }
            }
            Change::Visible => {
                self.timers.clear(Timer::Hidden);
                self.hidden = false;
                self.proceed_if_idle();
                self.nudge(asked);
            }
            // a page that cannot come back is the browser's to close
            Change::PageLeft { persisted: false } => {}
            Change::PageLeft { persisted: true } => {
                self.page_left = true;
                self.release(Release::PageLeft);
            }
            Change::PageReturned { .. } => {
                self.page_left = false;
                self.proceed_if_idle();
                self.nudge(asked);
            }
            Change::Frozen => {}
            Change::Resumed => {
                self.pulse.forgive();
                self.nudge(asked);
            }
        }
    }

    /// Without a network an attempt would only fail. A link that is open is left alone: it may
    /// outlive the gap, and if it does not, that will show.
    fn spend_no_attempt(&mut self) {
        if !matches!(self.phase, Phase::Waiting | Phase::Providing | Phase::Connecting | Phase::Idle) {
            return;
        }
        if matches!(self.phase, Phase::Providing | Phase::Connecting) {
            self.attempt = self.attempt.saturating_sub(1);
            self.act(super::Action::Detach(super::Detach::Normal));
        }
        self.leave_link();
        self.proceed();
    }

    /// What held it may be over.
    pub(super) fn proceed_if_idle(&mut self) {
        if self.phase == Phase::Idle {
            self.proceed();
        }
    }

    /// Something suggests that waiting is over, or that the link may be dead. The same may have
    /// come out by the clocks, and more heartbeats been sent than were before.
    fn nudge(&mut self, asked: u64) {
        match self.phase {
            Phase::Waiting => self.attempt(),
            Phase::Open if self.pulse.sent() == asked => self.probe(),
            _ => {}
        }
    }

    /// A hidden page's time is over.
    pub(super) fn hidden_for_long(&mut self) {
        self.hidden = true;
        self.release(Release::PageHidden);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconnect::{
        Backoff, Overflow, RetryPolicy,
        machine::{Action, Capacity, Moment, Rules},
    };
    use std::time::Duration;

    const SECOND: Duration = Duration::from_secs(1);

    fn now(at: u64, wall: u64) -> Now {
        Now { at: Moment(Duration::from_secs(at)), wall: Duration::from_secs(wall) }
    }

    /// A machine with a heartbeat, whose link is open.
    fn open() -> Machine {
        let rules = Rules {
            policy: RetryPolicy::default(),
            max_attempts: None,
            max_elapsed: None,
            stable_after: SECOND,
            provide_timeout: SECOND,
            connect_timeout: None,
            handshake_timeout: SECOND,
            close_timeout: SECOND,
            has_handshake: false,
            can_refresh: false,
            heartbeat: Some((600 * SECOND, SECOND)),
            clock_check: Some(10 * SECOND),
            hidden_limit: None,
            capacity: Capacity { messages: 1, bytes: 1 },
            overflow: Overflow::default(),
        };
        let mut machine = Machine::new(rules, Backoff::default(), 1, now(0, 0));
        machine.start(now(0, 0));
        machine.provided(1, Ok(()), now(0, 0));
        machine.opened(1, now(0, 0));
        // it is stable, and no timer is late
        machine.handle_timeout(now(1, 1));
        machine
    }

    fn heartbeats(machine: &mut Machine) -> usize {
        std::iter::from_fn(|| machine.poll_action()).filter(|action| matches!(action, Action::Probe { .. })).count()
    }

    #[test]
    fn news_after_sleep_ask_for_one_sign_of_life() {
        for change in [Change::Online, Change::Visible, Change::Resumed, Change::PageReturned { persisted: true }] {
            let mut machine = open();
            assert_eq!(heartbeats(&mut machine), 0);
            machine.changed(change, now(2, 2));
            assert_eq!(heartbeats(&mut machine), 1, "{change:?} alone");
            machine.changed(change, now(2, 3602));
            assert_eq!(heartbeats(&mut machine), 1, "{change:?} and an hour that nobody saw");
        }
    }

    #[test]
    fn several_late_timers_tell_of_one_sleep() {
        let mut machine = open();
        assert_eq!(heartbeats(&mut machine), 0);
        // of a heartbeat and a look at the clocks
        machine.changed(Change::Visible, now(700, 700));
        machine.handle_timeout(now(700, 700));
        assert_eq!(heartbeats(&mut machine), 1);
    }
}
