//! What the driver is to do, in order, and no more of it than a few however seldom the driver runs.

use super::Detach;
use crate::{
    close::CloseFrame,
    reconnect::{DropReason, Dropped, Event, Failure, Sequences},
};
use std::collections::VecDeque;

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Action {
    /// Ask for the endpoint; the answer goes to [`Machine::provided`](super::Machine::provided).
    Provide(Request),
    /// Connect to that endpoint; what comes of it goes to [`Machine::opened`](super::Machine::opened)
    /// and [`Machine::closed`](super::Machine::closed).
    Connect { generation: u64 },
    /// Run the session handshake; its result goes to
    /// [`Machine::handshaken`](super::Machine::handshaken).
    Handshake { generation: u64 },
    /// Send a heartbeat; its answer goes to [`Machine::answered`](super::Machine::answered).
    Probe { number: u64 },
    /// Ask the retry policy; the answer goes to [`Machine::decided`](super::Machine::decided).
    Decide(Question),
    /// Begin the closing handshake, and go on listening.
    CloseLink(Option<CloseFrame>),
    /// Let go of provider, link and handshake, whichever there are; a link with this code.
    Detach(Detach),
    /// Tell the owner.
    Emit(Event),
}

/// An endpoint is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    pub(crate) generation: u64,
    /// From 1 on.
    pub(crate) attempt: u32,
    /// Why there is another attempt.
    pub(crate) failure: Option<Failure>,
    /// The credentials were refused: new ones are needed.
    pub(crate) refresh: bool,
}

/// What the retry policy, and the user's own delays, are asked.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) generation: u64,
    pub(crate) failure: Failure,
    /// Counts how often the delays began anew.
    pub(crate) reset: u64,
    /// New credentials are waited for as any attempt is.
    pub(crate) refresh_waits: bool,
}

/// How many may wait before what can be one becomes one.
const CROWD: usize = 128;
/// How many of the newest events are looked at then: more than there are sorts.
const SORTS: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Actions {
    queue: VecDeque<Action>,
    /// Reports to be told before anything else is, at most one for each reason.
    drops: Vec<Dropped>,
}

impl Actions {
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.drops.is_empty()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.queue.len() + self.drops.len()
    }

    pub(super) fn ends_with_probe(&self) -> bool {
        matches!(self.queue.back(), Some(Action::Probe { .. }))
    }

    pub(super) fn pop(&mut self, discarded: &mut Vec<Action>) -> Option<Action> {
        if self.queue.is_empty() {
            self.tell_drops(discarded);
        }
        self.queue.pop_front()
    }

    /// What is not to be done any more is put into the second queue, to be dropped where no lock is
    /// held.
    pub(super) fn push(&mut self, action: Action, discarded: &mut Vec<Action>) {
        self.tell_drops(discarded);
        match action {
            Action::Detach(_) => self.detach(action, discarded),
            Action::Emit(event) => self.emit(event, discarded),
            action => self.queue.push_back(action),
        }
    }

    pub(super) fn report_dropped(&mut self, dropped: Dropped) {
        match self.drops.iter_mut().find(|before| before.reason == dropped.reason) {
            Some(before) => before.add(&dropped),
            None => self.drops.push(dropped),
        }
    }

    pub(super) fn retain_events(&mut self, discarded: &mut Vec<Action>) {
        self.retain(|action| matches!(action, Action::Emit(_)), discarded);
    }

    fn retain(&mut self, is_wanted: fn(&Action) -> bool, discarded: &mut Vec<Action>) {
        for _ in 0..self.queue.len() {
            let Some(action) = self.queue.pop_front() else { break };
            match is_wanted(&action) {
                true => self.queue.push_back(action),
                false => discarded.push(action),
            }
        }
    }

    fn tell_drops(&mut self, discarded: &mut Vec<Action>) {
        for dropped in std::mem::take(&mut self.drops) {
            self.emit(Event::Dropped(dropped), discarded);
        }
    }

    /// Whatever was to be begun is let go of before it was.
    fn detach(&mut self, action: Action, discarded: &mut Vec<Action>) {
        let is_wanted = |action: &Action| matches!(action, Action::Emit(_) | Action::Detach(_));
        if !self.queue.iter().all(is_wanted) {
            self.retain(is_wanted, discarded);
        }
        // then nothing is there since
        if !self.queue.iter().any(|action| matches!(action, Action::Detach(_))) {
            self.queue.push_back(action);
        }
    }

    fn emit(&mut self, mut event: Event, discarded: &mut Vec<Action>) {
        let is_crowded = self.queue.len() >= CROWD;
        let looks_back = if is_crowded { SORTS } else { 1 };
        let mut looked_at = 0;
        for earlier in self.queue.iter_mut().rev() {
            let Action::Emit(earlier) = earlier else { continue };
            if event.merge_into(earlier, is_crowded) {
                // what it displaced
                return discarded.push(Action::Emit(event));
            }
            looked_at += 1;
            if looked_at == looks_back {
                break;
            }
        }
        self.queue.push_back(Action::Emit(event));
    }
}

impl super::Machine {
    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action, &mut self.discarded.actions);
    }

    /// Reports messages that are dropped, and drops them once no lock is held.
    pub(super) fn report_dropped(
        &mut self,
        reason: DropReason,
        messages: impl IntoIterator<Item = (u64, Option<crate::Message>)>,
    ) {
        let mut dropped = Dropped::new(reason, Sequences::default());
        for (number, message) in messages {
            dropped.add_range(number, number);
            self.discarded.keep_message(message);
        }
        if !dropped.messages.is_empty() {
            self.actions.report_dropped(dropped);
        }
    }
}

/// What has been of use, and may run foreign code when it is dropped: payloads and errors of users.
#[derive(Debug, Default)]
pub(crate) struct Discarded {
    pub(super) actions: Vec<Action>,
    pub(super) messages: Vec<crate::Message>,
    pub(super) failures: Vec<Failure>,
}

impl Discarded {
    pub(super) fn keep_message(&mut self, message: Option<crate::Message>) {
        if let Some(message) = message {
            self.messages.push(message);
        }
    }

    pub(super) fn keep_failure(&mut self, failure: Option<Failure>) {
        if let Some(failure) = failure {
            self.failures.push(failure);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.actions.is_empty() && self.messages.is_empty() && self.failures.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconnect::State;

    fn drain(actions: &mut Actions) -> Vec<Action> {
        std::iter::from_fn(|| actions.pop(&mut Vec::new())).collect()
    }

    #[test]
    fn reports_are_one_for_each_reason_and_come_before_what_follows() {
        let mut actions = Actions::default();
        for number in 0..100_000 {
            let reason = if number % 2 == 0 { DropReason::Overflow } else { DropReason::Superseded };
            actions.report_dropped(Dropped::new(reason, [number].into_iter().collect()));
        }
        assert_eq!(actions.len(), 2);
        actions.push(Action::Emit(Event::State(State::Open)), &mut Vec::new());
        let told: Vec<u64> = drain(&mut actions)
            .iter()
            .map(|action| match action {
                Action::Emit(Event::Dropped(dropped)) => dropped.messages.len() + dropped.unnamed,
                Action::Emit(Event::State(State::Open)) => 0,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told, [50_000, 50_000, 0]);
    }

    #[test]
    fn a_driver_that_does_not_run_finds_little_to_do() {
        let (mut actions, mut discarded) = (Actions::default(), Vec::new());
        for generation in 0..10_000 {
            actions.push(Action::Connect { generation }, &mut discarded);
            actions.push(Action::Emit(Event::State(State::Open)), &mut discarded);
            actions.push(Action::Detach(Detach::Normal), &mut discarded);
            actions.push(Action::Emit(Event::State(State::Offline)), &mut discarded);
        }
        assert!(actions.len() <= CROWD + SORTS, "{}", actions.len());
        let actions = drain(&mut actions);
        assert_eq!(actions.iter().filter(|action| matches!(action, Action::Detach(_))).count(), 1);
        assert!(!actions.iter().any(|action| matches!(action, Action::Connect { .. })), "none is connected any more");
        assert!(matches!(actions.last(), Some(Action::Emit(Event::State(State::Offline)))), "{actions:?}");
    }
}
