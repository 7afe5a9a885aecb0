//! What the network, the page and the user's commands let the machine do.

use super::{Action, Detach, Machine, Now, Phase, Timer};
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

    /// The browser, or the application, tells of the network or the page.
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
        match self.phase {
            Phase::Idle | Phase::Waiting => {}
            Phase::Providing | Phase::Connecting => self.act(Action::Detach(Detach::Normal)),
            // what was decided will meet what holds it
            Phase::Deciding => return,
            Phase::Handshaking | Phase::Open | Phase::Closing | Phase::Ended => return,
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

    /// The application says that the network is another, or back.
    pub(crate) fn network_changed(&mut self, now: Now) {
        let asked = self.pulse.sent();
        self.advance(now);
        self.pulse.forgive();
        self.nudge(asked);
    }

    /// Something suggests that waiting is over, or that the link may be dead. The same may have
    /// come out by the clocks, and more heartbeats been sent than were before.
    fn nudge(&mut self, asked: u64) {
        match self.phase {
            Phase::Waiting => self.try_now(),
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
