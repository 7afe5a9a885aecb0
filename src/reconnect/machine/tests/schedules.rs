//! Random schedules: whatever happens, in whatever order, the promises hold.
//!
//! `EVERSOCKET_SCHEDULES` sets how many; `cargo xtask soak` runs more than a million.

use super::{
    steps::{Step, take},
    world::World,
};
use crate::{
    platform::Change,
    reconnect::{
        Jitter, Overflow, State,
        backoff::Backoff,
        machine::{Beats, Capacity, Retain, Retention, Rules},
    },
};
use proptest::{prelude::*, test_runner::Config};
use std::time::Duration;

const BY_DEFAULT: u32 = 20_000;

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
        3 => (0_u64..30).prop_map(|length| Step::LineUp { length }),
        5 => prop_oneof![3 => Just(0), 1 => 0_usize..4].prop_map(|index| Step::LookForRoom { index }),
        1 => (0_usize..4).prop_map(|index| Step::GiveUp { index }),
        2 => (0_u64..5).prop_map(|back| Step::Withdraw { back }),
        2 => (0_u64..5).prop_map(|back| Step::Confirm { back }),
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
        1 => Just(Step::Probe),
        1 => Just(Step::NetworkChanged),
        1 => prop::option::weighted(0.3, 0_u32..30_000).prop_map(|milliseconds| match milliseconds {
            Some(milliseconds) => Step::ShutDown { milliseconds },
            None => Step::Resume,
        }),
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
                max_attempts,
                max_elapsed: max_elapsed.map(seconds),
                stable_after: seconds(10),
                provide_timeout: seconds(10),
                connect_timeout: Some(seconds(20)),
                handshake_timeout: seconds(10),
                close_timeout: seconds(10),
                has_handshake,
                can_refresh,
                heartbeat: beats.then_some(Beats::every(seconds(7), seconds(3))),
                pings: beats && can_refresh,
                clock_check: checks_clock.then_some(seconds(10)),
                hidden_limit: hides.then_some(seconds(30)),
                capacity: Capacity { messages, bytes },
                overflow,
                retention: hides.then(|| Box::new(Retention::new(20)) as Box<dyn Retain>),
            };
            (rules, Backoff::default().jitter(jitter))
        },
    )
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
