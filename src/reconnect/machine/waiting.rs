//! The passing of time.

use super::{Action, Detach, EndCause, Machine, Moment, Now, Phase, Timer};
use crate::reconnect::{DropReason, Failure};
use std::time::Duration;

/// Longer than a link takes to read what a refusal says.
const REFUSAL_GRACE: Duration = Duration::from_secs(1);

impl Machine {
    /// Does what the time has come for.
    pub(crate) fn handle_timeout(&mut self, now: Now) {
        self.advance(now);
        while let Some((timer, _)) = self.timers.take_due(self.now.at) {
            self.fire(timer);
        }
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Provide => {
                let after = self.rules.provide_timeout;
                self.cut_off(Failure::ProviderTimeout { after }, Detach::Normal);
            }
            // how it was refused decides what follows, and is told soon, or never
            Timer::Connect if self.pulse.is_refused() && !self.awaits_refusal => {
                self.awaits_refusal = true;
                self.timers.set(Timer::Connect, self.now.at.after(REFUSAL_GRACE));
            }
            Timer::Connect => {
                let after = self.rules.connect_timeout.unwrap_or_default();
                self.cut_off(Failure::ConnectTimeout { after }, Detach::Normal);
            }
            Timer::Handshake => {
                let after = self.rules.handshake_timeout;
                self.cut_off(Failure::HandshakeTimeout { after }, Detach::Unaccepted);
            }
            Timer::Retry => self.proceed(),
            Timer::Stable => self.count_anew(),
            Timer::Heartbeat => self.beat(),
            Timer::Dead => self.declare_dead(),
            Timer::Expiry => {
                self.drop_expired();
                self.settle_shutdown();
            }
            Timer::Hidden => self.hidden_for_long(),
            Timer::ClockCheck => self.arm_clock_check(),
            Timer::Shutdown => self.shutdown_is_late(),
            Timer::Close => {
                self.act(Action::Detach(Detach::Normal));
                self.end(EndCause::Closed { close: None });
            }
        }
    }

    /// The connection is stable, or the user begins anew: what went before is forgotten.
    pub(super) fn count_anew(&mut self) {
        self.counting.begin_anew();
        self.acceptance.stable();
        self.delay.reset();
    }

    /// Takes note of the time; after sleep, what waited does not wait longer.
    pub(super) fn advance(&mut self, now: Now) {
        // the deadlines need not be looked at where so little time has passed
        let has_slept = !now.is_soon_after(self.now) && now.has_slept_since(self.now, self.timers.next());
        if has_slept {
            self.slept = self.slept.saturating_add(now.slept_since(self.now));
        }
        // a clock that goes back would make deadlines fire twice
        self.now = Now { at: now.at.max(self.now.at), wall: now.wall };
        if !has_slept {
            return;
        }
        // what expires does so in sleep too, and before it could be sent
        self.drop_expired();
        match self.phase {
            Phase::Waiting => self.proceed(),
            Phase::Open => self.probe_after_sleep(),
            _ => {}
        }
    }

    pub(super) fn arm_clock_check(&mut self) {
        if let Some(period) = self.rules.clock_check {
            self.timers.set(Timer::ClockCheck, self.now.at.after(period));
        }
    }

    /// The time that messages go by: it goes on in sleep.
    pub(super) fn lifetime(&self) -> Moment {
        self.now.at.after(self.slept)
    }

    pub(super) fn drop_expired(&mut self) {
        let expired = self.queue.take_expired(self.lifetime());
        self.report_dropped(DropReason::Expired, expired.into_iter().map(|(number, message)| (number, Some(message))));
        self.arm_expiry();
    }

    pub(super) fn arm_expiry(&mut self) {
        match self.queue.next_expiry() {
            Some(at) => self.timers.set(Timer::Expiry, Moment(at.since(Moment(self.slept)))),
            None => self.timers.clear(Timer::Expiry),
        }
    }
}
