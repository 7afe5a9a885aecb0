//! A world around the machine: a provider, links and an owner, all of paper, that check what the
//! machine does.

use crate::{
    CloseEvent, ConnectionError, Message,
    close::CloseFrame,
    platform::Change,
    reconnect::{
        DropReason, Event, Outgoing, Overflow, RetryPolicy, SequenceNumber, Sequences, State,
        backoff::{Backoff, Delay},
        machine::{Action, Machine, Moment, Now, Phase, Rules, clock::SLEPT},
        policy::Retrying,
        room::Room,
    },
    waiters::Place,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    task::{Context, Waker},
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
}

impl Link {
    /// How many heartbeats have no answer.
    pub(super) fn probes(&self) -> usize {
        self.probes.len()
    }
}

/// Somebody who waits for room.
struct Sender {
    place: Place,
    length: u64,
    woken: bool,
}

pub(super) struct World {
    pub(super) machine: Machine,
    retrying: Retrying,
    /// When the token expires that endpoints carry.
    pub(super) token_expires_at: Option<Now>,
    pub(super) now: Now,
    pub(super) provider: Option<u64>,
    pub(super) link: Option<Link>,
    pub(super) handshake: Option<u64>,
    accepted: BTreeSet<u64>,
    expiries: BTreeMap<u64, Moment>,
    handed: BTreeSet<u64>,
    unknown: BTreeSet<u64>,
    /// Known to have reached the peer's WebSocket layer.
    reached: BTreeSet<u64>,
    /// Known to have been delivered to the peer's application.
    delivered: BTreeSet<u64>,
    dropped: BTreeSet<u64>,
    withdrawn: BTreeSet<u64>,
    given_back: BTreeSet<u64>,
    /// What was handed to the link that was let go last.
    last_link: Vec<u64>,
    /// The number in the text of the message that was handed over last.
    last_handed: u64,
    next_text: u64,
    close_asked: bool,
    shut_down: bool,
    ended: bool,
    online: bool,
    insisted: bool,
    /// Senders in line for room, as handles keep them.
    room: Room,
    senders: VecDeque<Sender>,
    drops_oldest: bool,
    /// How long the computer slept so that it could be noticed.
    slept: Duration,
    pub(super) states: Vec<State>,
    pub(super) events: Vec<Event>,
}

impl World {
    pub(super) fn new(rules: Rules, backoff: Backoff, seed: u64) -> Self {
        Self::with_policy(rules, backoff, RetryPolicy::default(), seed)
    }

    pub(super) fn with_policy(rules: Rules, backoff: Backoff, policy: RetryPolicy, seed: u64) -> Self {
        let mut world = Self::late(rules, backoff, policy, seed);
        world.check();
        world
    }

    /// One whose driver has not had its first turn.
    pub(super) fn late(rules: Rules, backoff: Backoff, policy: RetryPolicy, seed: u64) -> Self {
        let now = Now { at: Moment(Duration::from_secs(1_000)), wall: Duration::from_secs(1_700_000_000) };
        let drops_oldest = rules.overflow == Overflow::DropOldest;
        let (delay, own_delays) = Delay::new(backoff);
        let mut world = Self {
            machine: Machine::new(rules, delay, seed, now),
            retrying: Retrying::new(policy, own_delays),
            token_expires_at: None,
            now,
            provider: None,
            link: None,
            handshake: None,
            accepted: BTreeSet::new(),
            expiries: BTreeMap::new(),
            handed: BTreeSet::new(),
            unknown: BTreeSet::new(),
            reached: BTreeSet::new(),
            delivered: BTreeSet::new(),
            dropped: BTreeSet::new(),
            withdrawn: BTreeSet::new(),
            given_back: BTreeSet::new(),
            last_link: Vec::new(),
            last_handed: 0,
            next_text: 0,
            close_asked: false,
            shut_down: false,
            ended: false,
            online: true,
            insisted: false,
            room: Room::default(),
            senders: VecDeque::new(),
            drops_oldest,
            slept: Duration::ZERO,
            states: Vec::new(),
            events: Vec::new(),
        };
        world.machine.start(now);
        world
    }

    /// Something happens, and the driver has not had its turn since.
    #[cfg(test)]
    pub(super) fn late_tell(&mut self, input: impl FnOnce(&mut Machine, Now)) {
        input(&mut self.machine, self.now);
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
        let now = self.lifetime();
        let waits_too_long = |number: u64| self.expiries.get(&number).is_some_and(|at| *at <= now);
        assert!(!self.machine.queue.numbers().any(waits_too_long), "it expired, and still waits");
    }

    /// The time that messages go by, which goes on in sleep.
    fn lifetime(&self) -> Moment {
        self.now.at.after(self.slept)
    }

    /// Goes to the next deadline, if there is one.
    pub(super) fn pass_to_deadline(&mut self) {
        if let Some(deadline) = self.machine.next_deadline() {
            self.pass(deadline.since(self.now.at));
            assert!(self.machine.next_deadline() > Some(self.now.at) || self.machine.next_deadline().is_none());
        }
    }

    /// The computer sleeps, and nothing has looked at the clocks since.
    pub(super) fn doze(&mut self, time: Duration) {
        self.now.wall += time;
        if time > SLEPT {
            self.slept += time;
        }
    }

    /// The computer sleeps: the wall clock alone goes on.
    pub(super) fn sleep(&mut self, time: Duration) {
        self.doze(time);
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
        self.close_with(1000);
    }

    pub(super) fn close_with(&mut self, code: u16) {
        self.close_asked = true;
        self.tell(|machine, now| machine.close(CloseFrame::new(code, "").ok(), now));
    }

    /// Somebody waits for room for a message of a length, in which its number has place.
    pub(super) fn line_up(&mut self, length: u64) {
        let length = length + 5;
        let mut place = Place::default();
        let has_room = self.machine.has_room(length);
        let (ready, _waker) = self.room.poll(&mut place, length, has_room, &Context::from_waker(Waker::noop()));
        if ready.is_pending() {
            self.senders.push_back(Sender { place, length, woken: false });
        }
        self.check();
    }

    /// One that waits for room looks whether there is, and sends if so.
    pub(super) fn look_for_room(&mut self, index: usize) {
        if self.senders.is_empty() {
            return;
        }
        let index = index % self.senders.len();
        let Sender { place, length, woken } = &mut self.senders[index];
        let has_room = self.machine.has_room(*length) || self.machine.is_closing();
        let (ready, _waker) = self.room.poll(place, *length, has_room, &Context::from_waker(Waker::noop()));
        // looked at in vain it is woken once more
        *woken = false;
        if ready.is_ready() {
            assert_eq!(index, 0, "out of turn");
            let length = usize::try_from(*length).expect("short");
            self.give_up(0);
            let (now, expected) = (self.now, self.machine.accepted_through() + 1);
            match self.machine.send(format!("{expected:0>length$}").into(), None, || now) {
                Ok(number) => {
                    assert_eq!(number.0, expected);
                    self.accepted.insert(number.0);
                }
                Err(error) => assert!(self.machine.is_closing(), "no room after all: {error}"),
            }
        }
        self.check();
    }

    /// One that waits for room waits no longer.
    pub(super) fn give_up(&mut self, index: usize) {
        if !self.senders.is_empty()
            && let Some(mut sender) = self.senders.remove(index % self.senders.len())
        {
            drop(self.room.leave(&mut sender.place));
        }
    }

    pub(super) fn shut_down(&mut self, within: Duration) {
        self.shut_down = true;
        self.tell(|machine, now| machine.shut_down(Some(CloseFrame::normal()), within, now));
    }

    /// Takes back a message, if it waits.
    pub(super) fn withdraw(&mut self, back: u64) {
        let number = SequenceNumber(self.machine.accepted_through().saturating_sub(back));
        let waits = self.machine.queue.numbers().any(|waiting| waiting == number.0);
        let message = self.tell(|machine, _| machine.withdraw(number));
        assert_eq!(message.is_some(), waits);
        if let Some(message) = message {
            assert_eq!(text(&message).parse(), Ok(number.0));
            self.withdrawn.insert(number.0);
        }
    }

    /// The application confirms by its own acknowledgement.
    pub(super) fn confirm(&mut self, back: u64) {
        let through = self.last_handed.saturating_sub(back);
        self.delivered.extend(self.handed.range(..=through));
        self.tell(|machine, _| machine.confirm_through(through));
    }

    /// Sends a message whose text is its number; the world learns whether it was accepted.
    pub(super) fn send(&mut self, decorate: impl FnOnce(Outgoing) -> Outgoing) {
        self.next_text = self.machine.queue.accepted_through() + 1;
        let outgoing = decorate(Outgoing::new(self.next_text.to_string()));
        let now = self.now;
        let expires_at = outgoing.expires_in.map(|time| self.lifetime().after(time));
        let before = self.machine.queue.accepted_through();
        let first = self.senders.front().map(|first| first.length).filter(|length| self.machine.has_room(*length));
        let result = self.machine.send(outgoing, self.room.kept(), || now);
        let keeps_room = first.is_none_or(|length| self.machine.has_room(length));
        assert!(keeps_room || self.drops_oldest, "who waits for room is overtaken");
        match result {
            Ok(number) => {
                assert_eq!(number.0, before + 1, "numbers grow by one");
                assert!(!self.close_asked && !self.shut_down && !self.ended, "accepted after the end");
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
        let kept = self.machine.retains().then(|| Message::from((before + 1).to_string()));
        let number = self.machine.skip_queue(kept).0;
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
        let now = self.now;
        self.machine.transmit(
            || now,
            |message| {
                if left == 0 {
                    return false;
                }
                left -= 1;
                handed.push(text(message));
                true
            },
        );
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
        if !numbered {
            self.delivered.extend(covers.iter().copied());
        }
        self.reached.extend(covers);
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
        while let Some(action) = self.machine.poll_action(self.now.at) {
            assert!(!self.ended, "{action:?} after the end");
            self.check_action(action);
        }
        drop(self.machine.take_discarded());
        self.wake_senders();
        self.check_phase();
        self.check_memory();
    }

    /// One free place wakes one sender, and always the first.
    fn wake_senders(&mut self) {
        let machine = &self.machine;
        let woken = self.room.next(|length| machine.has_room(length)).is_some();
        assert!(!woken || self.room.next(|_| true).is_none(), "two are woken for one place");
        if let Some(first) = self.senders.front_mut() {
            assert!(!woken || !first.woken, "it is woken twice");
            first.woken |= woken;
            assert!(first.woken || !machine.has_room(first.length), "there is room, and nobody knows");
        }
        let others = self.senders.iter().skip(1).filter(|sender| sender.woken);
        assert_eq!(others.count(), 0, "woken out of turn");
    }

    /// What the machine holds is in proportion to what waits, but for a constant.
    fn check_memory(&self) {
        let machine = &self.machine;
        let waiting = machine.queue.len();
        assert!(machine.queue.overhead() <= 64 * 1024 + waiting * 1024, "{} for {waiting}", machine.queue.overhead());
        let (keys, pending) = machine.held_sticky();
        assert!(pending <= keys, "{pending} sticky messages of {keys} keys");
        assert!(!machine.has_actions());
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
                self.last_link = self.link.take().map(|link| link.handed).unwrap_or_default();
            }
            Action::Decide(question) => {
                assert!(self.link.is_none() && self.provider.is_none(), "decided while something goes on");
                let ruling = self.retrying.rule(&question, self.now.wall);
                self.machine.decided(question.generation, ruling, self.now);
            }
            Action::Emit(event) => self.check_event(event),
        }
    }

    fn check_event(&mut self, event: Event) {
        self.events.push(event.clone());
        match event {
            Event::State(state) => {
                assert!(!state.is_ended(), "the end has an event of its own");
                self.states.push(state);
            }
            Event::Interrupted(interruption) => {
                let left = self.accepted.iter().filter(|it| !self.handed.contains(it) && !self.dropped.contains(it));
                assert_eq!(numbers(&interruption.unsent), left.copied().collect());
                self.note_lost(&interruption.handed_over, &interruption.unknown, &interruption.reached);
            }
            Event::Dropped(dropped) => {
                let dropped_now = numbers(&dropped.messages);
                assert!(!dropped_now.is_empty());
                assert!(dropped.reason != DropReason::Ended);
                assert!(dropped_now.is_disjoint(&self.handed), "dropped after it was handed over");
                assert!(dropped_now.is_disjoint(&self.dropped), "dropped twice");
                let now = self.lifetime();
                let is_due = |number| self.expiries.get(number).is_some_and(|at| *at <= now);
                assert!(dropped.reason != DropReason::Expired || dropped_now.iter().all(is_due), "expired too early");
                self.dropped.extend(dropped_now);
            }
            Event::Ended(ended) => {
                self.ended = true;
                let unsent: Vec<u64> = ended.unsent.iter().map(|(number, _)| number.0).collect();
                assert!(unsent.is_sorted());
                for (number, message) in &ended.unsent {
                    assert_eq!(text(message).parse(), Ok(number.0), "the message given back is that of its number");
                }
                self.given_back = unsent.into_iter().collect();
                self.note_lost(&ended.handed_over, &ended.unknown, &ended.reached);
                assert!(self.machine.next_deadline().is_none());
            }
            // what was to be sent before the end may be sent by now
            Event::Gap(_) => assert!(self.machine.phase == Phase::Open || self.close_asked || self.shut_down),
            Event::Message(_) => unreachable!("the machine makes no messages"),
        }
    }

    fn note_lost(&mut self, handed_over: &Sequences, unknown: &Sequences, reached: &Sequences) {
        let (handed_over, unknown, reached) = (numbers(handed_over), numbers(unknown), numbers(reached));
        let handed = std::mem::take(&mut self.last_link).into_iter().collect();
        assert_eq!(handed_over, handed, "all that the lost link had, and nothing else");
        assert!(unknown.is_subset(&handed_over) && reached.is_subset(&unknown));
        assert!(unknown.is_disjoint(&self.unknown), "reported twice");
        let delivered: BTreeSet<u64> = handed_over.intersection(&self.delivered).copied().collect();
        assert_eq!(&handed_over - &unknown, delivered, "known to be delivered, and nothing else");
        let known: BTreeSet<u64> = unknown.intersection(&self.reached).copied().collect();
        assert_eq!(reached, known, "known to have reached the peer, and nothing else");
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
            Phase::Deciding => panic!("nothing is decided"),
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
        assert!(self.withdrawn.is_subset(&self.dropped), "taken back without a report");
        let known: BTreeSet<u64> = self.unknown.union(&self.delivered).copied().collect();
        assert_eq!(known, self.handed, "handed over, and neither delivered nor reported as unknown");
    }
}

fn text(message: &Message) -> String {
    message.as_text().unwrap_or_default().to_owned()
}

fn numbers(sequences: &Sequences) -> BTreeSet<u64> {
    sequences.iter().map(|number| number.0).collect()
}
