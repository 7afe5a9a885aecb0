//! Random schedules: whatever happens, in whatever order, the promises hold.
//!
//! `EVERSOCKET_SCHEDULES` sets how many; `cargo xtask soak` runs more than a million.

use super::world::World;
use crate::{
    Cause, ConnectionError,
    platform::Change,
    reconnect::{
        Failure, Jitter, Overflow, RetryPolicy, State,
        backoff::Backoff,
        machine::{Capacity, Machine, Rules},
    },
};
use proptest::{prelude::*, test_runner::Config};
use std::time::Duration;

const BY_DEFAULT: u32 = 20_000;

/// Something that may happen at any time, possible or not.
#[derive(Debug, Clone)]
enum Step {
    ProviderAnswers,
    ProviderFails { give_up: bool },
    LinkOpens,
    LinkFails,
    LinkCloses { code: u16 },
    HandshakeEnds { well: bool },
    RefusedByMessage,
    Receive,
    Answer { index: usize, numbered: bool },
    Late { back: u64 },
    Send { key: Option<u8>, expires: Option<u16>, volatile: bool },
    SendAtOnce,
    SetSticky { key: u8 },
    RemoveSticky { key: u8 },
    Transmit { most: usize },
    Pass { milliseconds: u32 },
    PassToDeadline,
    Sleep { seconds: u16 },
    Change(Change),
    Stall(bool),
    Pause,
    Resume,
    ReconnectNow,
    Close,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Online),
        Just(Change::Offline),
        Just(Change::Hidden),
        Just(Change::Visible),
        any::<bool>().prop_map(|persisted| Change::PageLeft { persisted }),
        Just(Change::PageReturned { persisted: true }),
        Just(Change::Frozen),
        Just(Change::Resumed),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let codes = prop_oneof![
        4 => prop::sample::select(vec![1001, 1005, 1006, 1011, 1012, 1013, 1014, 4000]),
        1 => prop::sample::select(vec![1000, 1008, 3000, 3003, 4401, 4403]),
    ];
    let send =
        (prop::option::weighted(0.3, 0_u8..3), prop::option::weighted(0.3, 1_u16..5_000), prop::bool::weighted(0.2));
    prop_oneof![
        12 => Just(Step::ProviderAnswers),
        1 => prop::bool::weighted(0.1).prop_map(|give_up| Step::ProviderFails { give_up }),
        12 => Just(Step::LinkOpens),
        3 => Just(Step::LinkFails),
        4 => codes.prop_map(|code| Step::LinkCloses { code }),
        8 => prop::bool::weighted(0.8).prop_map(|well| Step::HandshakeEnds { well }),
        1 => Just(Step::RefusedByMessage),
        2 => Just(Step::Receive),
        3 => (0_usize..4, any::<bool>()).prop_map(|(index, numbered)| Step::Answer { index, numbered }),
        3 => (1_u64..4).prop_map(|back| Step::Late { back }),
        14 => send.prop_map(|(key, expires, volatile)| Step::Send { key, expires, volatile }),
        6 => Just(Step::SendAtOnce),
        1 => (0_u8..3).prop_map(|key| Step::SetSticky { key }),
        1 => (0_u8..3).prop_map(|key| Step::RemoveSticky { key }),
        12 => prop_oneof![Just(usize::MAX), 0_usize..3].prop_map(|most| Step::Transmit { most }),
        4 => (0_u32..20_000).prop_map(|milliseconds| Step::Pass { milliseconds }),
        10 => Just(Step::PassToDeadline),
        1 => (0_u16..10_000).prop_map(|seconds| Step::Sleep { seconds }),
        3 => change().prop_map(Step::Change),
        1 => any::<bool>().prop_map(Step::Stall),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        1 => Just(Step::ReconnectNow),
        1 => prop::bool::weighted(0.3).prop_map(|close| if close { Step::Close } else { Step::Resume }),
    ]
}

fn rules() -> impl Strategy<Value = (Rules, Backoff)> {
    let jitter = prop::sample::select(vec![Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::None]);
    let overflow =
        prop::sample::select(vec![Overflow::Wait, Overflow::Refuse, Overflow::DropOldest, Overflow::DropNewest]);
    let limits = (prop::option::weighted(0.2, 1_u32..6), prop::option::weighted(0.2, 1_u64..100));
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (jitter, overflow, limits, flags, 1_usize..6, 1_u64..40).prop_map(
        |(jitter, overflow, (max_attempts, max_elapsed), flags, messages, bytes)| {
            let (has_handshake, can_refresh, beats, checks_clock, hides) = flags;
            let seconds = Duration::from_secs;
            let rules = Rules {
                policy: RetryPolicy::default(),
                max_attempts,
                max_elapsed: max_elapsed.map(seconds),
                stable_after: seconds(10),
                provide_timeout: seconds(10),
                connect_timeout: Some(seconds(20)),
                handshake_timeout: seconds(10),
                close_timeout: seconds(10),
                has_handshake,
                can_refresh,
                heartbeat: beats.then_some((seconds(7), seconds(3))),
                clock_check: checks_clock.then_some(seconds(10)),
                hidden_limit: hides.then_some(seconds(30)),
                capacity: Capacity { messages, bytes },
                overflow,
            };
            (rules, Backoff::default().jitter(jitter))
        },
    )
}

fn error() -> ConnectionError {
    ConnectionError::new("ws://host/".into(), Cause::Disconnected)
}

fn take(world: &mut World, step: Step) {
    match step {
        Step::ProviderAnswers => {
            if let Some(generation) = world.provider.take() {
                world.tell(|machine, now| machine.provided(generation, Ok(()), now));
            }
        }
        Step::ProviderFails { give_up } => {
            if let Some(generation) = world.provider.take() {
                let failure = Failure::Provider { reason: "no".to_owned(), give_up };
                world.tell(|machine, now| machine.provided(generation, Err(failure), now));
            }
        }
        Step::LinkOpens => {
            if let Some(link) = world.link.as_mut().filter(|link| !link.open) {
                link.open = true;
                let generation = link.generation;
                world.tell(|machine, now| machine.opened(generation, now));
            }
        }
        Step::LinkFails => world.end_link(1006, Some(error())),
        Step::LinkCloses { code } => {
            if world.link.as_ref().is_some_and(|link| link.open) {
                world.end_link(code, None);
            }
        }
        Step::HandshakeEnds { well } => {
            if let Some(generation) = world.handshake.take() {
                let failure = Failure::Handshake { reason: "no".to_owned(), give_up: false };
                let result = if well { Ok(()) } else { Err(failure) };
                world.tell(|machine, now| machine.handshaken(generation, result, now));
            }
        }
        Step::RefusedByMessage => {
            if let Some(link) = world.link.as_ref().filter(|link| link.open) {
                let generation = link.generation;
                world.tell(|machine, now| machine.refused(generation, now));
            }
        }
        Step::Receive => {
            if let Some(link) = world.link.as_ref().filter(|link| link.open) {
                let generation = link.generation;
                world.tell(|machine, now| machine.received(generation, now));
            }
        }
        Step::Answer { index, numbered } => world.answer(index, numbered),
        Step::Late { back } => late(world, back),
        Step::Send { key, expires, volatile } => world.send(|mut outgoing| {
            if let Some(key) = key {
                outgoing = outgoing.latest(key.to_string());
            }
            if let Some(milliseconds) = expires {
                outgoing = outgoing.expires_in(Duration::from_millis(milliseconds.into()));
            }
            if volatile { outgoing.volatile() } else { outgoing }
        }),
        Step::SendAtOnce => world.send_at_once(),
        Step::SetSticky { key } => {
            world.tell(|machine, _| machine.set_sticky(&key.to_string(), "subscribe".into()));
        }
        Step::RemoveSticky { key } => {
            world.tell(|machine, _| machine.remove_sticky(&key.to_string()));
        }
        Step::Transmit { most } => world.transmit(most),
        Step::Pass { milliseconds } => world.pass(Duration::from_millis(milliseconds.into())),
        Step::PassToDeadline => world.pass_to_deadline(),
        Step::Sleep { seconds } => world.sleep(Duration::from_secs(seconds.into())),
        Step::Change(change) => world.change(change),
        Step::Stall(stalled) => world.tell(|machine, _| machine.set_stalled(stalled)),
        Step::Pause => world.tell(Machine::pause),
        Step::Resume => world.tell(Machine::resume),
        Step::ReconnectNow => world.reconnect_now(),
        Step::Close => world.close(),
    }
}

/// What an older attempt or link says changes nothing.
fn late(world: &mut World, back: u64) {
    let Some(old) = world.machine.generation.checked_sub(back) else { return };
    let state = world.machine.state().clone();
    let failure = || Failure::Handshake { reason: "late".to_owned(), give_up: true };
    world.tell(|machine, now| machine.provided(old, Err(failure()), now));
    world.tell(|machine, now| machine.provided(old, Ok(()), now));
    world.tell(|machine, now| machine.opened(old, now));
    world.tell(|machine, now| machine.handshaken(old, Err(failure()), now));
    world.tell(|machine, now| machine.refused(old, now));
    world.tell(|machine, now| machine.failed(old, failure(), now));
    let close = crate::CloseEvent::new(1000, String::new(), true);
    world.tell(|machine, now| machine.closed(old, None, close, now));
    assert_eq!(world.machine.state(), &state, "a late event had an effect");
}

fn check_delays(states: &[State], jitter: Jitter) {
    for state in states {
        let State::Waiting(waiting) = state else { continue };
        let (least, most) = match waiting.failure.close_code() {
            Some(1012 | 1013) => (Duration::from_secs(5), Duration::from_secs(30)),
            _ => (Duration::ZERO, Duration::from_secs(30)),
        };
        assert!(least <= waiting.delay && waiting.delay <= most, "{waiting:?} with {jitter:?}");
    }
}

fn schedules() -> u32 {
    std::env::var("EVERSOCKET_SCHEDULES").ok().and_then(|number| number.parse().ok()).unwrap_or(BY_DEFAULT)
}

proptest! {
    #![proptest_config(Config { cases: schedules(), failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() })]

    /// Never two live links; order kept; each message handed over at most once; none lost without
    /// a report; delays within bounds; ended means ended; whatever goes on has a deadline; no
    /// attempt after close or while offline; late events ignored. The world checks it all after
    /// each step.
    #[test]
    fn promises_hold_whatever_happens((rules, backoff) in rules(), seed: u64, steps in prop::collection::vec(step(), 0..80)) {
        let mut world = World::new(rules, backoff, seed);
        for step in steps {
            take(&mut world, step);
        }
        check_delays(&world.states, Jitter::Full);
        world.settle();
    }
}
