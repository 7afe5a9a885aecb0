//! A world around the machine: a provider, links and an owner, all of paper, that check what the
//! machine does.

use crate::{
    CloseEvent, ConnectionError, Message,
    close::CloseFrame,
    platform::Change,
    reconnect::{
        DropReason, Event, Outgoing, Sequences, State,
        backoff::Backoff,
        machine::{Action, Machine, Moment, Now, Phase, Rules},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A link of paper.
#[derive(Debug, Default)]
pub(super) struct Link {
    pub(super) generation: u64,
    pub(super) open: bool,
    close_asked: bool,
    /// Numbers handed to it, in order.
    handed: Vec<u64>,
    /// Heartbeats sent on it: number, and what had been handed over before.
    probes: Vec<(u64, Vec<u64>)>,
    confirmed: BTreeSet<u64>,
}

impl Link {
    /// How many heartbeats have no answer.
    pub(super) fn probes(&self) -> usize {
        self.probes.len()
    }
}

pub(super) struct World {
    pub(super) machine: Machine,
    pub(super) now: Now,
    pub(super) provider: Option<u64>,
    pub(super) link: Option<Link>,
    pub(super) handshake: Option<u64>,
    accepted: BTreeSet<u64>,
    expiries: BTreeMap<u64, Moment>,
    handed: BTreeSet<u64>,
    unknown: BTreeSet<u64>,
    confirmed: BTreeSet<u64>,
    dropped: BTreeSet<u64>,
    given_back: BTreeSet<u64>,
    /// The number in the text of the message that was handed over last.
    last_handed: u64,
    next_text: u64,
    close_asked: bool,
    ended: bool,
    online: bool,
    insisted: bool,
    pub(super) states: Vec<State>,
}

impl World {
    pub(super) fn new(rules: Rules, backoff: Backoff, seed: u64) -> Self {
        let now = Now { at: Moment(Duration::from_secs(1_000)), wall: Duration::from_secs(1_700_000_000) };
        let mut world = Self {
            machine: Machine::new(rules, backoff, seed, now),
            now,
            provider: None,
            link: None,
            handshake: None,
            accepted: BTreeSet::new(),
            expiries: BTreeMap::new(),
            handed: BTreeSet::new(),
            unknown: BTreeSet::new(),
            confirmed: BTreeSet::new(),
            dropped: BTreeSet::new(),
            given_back: BTreeSet::new(),
            last_handed: 0,
            next_text: 0,
            close_asked: false,
            ended: false,
            online: true,
            insisted: false,
            states: Vec::new(),
        };
        world.machine.start(now);
        world.check();
        world
    }

    pub(super) fn tell<R>(&mut self, input: impl FnOnce(&mut Machine, Now) -> R) -> R {
        let result = input(&mut self.machine, self.now);
        self.check();
        result
    }

    /// Both clocks go on together.
    pub(super) fn pass(&mut self, time: Duration) {
        self.now.at = self.now.at.after(time);
        self.now.wall += time;
        self.tell(Machine::handle_timeout);
        let waits_too_long = |number: u64| self.expiries.get(&number).is_some_and(|at| *at <= self.now.at);
        assert!(!self.machine.queue.numbers().any(waits_too_long), "it expired, and still waits");
    }

    /// Goes to the next deadline, if there is one.
    pub(super) fn pass_to_deadline(&mut self) {
        if let Some(deadline) = self.machine.next_deadline() {
            self.pass(deadline.since(self.now.at));
            assert!(self.machine.next_deadline() > Some(self.now.at) || self.machine.next_deadline().is_none());
        }
    }

    /// The computer sleeps: the wall clock alone goes on.
    pub(super) fn sleep(&mut self, time: Duration) {
        self.now.wall += time;
        self.tell(Machine::handle_timeout);
    }

    pub(super) fn change(&mut self, change: Change) {
        match change {
            Change::Online => self.online = true,
            Change::Offline => self.online = false,
            _ => {}
        }
        self.insisted = false;
        self.tell(|machine, now| machine.changed(change, now));
    }

    pub(super) fn reconnect_now(&mut self) {
        self.insisted = true;
        self.tell(Machine::reconnect_now);
    }

    pub(super) fn close(&mut self) {
        let frame = CloseFrame::normal();
        self.close_asked = true;
        self.tell(|machine, now| machine.close(Some(frame), now));
    }

    /// Sends a message whose text is its number; the world learns whether it was accepted.
    pub(super) fn send(&mut self, decorate: impl FnOnce(Outgoing) -> Outgoing) {
        self.next_text = self.machine.queue.accepted_through() + 1;
        let outgoing = decorate(Outgoing::new(self.next_text.to_string()));
        let now = self.now;
        let expires_at = outgoing.expires_in.map(|time| now.at.after(time));
        let before = self.machine.queue.accepted_through();
        let result = self.machine.send(outgoing, || now);
        match result {
            Ok(number) => {
                assert_eq!(number.0, before + 1, "numbers grow by one");
                assert!(!self.close_asked && !self.ended, "accepted after the end");
                self.accepted.insert(number.0);
                self.expiries.extend(expires_at.map(|at| (number.0, at)));
            }
            // what was refused and is reported as dropped has a number too
            Err(_) => self.accepted.extend(before + 1..=self.machine.queue.accepted_through()),
        }
        self.check();
    }

    /// Sends a message that the link takes at once, if it may.
    pub(super) fn send_at_once(&mut self) {
        if !self.machine.may_skip_queue() {
            return;
        }
        let link = self.link.as_mut().filter(|link| link.open).expect("a link to hand over to");
        assert!(!link.close_asked && !self.close_asked, "handed over after close");
        assert!(self.machine.queue.is_empty(), "handed over before what waits");
        let before = self.machine.queue.accepted_through();
        let number = self.machine.skip_queue().0;
        assert!(number == before + 1 && number > self.last_handed, "numbers grow by one");
        link.handed.push(number);
        self.accepted.insert(number);
        self.handed.insert(number);
        self.last_handed = number;
        self.check();
    }

    /// The link takes so many messages.
    pub(super) fn transmit(&mut self, most: usize) {
        let Some(link) = self.link.as_mut().filter(|link| link.open) else {
            // a driver without a link has nothing to hand over to
            return;
        };
        let (mut left, mut handed) = (most, Vec::new());
        let before = self.machine.queue.left_through();
        self.machine.transmit(|message| {
            if left == 0 {
                return false;
            }
            left -= 1;
            handed.push(text(message));
            true
        });
        let numbers: Vec<u64> = handed.iter().filter_map(|text| text.parse().ok()).collect();
        for number in &numbers {
            assert!(*number > before && *number > self.last_handed, "out of order or twice: {number}");
            assert!(self.accepted.contains(number), "{number} was never accepted");
            assert!(!self.dropped.contains(number), "{number} was reported as dropped");
            assert!(self.handed.insert(*number), "{number} was handed over twice");
            self.last_handed = *number;
        }
        assert!(!link.close_asked || handed.is_empty(), "handed over after the close frame");
        link.handed.extend(numbers);
        self.check();
    }

    /// The link answers its heartbeats up to one of them.
    pub(super) fn answer(&mut self, index: usize, numbered: bool) {
        let Some(link) = self.link.as_mut().filter(|link| link.open && !link.probes.is_empty()) else { return };
        // answers without a number belong to the oldest
        let index = if numbered { index % link.probes.len() } else { 0 };
        let (number, covers) = link.probes.drain(..=index).next_back().unwrap_or_default();
        link.confirmed.extend(covers.iter().copied());
        self.confirmed.extend(covers);
        let generation = link.generation;
        self.tell(|machine, now| machine.answered(generation, numbered.then_some(number), now));
    }

    /// The link ends.
    pub(super) fn end_link(&mut self, code: u16, error: Option<ConnectionError>) {
        let Some(generation) = self.link.as_ref().map(|link| link.generation) else { return };
        let close = CloseEvent::new(code, String::new(), error.is_none());
        self.tell(|machine, now| machine.closed(generation, error, close, now));
        assert!(self.link.as_ref().is_none_or(|link| link.generation != generation), "a link that ended is let go");
    }

    /// Does what the machine says, and checks that it may say so.
    pub(super) fn check(&mut self) {
        while let Some(action) = self.machine.poll_action() {
            assert!(!self.ended, "{action:?} after the end");
            self.check_action(action);
        }
        self.check_phase();
    }

    fn check_action(&mut self, action: Action) {
        match action {
            Action::Provide(request) => {
                assert!(!self.close_asked, "an attempt after close");
                assert!(self.online || self.insisted, "an attempt while offline");
                assert!(self.provider.is_none() && self.link.is_none(), "two attempts at once");
                self.provider = Some(request.generation);
            }
            Action::Connect { generation } => {
                assert!(!self.close_asked, "a connection after close");
                assert!(self.link.is_none(), "two links at once");
                self.link = Some(Link { generation, ..Link::default() });
            }
            Action::Handshake { generation } => {
                assert!(self.link.as_ref().is_some_and(|link| link.open && link.generation == generation));
                self.handshake = Some(generation);
            }
            Action::Probe { number } => {
                let link = self.link.as_mut().filter(|link| link.open).expect("a link to send a heartbeat on");
                assert!(!link.close_asked, "a heartbeat after the close frame");
                link.probes.push((number, link.handed.clone()));
            }
            Action::CloseLink(_) => {
                let link = self.link.as_mut().filter(|link| link.open).expect("a link to close");
                assert!(!std::mem::replace(&mut link.close_asked, true), "closed twice");
                self.handshake = None;
            }
            Action::Detach(_) => {
                self.provider = None;
                self.handshake = None;
                self.link = None;
            }
            Action::Emit(event) => self.check_event(event),
        }
    }

    fn check_event(&mut self, event: Event) {
        match event {
            Event::State(state) => {
                assert!(!state.is_ended(), "the end has an event of its own");
                self.states.push(state);
            }
            Event::Interrupted(interruption) => {
                let left = self.accepted.iter().filter(|it| !self.handed.contains(it) && !self.dropped.contains(it));
                assert_eq!(numbers(&interruption.unsent), left.copied().collect());
                self.note_unknown(&interruption.unknown);
            }
            Event::Dropped(dropped) => {
                let dropped_now = numbers(&dropped.messages);
                assert!(!dropped_now.is_empty());
                assert!(dropped.reason != DropReason::Ended);
                assert!(dropped_now.is_disjoint(&self.handed), "dropped after it was handed over");
                assert!(dropped_now.is_disjoint(&self.dropped), "dropped twice");
                let is_due = |number| self.expiries.get(number).is_some_and(|at| *at <= self.now.at);
                assert!(dropped.reason != DropReason::Expired || dropped_now.iter().all(is_due), "expired too early");
                self.dropped.extend(dropped_now);
            }
            Event::Ended(ended) => {
                self.ended = true;
                let unsent: Vec<u64> = ended.unsent.iter().map(|(number, _)| number.0).collect();
                assert!(unsent.is_sorted());
                for (number, message) in &ended.unsent {
                    assert_eq!(text(message), number.0.to_string(), "the message given back is that of its number");
                }
                self.given_back = unsent.into_iter().collect();
                self.note_unknown(&ended.unknown);
                assert!(self.machine.next_deadline().is_none());
            }
            Event::Gap(_) => assert!(self.machine.phase == Phase::Open || self.close_asked),
            Event::Message(_) => unreachable!("the machine makes no messages"),
        }
    }

    fn note_unknown(&mut self, unknown: &Sequences) {
        let unknown = numbers(unknown);
        assert!(unknown.is_subset(&self.handed), "unknown, and never handed over");
        assert!(unknown.is_disjoint(&self.confirmed), "unknown, though its arrival was confirmed");
        assert!(unknown.is_disjoint(&self.unknown), "reported twice");
        self.unknown.extend(unknown);
    }

    /// Nothing waits for ever: whatever goes on has a deadline or is held by something.
    fn check_phase(&self) {
        let machine = &self.machine;
        let has_deadline = machine.next_deadline().is_some();
        match machine.phase {
            Phase::Providing => assert!(has_deadline && self.provider.is_some() && self.link.is_none()),
            Phase::Connecting => assert!(has_deadline && self.link.as_ref().is_some_and(|link| !link.open)),
            Phase::Handshaking => assert!(has_deadline && self.handshake.is_some()),
            Phase::Waiting => assert!(has_deadline && self.link.is_none() && self.provider.is_none()),
            Phase::Open => assert!(self.link.as_ref().is_some_and(|link| link.open)),
            Phase::Closing => assert!(has_deadline && self.link.is_some()),
            Phase::Idle => assert!(machine.hold().is_some() && self.link.is_none() && self.provider.is_none()),
            Phase::Ended => assert!(!has_deadline && self.ended && self.link.is_none()),
        }
    }

    /// Ends the socket, if it has not ended, and asks for every message what became of it.
    pub(super) fn settle(mut self) {
        if !self.ended {
            self.close();
        }
        if !self.ended {
            self.transmit(usize::MAX);
            self.end_link(1000, None);
        }
        assert!(self.ended, "close ends it");
        self.pass(Duration::from_secs(100_000));
        self.change(Change::Online);
        self.reconnect_now();
        self.tell(Machine::resume);
        assert!(!self.machine.has_actions() && self.machine.next_deadline().is_none(), "ended means ended");

        let mut accounted = self.handed.clone();
        accounted.extend(&self.dropped);
        accounted.extend(&self.given_back);
        assert_eq!(accounted, self.accepted, "lost without a report");
        assert_eq!(accounted.len(), self.handed.len() + self.dropped.len() + self.given_back.len(), "two fates");
        let known: BTreeSet<u64> = self.unknown.union(&self.confirmed).copied().collect();
        assert_eq!(known, self.handed, "handed over, and neither confirmed nor reported as unknown");
    }
}

fn text(message: &Message) -> String {
    message.as_text().unwrap_or_default().to_owned()
}

fn numbers(sequences: &Sequences) -> BTreeSet<u64> {
    sequences.iter().map(|number| number.0).collect()
}
