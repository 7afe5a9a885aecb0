//! The heartbeat.

use super::{Action, Detach, Machine, Moment, Now, Phase, SHORTEST, Timer};
use crate::{
    Message,
    close::CloseFrame,
    reconnect::{Failure, SequenceNumber},
};
use std::{collections::VecDeque, time::Duration};

/// Heartbeats whose answers are still looked for. A peer that answers none while other messages
/// keep it alive must not make this grow.
const MOST_UNANSWERED: usize = 256;

/// That there is a heartbeat. What it does is reached through its functions, so that only programs that have one
/// have the code of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beats {
    pub(super) period: Duration,
    pub(super) dead_after: Duration,
    probe: fn(&mut Machine),
    answered: fn(&mut Machine, Option<u64>),
    declare_dead: fn(&mut Machine, Duration),
}

impl Beats {
    pub(crate) fn every(period: Duration, dead_after: Duration) -> Self {
        // what comes again at the same moment would never let time go on
        let (period, dead_after) = (period.max(SHORTEST), dead_after.max(SHORTEST));
        Self {
            period,
            dead_after,
            probe: Machine::send_probe,
            answered: Machine::take_answer,
            declare_dead: Machine::lose_dead_peer,
        }
    }
}

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
    /// What the network had taken when the limit was set.
    taken_before: u64,
}

/// How far the transport has come on this link.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Transport {
    /// Grows whenever the network takes anything.
    pub(crate) taken: u64,
    /// Bytes of payload that it has not taken yet.
    pub(crate) buffered: u64,
    /// The server has refused the connection, and the failure that tells how is about to come.
    pub(crate) is_refused: bool,
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
        let Transport { taken, buffered, .. } = self.transport;
        let before = std::mem::replace(&mut self.taken_before, taken);
        buffered > 0 && taken > before
    }

    /// How many heartbeats were sent, ever.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    pub(super) fn note(&mut self, transport: Transport) {
        self.transport = transport;
    }

    /// Whether the attempt has been refused, and how is about to be told.
    pub(super) fn is_refused(&self) -> bool {
        self.transport.is_refused
    }

    /// The next limit that passes unseen may be extended again.
    pub(super) fn forgive(&mut self) {
        self.forgiven = false;
    }
}

impl Machine {
    pub(super) fn arm_heartbeat(&mut self) {
        if let Some(beats) = &self.rules.heartbeat {
            self.timers.set(Timer::Heartbeat, self.now.at.after(beats.period));
        }
    }

    /// Asks for a sign of life, and sets the limit for it.
    pub(super) fn probe(&mut self) {
        if let Some(beats) = self.rules.heartbeat {
            (beats.probe)(self);
        }
    }

    fn send_probe(&mut self) {
        let covers = self.delivery.last().unwrap_or_default();
        if self.actions.ends_with_probe() {
            // one that is still to be sent asks for the same, and for what was handed over since
            if let Some(probe) = self.pulse.unanswered.back_mut() {
                (probe.covers, probe.at) = (covers, self.now.at);
            }
            return;
        }
        self.pulse.sent += 1;
        let number = self.pulse.sent;
        self.pulse.confused |= self.pulse.unanswered.len() >= MOST_UNANSWERED;
        if self.pulse.confused {
            self.pulse.unanswered.clear();
        } else {
            self.pulse.unanswered.push_back(Probe { number, at: self.now.at, covers });
        }
        self.pulse.taken_before = self.pulse.transport.taken;
        self.arm_heartbeat();
        self.act(Action::Probe { number });
    }

    /// Asks now, since the application wants to know.
    pub(crate) fn probe_now(&mut self, now: Now) {
        let asked = self.pulse.sent();
        self.advance(now);
        if self.phase == Phase::Open && self.pulse.sent() == asked {
            self.probe();
        }
    }

    /// Asks as the last thing before a close frame: the answer comes before that of the peer.
    pub(super) fn close_link(&mut self, frame: Option<CloseFrame>) {
        if self.rules.pings && self.delivery.has_unproven() {
            self.probe();
            self.timers.clear(Timer::Heartbeat);
        }
        self.act(Action::CloseLink(frame));
    }

    /// The period is over. One that is not answered yet has its own limit.
    pub(super) fn beat(&mut self) {
        if self.timers.get(Timer::Dead).is_none() {
            self.probe();
        } else {
            self.arm_heartbeat();
        }
    }

    /// Messages arrived for the owner: the application on the other side takes this one for who it is.
    pub(crate) fn received_messages(&mut self, generation: u64, now: Now) {
        self.received(generation, now);
        if self.is_current(generation, Phase::Open) {
            self.acceptance.heard();
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

    /// A heartbeat was answered: that of this number by a pong, the oldest by a message. Since messages
    /// keep their order, the peer has all that was handed over before: its WebSocket layer at least,
    /// which may have answered a ping by itself, and its application if that answered.
    pub(crate) fn answered(&mut self, generation: u64, number: Option<u64>, now: Now) {
        self.received(generation, now);
        if generation != self.generation || !matches!(self.phase, Phase::Open | Phase::Closing) {
            return;
        }
        if let Some(beats) = self.rules.heartbeat {
            (beats.answered)(self, number);
        }
    }

    fn take_answer(&mut self, number: Option<u64>) {
        while let Some(probe) = self.pulse.unanswered.front() {
            if number.is_some_and(|number| probe.number > number) {
                break;
            }
            let Some(probe) = self.pulse.unanswered.pop_front() else { break };
            if number.is_none_or(|number| probe.number == number) {
                self.pulse.round_trip = Some(self.now.at.since(probe.at));
                match number {
                    Some(_) => self.delivery.reach(probe.covers),
                    None => self.delivery.deliver(probe.covers),
                }
                break;
            }
        }
        self.settle_shutdown();
    }

    /// The application knows by an acknowledgement of its own that the peer has all up to a number.
    pub(crate) fn confirm_through(&mut self, number: u64) {
        let through = self.delivery.confirm(number);
        self.unknown.remove_through(through);
        if let Some(sink) = &mut self.sink {
            sink.confirm_through(through);
        }
        self.settle_shutdown();
    }

    /// Contents of messages of unknown fate that were kept.
    pub(crate) fn take_unknown(&mut self) -> Vec<(SequenceNumber, Message)> {
        self.delivery.take_unknown()
    }

    /// The owner reads, or does not: then nothing is read from the link, and silence says
    /// nothing about the peer.
    pub(crate) fn set_stalled(&mut self, stalled: bool) {
        self.stalled = stalled;
    }

    /// How far the transport has come, to be told before a timeout is handled.
    pub(crate) fn note_transport(&mut self, transport: Transport) {
        self.pulse.note(transport);
    }

    /// The limit has passed.
    pub(super) fn declare_dead(&mut self) {
        if let Some(beats) = self.rules.heartbeat {
            (beats.declare_dead)(self, beats.dead_after);
        }
    }

    fn lose_dead_peer(&mut self, dead_after: Duration) {
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
            self.timers.clear(Timer::Dead);
        }
        self.probe();
    }
}
