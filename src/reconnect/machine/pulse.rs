//! The heartbeat.

use super::{Action, Detach, Machine, Moment, Now, Phase, Timer};
use crate::reconnect::Failure;
use std::{collections::VecDeque, time::Duration};

/// Heartbeats whose answers are still looked for. A peer that answers none while other messages
/// keep it alive must not make this grow.
const MOST_UNANSWERED: usize = 256;

#[derive(Debug, Default)]
pub(crate) struct Pulse {
    pub(super) round_trip: Option<Duration>,
    /// Sent and not answered, the oldest first.
    unanswered: VecDeque<Probe>,
    sent: u64,
    /// The last limit passed while nobody could see an answer, so that it was extended.
    forgiven: bool,
    /// Answers can no longer be told apart.
    confused: bool,
    transport: Transport,
    /// What the transport had passed on when the limit was set.
    passed_on_before: u64,
}

/// How far the transport has come, in bytes of payload on this link.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Transport {
    /// Handed to the network.
    pub(crate) passed_on: u64,
    /// Not yet.
    pub(crate) buffered: u64,
}

#[derive(Debug)]
struct Probe {
    number: u64,
    at: Moment,
    /// All up to this number was handed over before: an answer confirms it.
    covers: u64,
}

impl Pulse {
    /// A new link: what was asked on another is not answered on this one.
    pub(super) fn begin(&mut self) {
        let (round_trip, sent) = (self.round_trip, self.sent);
        *self = Self { round_trip, sent, ..Self::default() };
    }

    /// Whether the network takes what is sent, bit by bit: then a heartbeat is still on its way
    /// behind other messages, and the peer's side is there.
    fn is_pushing(&mut self) -> bool {
        let Transport { passed_on, buffered } = self.transport;
        let before = std::mem::replace(&mut self.passed_on_before, passed_on);
        buffered > 0 && passed_on > before
    }

    /// How many heartbeats were sent, ever.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// The next limit that passes unseen may be extended again.
    pub(super) fn forgive(&mut self) {
        self.forgiven = false;
    }
}

impl Machine {
    pub(super) fn arm_heartbeat(&mut self) {
        if let Some((period, _)) = self.rules.heartbeat {
            self.timers.set(Timer::Heartbeat, self.now.at.after(period));
        }
    }

    /// Asks for a sign of life, and sets the limit for it.
    pub(super) fn probe(&mut self) {
        let Some((_, dead_after)) = self.rules.heartbeat else { return };
        self.pulse.sent += 1;
        let number = self.pulse.sent;
        self.pulse.confused |= self.pulse.unanswered.len() >= MOST_UNANSWERED;
        if self.pulse.confused {
            self.pulse.unanswered.clear();
        } else {
            let covers = self.queue.left_through();
            self.pulse.unanswered.push_back(Probe { number, at: self.now.at, covers });
        }
        self.pulse.passed_on_before = self.pulse.transport.passed_on;
        self.timers.set(Timer::Dead, self.now.at.after(dead_after));
        self.arm_heartbeat();
        self.act(Action::Probe { number });
    }

    /// The period is over. One that is not answered yet has its own limit.
    pub(super) fn beat(&mut self) {
        if self.timers.get(Timer::Dead).is_none() {
            self.probe();
        } else {
            self.arm_heartbeat();
        }
    }

    /// Something arrived: the peer lives.
    pub(crate) fn received(&mut self, generation: u64, now: Now) {
        self.advance(now);
        if generation == self.generation {
            self.last_inbound = self.now.at;
            self.pulse.forgive();
            self.timers.clear(Timer::Dead);
        }
    }

    /// A heartbeat was answered: that of this number, or the oldest where answers have none.
    /// Since messages keep their order, all that was handed over before it has arrived.
    pub(crate) fn answered(&mut self, generation: u64, number: Option<u64>, now: Now) {
        self.received(generation, now);
        if generation != self.generation || !matches!(self.phase, Phase::Open | Phase::Closing) {
            return;
        }
        while let Some(probe) = self.pulse.unanswered.front() {
            if number.is_some_and(|number| probe.number > number) {
                break;
            }
            let Some(probe) = self.pulse.unanswered.pop_front() else { break };
            if number.is_none_or(|number| probe.number == number) {
                self.pulse.round_trip = Some(self.now.at.since(probe.at));
                self.in_flight.remove_through(probe.covers);
                break;
            }
        }
    }

    /// The owner reads, or does not: then nothing is read from the link, and silence says
    /// nothing about the peer.
    pub(crate) fn set_stalled(&mut self, stalled: bool) {
        self.stalled = stalled;
    }

    /// How far the transport has come, to be told before a timeout is handled.
    pub(crate) fn note_transport(&mut self, transport: Transport) {
        self.pulse.transport = transport;
    }

    /// The limit has passed.
    pub(super) fn declare_dead(&mut self) {
        let Some((_, dead_after)) = self.rules.heartbeat else { return };
        if self.stalled || self.pulse.is_pushing() {
            return self.timers.set(Timer::Dead, self.now.at.after(dead_after));
        }
        self.cut_off(Failure::Unresponsive { after: dead_after }, Detach::Unresponsive);
    }

    /// After sleep, or where timers are late, an answer may just not have been seen yet.
    pub(super) fn probe_after_sleep(&mut self) {
        if self.timers.get(Timer::Dead).is_some() {
            if self.pulse.forgiven {
                return;
            }
            self.pulse.forgiven = true;
        }
        self.probe();
    }
}
