//! The reconnect logic as a state machine without I/O.
//!
//! Inputs are method calls, each with the time now; whoever drives the machine gives them as they
//! happen. Outputs are taken out afterwards:
//!
//! - [`poll_action`](Machine::poll_action): what is to be done, in order, until `None`;
//! - [`transmit`](Machine::transmit): hands over what may be sent now;
//! - [`next_deadline`](Machine::next_deadline): when to call
//!   [`handle_timeout`](Machine::handle_timeout), if nothing else comes first. A call too early
//!   or too many does nothing.
//!
//! A connection attempt, and the link that comes of it, has a generation; inputs of an older one
//! are ignored, so that nobody has to take them back.

mod attempts;
mod clock;
mod commands;
mod pulse;
mod queue;
mod rules;
mod sticky;
mod surroundings;
mod timers;
mod waiting;

#[cfg(all(any(test, fuzzing), not(target_arch = "wasm32")))]
pub(crate) mod tests;

pub(crate) use clock::{Moment, Now};
pub(crate) use pulse::Transport;
pub(crate) use queue::Capacity;
pub(crate) use rules::Rules;

use super::{
    DropReason, Dropped, EndCause, Ended, Event, Failure, Gap, Interruption, Overflow, Progress, SequenceNumber,
    Sequences, State,
    backoff::{Backoff, Delay},
};
use crate::{Message, close::CloseFrame};
use fastrand::Rng;
use pulse::Pulse;
use queue::Queue;
use std::{collections::VecDeque, time::Duration};
use sticky::Sticky;
use timers::{Timer, Timers};

/// The shortest time after which something is done again.
const SHORTEST: Duration = Duration::from_millis(1);

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Action {
    /// Ask for the endpoint; the answer goes to [`Machine::provided`].
    Provide(Request),
    /// Connect to that endpoint; what comes of it goes to [`Machine::opened`] and
    /// [`Machine::closed`].
    Connect { generation: u64 },
    /// Run the session handshake; its result goes to [`Machine::handshaken`].
    Handshake { generation: u64 },
    /// Send a heartbeat; its answer goes to [`Machine::answered`].
    Probe { number: u64 },
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

/// With what code a link is let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detach {
    /// 1000
    Normal,
    /// 4000: nothing came after a heartbeat.
    Unresponsive,
    /// 4001: the page was left or hidden.
    Away,
    /// 4002: the session handshake failed or the credentials were refused by a message.
    Unaccepted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Before the start, or until what holds it is over.
    Idle,
    Waiting,
    Providing,
    Connecting,
    Handshaking,
    Open,
    Closing,
    Ended,
}

pub(crate) struct Machine {
    rules: Rules,
    random: Rng,
    now: Now,
    phase: Phase,
    state: State,
    /// How often the state has changed.
    changes: u64,
    generation: u64,
    timers: Timers,
    actions: VecDeque<Action>,

    delay: Delay,
    /// Attempts since the last stable connection.
    attempt: u32,
    /// When the last stable connection was lost, or the start.
    since: Option<Moment>,
    last_failure: Option<Failure>,
    refresh_wanted: bool,
    /// New credentials have been had since the last stable connection.
    refreshed: bool,

    queue: Queue,
    sticky: Sticky,
    /// Handed to the link, and not confirmed.
    in_flight: Sequences,
    /// The close that was asked for, to follow what is queued.
    closing: Option<Option<CloseFrame>>,

    pulse: Pulse,
    /// The owner does not read, so that nothing is read from the link either.
    stalled: bool,
    last_inbound: Moment,
    /// When messages ceased to flow, for the report of the gap.
    lost_at: Option<Moment>,
    /// What was unknown at the interruptions since.
    unknown: Sequences,

    paused: bool,
    online: bool,
    page_left: bool,
    /// The page was hidden for too long.
    hidden: bool,
}

impl Machine {
    pub(crate) fn new(mut rules: Rules, backoff: Backoff, seed: u64, now: Now) -> Self {
        let capacity = rules.capacity;
        // what comes again at the same moment would never let time go on
        rules.heartbeat = rules.heartbeat.map(|(period, limit)| (period.max(SHORTEST), limit.max(SHORTEST)));
        rules.clock_check = rules.clock_check.map(|period| period.max(SHORTEST));
        Self {
            delay: Delay::new(backoff),
            rules,
            random: Rng::with_seed(seed),
            now,
            phase: Phase::Idle,
            state: State::Connecting { attempt: 0 },
            changes: 0,
            generation: 0,
            timers: Timers::default(),
            actions: VecDeque::new(),
            attempt: 0,
            since: None,
            last_failure: None,
            refresh_wanted: false,
            refreshed: false,
            queue: Queue::new(capacity),
            sticky: Sticky::default(),
            in_flight: Sequences::default(),
            closing: None,
            pulse: Pulse::default(),
            stalled: false,
            last_inbound: now.at,
            lost_at: None,
            unknown: Sequences::default(),
            paused: false,
            online: true,
            page_left: false,
            hidden: false,
        }
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.phase == Phase::Ended
    }

    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// How long until the next attempt, where one has its time.
    pub(crate) fn time_to_retry(&self, now: Moment) -> Option<Duration> {
        self.timers.get(Timer::Retry).map(|at| at.since(now))
    }

    /// The round trip of the last answered heartbeat.
    pub(crate) fn round_trip(&self) -> Option<Duration> {
        self.pulse.round_trip
    }

    pub(crate) fn progress(&self) -> Progress {
        let number = |number: u64| (number > 0).then_some(SequenceNumber(number));
        let left = self.queue.left_through();
        let confirmed = self.in_flight.iter().next().map_or(left, |first| first.get() - 1);
        Progress {
            handed_over: number(left),
            confirmed: number(confirmed),
            queued: self.queue.len(),
            queued_bytes: self.queue.bytes(),
        }
    }

    pub(crate) fn overflow(&self) -> Overflow {
        self.rules.overflow
    }

    pub(crate) fn has_room(&self, length: u64) -> bool {
        self.queue.has_room(length)
    }

    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        self.timers.next()
    }

    pub(crate) fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    pub(crate) fn has_actions(&self) -> bool {
        !self.actions.is_empty()
    }

    /// Whether [`transmit`](Self::transmit) would hand over something.
    pub(crate) fn wants_to_transmit(&self) -> bool {
        self.closing.is_some() || self.phase == Phase::Open && self.has_outgoing()
    }

    fn has_outgoing(&self) -> bool {
        !self.queue.is_empty() || self.sticky.has_pending()
    }

    /// Whether a message may be handed over now without having waited.
    pub(crate) fn may_skip_queue(&self) -> bool {
        self.phase == Phase::Open && !self.has_outgoing()
    }

    /// Accepts a message that has been handed over already, which it
    /// [may be](Self::may_skip_queue).
    pub(crate) fn skip_queue(&mut self) -> SequenceNumber {
        let number = self.queue.skip();
        self.in_flight.insert(number);
        SequenceNumber(number)
    }

    /// Hands over, in order, what may be sent now, for as long as the function takes it.
    pub(crate) fn transmit(&mut self, mut hand_over: impl FnMut(&Message) -> bool) {
        if !self.wants_to_transmit() {
            return;
        }
        loop {
            if let Some(message) = self.sticky.front(self.queue.left_through()) {
                if !hand_over(message) {
                    return;
                }
                self.sticky.pop();
            } else if let Some((number, message)) = self.queue.front() {
                if !hand_over(message) {
                    return;
                }
                self.queue.take(number);
                self.in_flight.insert(number);
            } else {
                break;
            }
        }
        self.arm_expiry();
        if let Some(frame) = self.closing.take() {
            self.act(Action::CloseLink(frame));
        }
    }

    fn act(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    fn publish(&mut self, state: State) {
        if !state.repeats(&self.state) {
            self.state = state.clone();
            self.changes += 1;
            self.act(Action::Emit(Event::State(state)));
        }
    }

    fn report_dropped(&mut self, reason: DropReason, messages: Sequences) {
        if !messages.is_empty() {
            self.act(Action::Emit(Event::Dropped(Dropped { reason, messages })));
        }
    }

    /// Messages flow.
    fn open(&mut self) {
        self.phase = Phase::Open;
        self.timers.clear(Timer::Handshake);
        self.timers.set(Timer::Stable, self.now.at.after(self.rules.stable_after));
        self.pulse.begin();
        self.arm_heartbeat();
        self.sticky.replay();
        self.publish(State::Open);
        if let Some(lost_at) = self.lost_at.take() {
            let gap = Gap {
                away: self.now.at.since(lost_at),
                silent: self.now.at.since(self.last_inbound),
                unknown: std::mem::take(&mut self.unknown),
            };
            self.act(Action::Emit(Event::Gap(gap)));
        }
        self.last_inbound = self.now.at;
    }

    /// Messages flow no more.
    fn interrupt(&mut self, failure: Failure) {
        let volatile = self.queue.drop_volatile();
        self.report_dropped(DropReason::Volatile, volatile);
        self.sticky.forget_pending();
        let unknown = std::mem::take(&mut self.in_flight);
        self.unknown.extend(&unknown);
        self.lost_at.get_or_insert(self.now.at);
        let unsent = self.queue.numbers().collect();
        self.act(Action::Emit(Event::Interrupted(Interruption { failure, unsent, unknown })));
    }

    /// Over for good.
    fn end(&mut self, cause: EndCause) {
        self.phase = Phase::Ended;
        self.generation += 1;
        self.timers.clear_all();
        self.closing = None;
        self.sticky = Sticky::default();
        let unsent = self.queue.take_all().into_iter().map(|(number, message)| (SequenceNumber(number), message));
        let ended =
            Ended { cause: cause.clone(), unsent: unsent.collect(), unknown: std::mem::take(&mut self.in_flight) };
        self.state = State::Ended(cause);
        self.changes += 1;
        self.act(Action::Emit(Event::Ended(ended)));
    }

    /// Whatever drove the machine is gone.
    pub(crate) fn abandon(&mut self, cause: EndCause) {
        if self.phase != Phase::Ended {
            self.actions.retain(|action| matches!(action, Action::Emit(_)));
            self.end(cause);
        }
    }
}
