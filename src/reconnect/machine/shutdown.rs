//! An orderly end: what waits is sent, its arrival proven as far as that can be, and then closed.

use super::{Action, Detach, EndCause, Machine, Now, Phase, Timer};
use crate::{close::CloseFrame, reconnect::State};
use std::time::Duration;

/// What it does is reached through its functions, so that only programs that shut down have the code of it.
pub(super) struct Shutdown {
    frame: Option<CloseFrame>,
    /// When all must be over.
    until: super::Moment,
    /// A heartbeat was sent that proves the arrival of all up to this number.
    asked_for: u64,
    settle: fn(&mut Machine),
    is_late: fn(&mut Machine),
}

impl Machine {
    /// Accepts nothing more, and closes once all that was accepted is known to have arrived, or as much
    /// of that as can be known; ends when the time is over.
    pub(crate) fn shut_down(&mut self, frame: Option<CloseFrame>, within: Duration, now: Now) {
        self.advance(now);
        let until = self.now.at.after(within);
        if let Some(shutdown) = self.shutdown.as_mut().filter(|shutdown| until < shutdown.until) {
            shutdown.until = until;
            self.timers.set(Timer::Shutdown, until);
        }
        if self.is_closing() {
            return;
        }
        self.timers.set(Timer::Shutdown, until);
        self.shutdown = Some(Shutdown { frame, until, asked_for: 0, settle: Self::go_on, is_late: Self::give_up });
        self.settle_shutdown();
    }

    /// Whether nothing is accepted any more.
    pub(crate) fn is_closing(&self) -> bool {
        self.shutdown.is_some() || matches!(self.phase, Phase::Closing | Phase::Ended)
    }

    /// Takes the next step towards the end, if one can be taken now.
    pub(super) fn settle_shutdown(&mut self) {
        if let Some(settle) = self.shutdown.as_ref().map(|shutdown| shutdown.settle) {
            settle(self);
        }
    }

    /// The time is over.
    pub(super) fn shutdown_is_late(&mut self) {
        if let Some(is_late) = self.shutdown.as_ref().map(|shutdown| shutdown.is_late) {
            is_late(self);
        }
    }

    fn go_on(&mut self) {
        match self.phase {
            Phase::Open if self.has_outgoing() => {}
            Phase::Open if self.rules.heartbeat.is_some() && self.delivery.has_unproven() => self.ask_for_proof(),
            Phase::Open => self.close_after_shutdown(),
            Phase::Closing | Phase::Ended => {}
            _ if self.queue.is_empty() => self.close_after_shutdown(),
            _ => {}
        }
    }

    fn ask_for_proof(&mut self) {
        let last = self.delivery.last().unwrap_or_default();
        if self.shutdown.as_mut().is_some_and(|shutdown| std::mem::replace(&mut shutdown.asked_for, last) < last) {
            self.probe();
        }
    }

    fn close_after_shutdown(&mut self) {
        let Some(Shutdown { frame, until, .. }) = self.shutdown.take() else { return };
        self.close(frame, self.now);
        if let Some(at) = self.timers.get(Timer::Close) {
            self.timers.set(Timer::Close, at.min(until));
        }
    }

    fn give_up(&mut self) {
        self.shutdown = None;
        self.publish(State::Closing);
        self.act(Action::Detach(Detach::Normal));
        self.end(EndCause::Closed { close: None });
    }
}
