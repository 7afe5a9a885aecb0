//! A schedule that is read from bytes, so that a fuzzer can look for one that breaks a promise.

use super::{
    steps::{Step, take},
    world::World,
};
use crate::{
    platform::Change,
    reconnect::{
        Jitter, Overflow,
        backoff::Backoff,
        machine::{Beats, Capacity, Retain, Retention, Rules},
    },
};
use std::time::Duration;

/// More steps show nothing that fewer do not.
const MOST_STEPS: usize = 200;

/// Runs it, and asks for every message what became of it.
pub(crate) fn run(input: &[u8]) {
    let mut bytes = Bytes(input);
    let (rules, backoff) = rules(&mut bytes);
    let mut world = World::new(rules, backoff, bytes.next().into());
    for _ in 0..MOST_STEPS {
        if bytes.0.is_empty() {
            break;
        }
        take(&mut world, step(&mut bytes));
    }
    world.settle();
}

/// Zeros come after the last.
struct Bytes<'input>(&'input [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn flag(&mut self) -> bool {
        self.next() & 1 == 1
    }

    fn wide(&mut self) -> u16 {
        u16::from_le_bytes([self.next(), self.next()])
    }

    fn one_of<T: Copy, const COUNT: usize>(&mut self, choices: [T; COUNT]) -> T {
        choices[usize::from(self.next()) % COUNT]
    }
}

fn rules(bytes: &mut Bytes<'_>) -> (Rules, Backoff) {
    let seconds = Duration::from_secs;
    let flags = bytes.next();
    let has = |bit: u8| flags & bit != 0;
    let rules = Rules {
        max_attempts: has(1).then_some(u32::from(flags >> 5) + 1),
        max_elapsed: has(2).then_some(seconds(60)),
        stable_after: seconds(10),
        provide_timeout: seconds(10),
        connect_timeout: Some(seconds(20)),
        handshake_timeout: seconds(10),
        close_timeout: seconds(10),
        has_handshake: has(4),
        can_refresh: has(8),
        heartbeat: has(16).then_some(Beats::every(seconds(7), seconds(3))),
        pings: has(16) && has(8),
        clock_check: has(32).then_some(seconds(10)),
        hidden_limit: has(64).then_some(seconds(30)),
        capacity: Capacity { messages: usize::from(bytes.next() % 6) + 1, bytes: u64::from(bytes.next() % 40) + 1 },
        overflow: bytes.one_of([Overflow::Wait, Overflow::Refuse, Overflow::DropOldest, Overflow::DropNewest]),
        retention: has(64).then(|| Box::new(Retention::new(20)) as Box<dyn Retain>),
    };
    let jitter = bytes.one_of([Jitter::Full, Jitter::Equal, Jitter::Decorrelated, Jitter::None]);
    (rules, Backoff::default().jitter(jitter))
}

fn step(bytes: &mut Bytes<'_>) -> Step {
    const CODES: [u16; 14] = [1001, 1005, 1006, 1011, 1012, 1013, 1014, 4000, 1000, 1008, 3000, 3003, 4401, 4403];
    match bytes.next() % 24 {
        0 => Step::ProviderAnswers,
        1 => Step::ProviderFails { give_up: bytes.flag() },
        2 => Step::LinkOpens,
        3 => Step::LinkFails,
        4 => Step::LinkCloses { code: bytes.one_of(CODES) },
        5 => Step::HandshakeEnds { well: bytes.flag() },
        6 => Step::RefusedByMessage,
        7 => Step::Receive,
        8 => Step::Answer { index: usize::from(bytes.next() % 4), numbered: bytes.flag() },
        9 => Step::Late { back: u64::from(bytes.next() % 3) + 1 },
        10 => {
            let flags = bytes.next();
            Step::Send {
                key: (flags & 1 != 0).then_some(flags >> 6),
                expires: (flags & 2 != 0).then(|| bytes.wide()),
                volatile: flags & 4 != 0,
            }
        }
        11 => Step::SendAtOnce,
        12 => Step::SetSticky { key: bytes.next() % 3 },
        13 => Step::RemoveSticky { key: bytes.next() % 3 },
        14 => Step::Transmit { most: usize::MAX },
        15 => Step::Transmit { most: usize::from(bytes.next() % 3) },
        16 => Step::Pass { milliseconds: bytes.wide().into() },
        17 => Step::PassToDeadline,
        18 => Step::Sleep { seconds: bytes.wide() % 10_000 },
        19 => Step::Change(bytes.one_of([
            Change::Online,
            Change::Offline,
            Change::Hidden,
            Change::Visible,
            Change::PageLeft { persisted: false },
            Change::PageLeft { persisted: true },
            Change::PageReturned { persisted: true },
            Change::Frozen,
            Change::Resumed,
        ])),
        20 => Step::Stall(bytes.flag()),
        21 => Step::Pause,
        22 => Step::Resume,
        _ => match bytes.next() {
            // the flag of corpora from before there was more
            flag if flag & 1 == 1 => Step::ReconnectNow,
            2 => Step::Probe,
            4 => Step::NetworkChanged,
            6 => Step::Withdraw { back: u64::from(bytes.next() % 5) },
            8 => Step::Confirm { back: u64::from(bytes.next() % 5) },
            12 => Step::LineUp { length: u64::from(bytes.next() % 30) },
            14 => Step::LookForRoom { index: usize::from(bytes.next() % 4) },
            16 => Step::GiveUp { index: usize::from(bytes.next() % 4) },
            10 => Step::ShutDown { milliseconds: bytes.wide().into() },
            _ => Step::Close,
        },
    }
}
