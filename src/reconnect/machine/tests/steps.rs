//! What may happen to the machine, and its happening in the world of paper.

use super::world::World;
use crate::{
    Cause, ConnectionError,
    platform::Change,
    reconnect::{Failure, UserError, machine::Machine},
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
    LineUp { length: u64 },
    LookForRoom { index: usize },
    GiveUp { index: usize },
    Withdraw { back: u64 },
    Confirm { back: u64 },
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
    Probe,
    NetworkChanged,
    ShutDown { milliseconds: u32 },
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
                let expires_at = world.token_expires_at;
                world.tell(|machine, now| machine.provided(generation, Ok(expires_at), now));
            }
        }
        Step::ProviderFails { give_up } => {
            if let Some(generation) = world.provider.take() {
                let failure = Failure::Provider { error: UserError::new("no"), give_up };
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
                let failure = Failure::Handshake { error: UserError::new("no"), give_up: false };
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
                world.tell(|machine, now| machine.received_messages(generation, now));
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
        Step::LineUp { length } => world.line_up(length),
        Step::LookForRoom { index } => world.look_for_room(index),
        Step::GiveUp { index } => world.give_up(index),
        Step::Withdraw { back } => world.withdraw(back),
        Step::Confirm { back } => world.confirm(back),
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
        Step::Probe => world.tell(Machine::probe_now),
        Step::NetworkChanged => world.tell(Machine::network_changed),
        Step::ShutDown { milliseconds } => world.shut_down(Duration::from_millis(milliseconds.into())),
        Step::Close => world.close(),
    }
}

/// What an older attempt or link says changes nothing.
fn late(world: &mut World, back: u64) {
    let Some(old) = world.machine.generation.checked_sub(back) else { return };
    let state = world.machine.state().clone();
    let failure = || Failure::Handshake { error: UserError::new("late"), give_up: true };
    world.tell(|machine, now| machine.provided(old, Err(failure()), now));
    world.tell(|machine, now| machine.provided(old, Ok(None), now));
    world.tell(|machine, now| machine.opened(old, now));
    world.tell(|machine, now| machine.handshaken(old, Err(failure()), now));
    world.tell(|machine, now| machine.refused(old, now));
    world.tell(|machine, now| machine.failed(old, failure(), now));
    let close = crate::CloseEvent::new(1000, String::new(), true);
    world.tell(|machine, now| machine.closed(old, None, close, now));
    assert_eq!(world.machine.state(), &state, "a late event had an effect");
}
