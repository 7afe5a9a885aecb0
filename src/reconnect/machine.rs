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

mod acceptance;
mod actions;
mod attempts;
mod clock;
mod commands;
mod counting;
mod delivery;
mod pulse;
mod queue;
mod retention;
mod rules;
mod shutdown;
mod sink;
mod sticky;
mod surroundings;
mod timers;
mod waiting;

#[cfg(all(any(test, fuzzing), not(target_arch = "wasm32")))]
pub(crate) mod tests;

pub(crate) use actions::{Action, Discarded, Question, Request};
pub(crate) use attempts::{OwnDelay, Ruling};
pub(crate) use clock::{Moment, Now};
pub(crate) use pulse::{Beats, Transport};
pub(crate) use queue::Capacity;
pub(crate) use retention::{Retain, Retention};
pub(crate) use rules::Rules;

use super::{
    EndCause, Ended, Event, Failure, Gap, Interruption, Outgoing, Overflow, Progress, SequenceNumber, Sequences, State,
    backoff::Delay,
};
use crate::{Message, close::CloseFrame};
use acceptance::Acceptance;
use actions::Actions;
use counting::Counting;
use delivery::{Delivery, Lost};
use fastrand::Rng;
use pulse::Pulse;
use queue::Queue;
use shutdown::Shutdown;
use sink::TellSink;
use std::time::Duration;
use sticky::Repeat;
use timers::{Timer, Timers};

/// The shortest time after which something is done again.
const SHORTEST: Duration = Duration::from_millis(1);

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
    /// The retry policy is asked what follows from a failure.
    Deciding,
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
    /// How long the computer slept, while the monotonic clock stood still.
    slept: Duration,
    phase: Phase,
    state: State,
    /// How often the state has changed.
    changes: u64,
    generation: u64,
    timers: Timers,
    actions: Actions,
    discarded: Discarded,

    delay: Delay,
    counting: Counting,
    last_failure: Option<Failure>,
    /// Whether the link was open when the retry policy was asked.
    was_open: bool,
    acceptance: Acceptance,
    /// The deadline for connecting has passed, and how the connection was refused is still to be told.
    awaits_refusal: bool,

    queue: Queue,
    /// Where there are any.
    sticky: Option<Box<dyn Repeat>>,
    delivery: Delivery,
    /// The close that was asked for, to follow what is queued.
    closing: Option<Option<CloseFrame>>,
    shutdown: Option<Shutdown>,
    /// The first that was not sent, once it has ended.
    unsent_from: Option<u64>,
    /// Where the socket is used as a `Sink`.
    sink: Option<Box<dyn TellSink>>,

    pulse: Pulse,
    /// The owner does not read, so that nothing is read from the link either.
    stalled: bool,
    last_inbound: Moment,
    /// When the link opened.
    opened_at: Option<Moment>,
    /// When messages began to flow.
    open_since: Moment,
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
    pub(crate) fn new(mut rules: Rules, delay: Delay, seed: u64, now: Now) -> Self {
        let capacity = rules.capacity;
        // what comes again at the same moment would never let time go on
        rules.clock_check = rules.clock_check.map(|period| period.max(SHORTEST));
        Self {
            delay,
            delivery: Delivery::retaining(rules.retention.take()),
            rules,
            random: Rng::with_seed(seed),
            now,
            slept: Duration::ZERO,
            phase: Phase::Idle,
            state: State::Connecting { attempt: 0 },
            changes: 0,
            generation: 0,
            timers: Timers::default(),
            actions: Actions::default(),
            discarded: Discarded::default(),
            counting: Counting::default(),
            last_failure: None,
            was_open: false,
            acceptance: Acceptance::default(),
            awaits_refusal: false,
            queue: Queue::new(capacity),
            sticky: None,
            closing: None,
            shutdown: None,
            unsent_from: None,
            sink: None,
            pulse: Pulse::default(),
            stalled: false,
            last_inbound: now.at,
            opened_at: None,
            open_since: now.at,
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

    /// Which attempt is under way or comes next.
    pub(crate) fn attempt(&self) -> u32 {
        self.counting.attempt()
    }

    /// Why the last attempt failed, or the last connection was lost.
    pub(crate) fn last_failure(&self) -> Option<&Failure> {
        self.last_failure.as_ref()
    }

    /// For how long messages have flowed, while they do.
    pub(crate) fn open_for(&self, now: Moment) -> Option<Duration> {
        (self.phase == Phase::Open).then(|| now.since(self.open_since))
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
        Progress {
            handed_over: number(self.queue.left_through()),
            reached: number(self.delivery.reached()),
            delivered: number(self.delivery.delivered()),
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

    /// Whether there is room for this message, where that of its key would be dropped for it.
    pub(crate) fn has_room_for(&self, outgoing: &Outgoing) -> bool {
        self.queue.has_room_for(outgoing.key.as_deref(), outgoing.message.len(), None)
    }

    /// Whether a message may wait until there is room for it.
    pub(crate) fn waits_for_room(&self, outgoing: &Outgoing) -> bool {
        self.rules.overflow == Overflow::Wait && !outgoing.volatile && !self.is_closing()
    }

    /// All up to this number have left the queue.
    pub(crate) fn left_through(&self) -> u64 {
        self.queue.left_through()
    }

    /// Whether something up to this number was not sent when it ended.
    pub(crate) fn was_unsent_at_end(&self, through: u64) -> bool {
        self.unsent_from.is_some_and(|first| first <= through)
    }

    pub(crate) fn accepted_through(&self) -> u64 {
        self.queue.accepted_through()
    }

    pub(crate) fn next_deadline(&self) -> Option<Moment> {
        self.timers.next()
    }

    /// What is to be done next. A deadline for it runs from now on: whoever does it may be late.
    pub(crate) fn poll_action(&mut self, now: Moment) -> Option<Action> {
        let action = self.actions.pop(&mut self.discarded.actions)?;
        let (timer, after) = match &action {
            Action::Provide(request) if request.generation == self.generation => {
                (Timer::Provide, Some(self.rules.provide_timeout))
            }
            Action::Connect { generation } if *generation == self.generation => {
                (Timer::Connect, self.rules.connect_timeout)
            }
            Action::Handshake { generation } if *generation == self.generation => {
                (Timer::Handshake, Some(self.rules.handshake_timeout))
            }
            Action::Probe { .. } if self.phase == Phase::Open => {
                (Timer::Dead, self.rules.heartbeat.map(|beats| beats.dead_after))
            }
            _ => return Some(action),
        };
        // a peer that is asked again has no more time for it
        let runs = timer == Timer::Dead && self.timers.get(timer).is_some();
        if let Some(after) = after.filter(|_| !runs) {
            self.timers.set(timer, now.max(self.now.at).after(after));
        }
        Some(action)
    }

    pub(crate) fn has_actions(&self) -> bool {
        !self.actions.is_empty()
    }

    /// What may run foreign code when it is dropped, to be dropped where no lock is held; mostly nothing.
    #[inline]
    pub(crate) fn take_discarded(&mut self) -> Option<Box<Discarded>> {
        if self.retains() {
            self.discarded.messages.append(&mut self.delivery.take_forgotten());
        }
        if self.discarded.is_empty() {
            return None;
        }
        Some(Box::new(std::mem::take(&mut self.discarded)))
    }

    /// Whether [`transmit`](Self::transmit) would hand over something.
    pub(crate) fn wants_to_transmit(&self) -> bool {
        self.closing.is_some() || self.phase == Phase::Open && self.has_outgoing()
    }

    fn has_sticky_to_send(&self) -> bool {
        self.sticky.as_ref().is_some_and(|sticky| sticky.has_pending())
    }

    fn has_outgoing(&self) -> bool {
        !self.queue.is_empty() || self.has_sticky_to_send()
    }

    /// Whether a message may be handed over now without having waited.
    pub(crate) fn may_skip_queue(&self) -> bool {
        self.phase == Phase::Open && !self.has_outgoing() && self.shutdown.is_none()
    }

    /// Whether contents of messages are kept until it is known that they arrived.
    pub(crate) fn retains(&self) -> bool {
        self.delivery.retains()
    }

    /// Accepts a message that has been handed over already, which it
    /// [may be](Self::may_skip_queue); with its content where that is [kept](Self::retains).
    pub(crate) fn skip_queue(&mut self, message: Option<Message>) -> SequenceNumber {
        let number = self.queue.number();
        self.delivery.hand_over(number);
        if let Some(message) = message {
            let rest = self.delivery.keep(number, message);
            self.discarded.keep_message(rest);
        }
        SequenceNumber(number)
    }

    /// Hands over, in order, what may be sent now, for as long as the function takes it. `now` matters
    /// where messages expire.
    pub(crate) fn transmit(&mut self, now: impl FnOnce() -> Now, mut hand_over: impl FnMut(&Message) -> bool) {
        if self.queue.next_expiry().is_some() {
            // the computer may have slept, and its timers not have been looked at
            self.advance(now());
            self.drop_expired();
        }
        if !self.wants_to_transmit() {
            return;
        }
        loop {
            let left_through = self.queue.left_through();
            if let Some(sticky) = &mut self.sticky
                && let Some(message) = sticky.front(left_through)
            {
                if !hand_over(message) {
                    return;
                }
                sticky.pop();
            } else if let Some((number, message)) = self.queue.front() {
                if !hand_over(message) {
                    return;
                }
                self.delivery.hand_over(number);
                let message = self.queue.take(number);
                let rest = message.and_then(|message| self.delivery.keep(number, message));
                self.discarded.keep_message(rest);
            } else {
                break;
            }
        }
        self.arm_expiry();
        if let Some(frame) = self.closing.take() {
            self.close_link(frame);
        }
        self.settle_shutdown();
    }

    fn publish(&mut self, state: State) {
        if !state.repeats(&self.state) {
            self.set_state(state.clone());
            self.act(Action::Emit(Event::State(state)));
        }
    }

    fn set_state(&mut self, state: State) {
        let before = std::mem::replace(&mut self.state, state);
        self.discarded.actions.push(Action::Emit(Event::State(before)));
        self.changes += 1;
    }

    fn note_failure(&mut self, failure: Failure) {
        self.discarded.keep_failure(self.last_failure.replace(failure));
    }

    /// Messages flow.
    fn open(&mut self) {
        self.phase = Phase::Open;
        self.open_since = self.now.at;
        self.timers.clear(Timer::Handshake);
        self.timers.set(Timer::Stable, self.now.at.after(self.rules.stable_after));
        self.pulse.begin();
        self.arm_heartbeat();
        if let Some(sticky) = &mut self.sticky {
            sticky.replay();
        }
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
        self.settle_shutdown();
    }

    /// Messages flow no more.
    fn interrupt(&mut self, failure: Failure) {
        if let Some(sticky) = &mut self.sticky {
            sticky.forget_pending();
        }
        let Lost { handed_over, unknown, reached } = self.delivery.lose();
        self.unknown.extend(&unknown);
        self.note_lost_for_sink(&unknown, &reached);
        self.lost_at.get_or_insert(self.now.at);
        let unsent = self.queue.numbers().collect();
        self.act(Action::Emit(Event::Interrupted(Interruption { failure, unsent, handed_over, unknown, reached })));
    }

    /// Over for good.
    fn end(&mut self, cause: EndCause) {
        self.phase = Phase::Ended;
        self.generation += 1;
        self.timers.clear_all();
        self.closing = None;
        self.shutdown = None;
        if let Some(sticky) = &mut self.sticky {
            self.discarded.messages.append(&mut sticky.take_all());
        }
        self.unsent_from = self.queue.front().map(|(number, _)| number);
        let unsent = self.queue.take_all();
        let Lost { handed_over, unknown, reached } = self.delivery.lose();
        // after a closing handshake nobody would call the last messages lost
        if !matches!(&cause, EndCause::Closed { close: Some(close) } if close.was_clean) {
            self.note_lost_for_sink(&unknown, &reached);
        }
        let ended = Ended { cause: cause.clone(), unsent, handed_over, unknown, reached };
        if let Some(sink) = &mut self.sink {
            sink.end(&ended.unsent);
        }
        self.set_state(State::Ended(cause));
        self.act(Action::Emit(Event::Ended(ended)));
    }

    /// Whatever drove the machine is gone.
    pub(crate) fn abandon(&mut self, cause: EndCause) {
        if self.phase != Phase::Ended {
            self.actions.retain_events(&mut self.discarded.actions);
            self.end(cause);
        }
    }
}
