//! What tests of rules play through: a world that is open, refused, or left alone for a while.

use super::world::World;
use crate::{
    Cause, ConnectionError,
    reconnect::{
        Backoff, Failure, Jitter, State,
        machine::{Beats, Rules},
    },
};
use std::time::Duration;

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const PERIOD: Duration = Duration::from_secs(20);
pub(super) const LIMIT: Duration = Duration::from_secs(15);

pub(super) fn rules() -> Rules {
    Rules { can_refresh: true, heartbeat: Some(Beats::every(PERIOD, LIMIT)), ..Rules::default() }
}

pub(super) fn world(change: impl FnOnce(&mut Rules)) -> World {
    let mut rules = rules();
    change(&mut rules);
    World::new(rules, Backoff::default().jitter(Jitter::None), 1)
}

impl World {
    pub(super) fn provide(&mut self) {
        let generation = self.provider.take().expect("somebody asks for the endpoint");
        let expires_at = self.token_expires_at;
        self.tell(|machine, now| machine.provided(generation, Ok(expires_at), now));
    }

    pub(super) fn open(&mut self) {
        self.provide();
        let link = self.link.as_mut().expect("a link");
        link.open = true;
        let generation = link.generation;
        self.tell(|machine, now| machine.opened(generation, now));
    }

    pub(super) fn opened(mut self) -> Self {
        self.open();
        assert!(self.machine.state().is_open());
        self
    }

    pub(super) fn refuse(&mut self) {
        self.provide();
        self.end_link(1006, Some(ConnectionError::new("ws://host/".into(), Cause::Refused)));
    }

    pub(super) fn receive(&mut self) {
        let generation = self.link.as_ref().expect("a link").generation;
        self.tell(|machine, now| machine.received(generation, now));
    }

    pub(super) fn receive_message(&mut self) {
        let generation = self.link.as_ref().expect("a link").generation;
        self.tell(|machine, now| machine.received_messages(generation, now));
    }

    pub(super) fn probes(&self) -> usize {
        self.link.as_ref().expect("a link").probes()
    }

    /// The connection ends without an error.
    pub(super) fn closed_by_peer(&mut self, code: u16) {
        self.end_link(code, None);
    }

    /// Sends a message, and has it handed over.
    pub(super) fn send_over(&mut self, messages: usize) {
        for _ in 0..messages {
            self.send(|message| message);
        }
        self.transmit(usize::MAX);
    }

    /// Passes time as timers do: stops at each deadline.
    pub(super) fn run(&mut self, time: Duration) {
        let end = self.now.at.after(time);
        while let Some(deadline) = self.machine.next_deadline().filter(|deadline| *deadline <= end) {
            self.pass(deadline.since(self.now.at));
        }
        self.pass(end.since(self.now.at));
    }

    pub(super) fn delay(&self) -> Duration {
        match self.machine.state() {
            State::Waiting(waiting) => waiting.delay,
            other => panic!("{other} in place of a wait"),
        }
    }

    /// Whether the peer was taken for dead, by now.
    pub(super) fn is_unresponsive(&self) -> bool {
        let dead = Failure::Unresponsive { after: LIMIT };
        self.states.iter().any(|state| matches!(state, State::Waiting(waiting) if waiting.failure == dead))
    }
}
