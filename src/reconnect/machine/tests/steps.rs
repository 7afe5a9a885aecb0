//! What may happen to the machine, and its happening in the world of paper.

use super::world::World;
use crate::{
    Cause, ConnectionError,
    platform::Change,
    reconnect::{Failure, machine::Machine},
};
use std::time::Duration;

/// Something that may happen at any time, possible or not.
#[derive(Debug, Clone)]
pub(super) enum Step {
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

fn error() -> ConnectionError {
    ConnectionError::new("ws://host/".into(), Cause::Disconnected)
}

/// Lets it happen, if it can now.
pub(super) fn take(world: &mut World, step: Step) {
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
