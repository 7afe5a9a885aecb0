//! Commands: a shutdown in good order, attempts that are replaced, news of the application.

use super::{
    scenes::{LIMIT, PERIOD, SECOND, world},
    world::World,
};
use crate::{
    platform::Change,
    reconnect::{
        EndCause, Ended, Event, State,
        machine::{Machine, Now},
    },
};

fn ended(world: &World) -> Option<Ended> {
    world.events.iter().find_map(|event| match event {
        Event::Ended(ended) => Some(ended.clone()),
        _ => None,
    })
}

#[test]
fn a_shutdown_sends_what_waits_waits_for_proof_and_closes() {
    let mut world = world(|rules| rules.pings = true).opened();
    world.send(|message| message);
    world.shut_down(60 * SECOND);
    world.send(|message| message);
    assert_eq!(world.machine.progress().queued, 1, "nothing more is accepted");
    world.transmit(usize::MAX);
    assert!(world.machine.state().is_open() && world.probes() == 1, "it asks whether that has arrived");
    world.answer(0, true);
    assert_eq!(world.machine.state(), &State::Closing);
    world.closed_by_peer(1000);
    let ended = ended(&world).expect("the end");
    assert_eq!((ended.unsent.len(), ended.unknown.len(), ended.reached.len()), (0, 1, 1));
    assert!(matches!(ended.cause, EndCause::Closed { close: Some(_) }));
}

#[test]
fn a_shutdown_without_a_connection_makes_one_to_send_what_waits() {
    let mut world = world(|_| {});
    world.send(|message| message);
    world.shut_down(60 * SECOND);
    world.refuse();
    world.run(world.delay());
    world.open();
    world.transmit(usize::MAX);
    world.answer(0, false);
    assert_eq!(world.machine.state(), &State::Closing);
    world.closed_by_peer(1000);
    assert!(ended(&world).is_some_and(|ended| ended.unsent.is_empty() && ended.unknown.is_empty()));
}

#[test]
fn a_shutdown_with_nothing_to_send_ends_at_once() {
    let mut idle = world(|_| {});
    idle.shut_down(60 * SECOND);
    assert!(idle.machine.is_ended());
    let mut open = world(|_| {}).opened();
    open.shut_down(60 * SECOND);
    assert_eq!(open.machine.state(), &State::Closing);
    let mut sent = world(|rules| rules.heartbeat = None).opened();
    sent.send_over(1);
    sent.shut_down(60 * SECOND);
    assert_eq!(sent.machine.state(), &State::Closing, "where nothing can prove it, it does not wait");
}

#[test]
fn a_shutdown_ends_in_time_whatever_happens() {
    let within = 30 * SECOND;
    let mut paused = world(|_| {});
    paused.send(|message| message);
    paused.tell(Machine::pause);
    paused.shut_down(within);
    paused.run(within);
    assert_eq!(ended(&paused).map(|ended| ended.unsent.len()), Some(1));

    let mut clogged = world(|_| {}).opened();
    clogged.send(|message| message);
    clogged.shut_down(within);
    clogged.run(within);
    assert_eq!(ended(&clogged).map(|ended| ended.unsent.len()), Some(1));

    let mut silent = world(|_| {}).opened();
    silent.send_over(1);
    silent.shut_down(10 * SECOND);
    silent.run(10 * SECOND);
    assert_eq!(ended(&silent).map(|ended| ended.unknown.len()), Some(1));

    let mut lost = world(|_| {}).opened();
    lost.send_over(1);
    lost.shut_down(within);
    lost.closed_by_peer(1006);
    assert!(lost.machine.is_ended(), "nothing waits, and what was sent is told");
}

#[test]
fn an_attempt_that_hangs_is_replaced() {
    let mut providing = world(|_| {});
    let before = providing.provider;
    providing.reconnect_now();
    assert!(providing.provider > before);

    let mut connecting = world(|_| {});
    connecting.provide();
    connecting.reconnect_now();
    assert!(connecting.link.is_none() && connecting.provider.is_some());

    let mut handshaking = world(|rules| rules.has_handshake = true);
    handshaking.open();
    handshaking.reconnect_now();
    assert!(handshaking.link.is_none() && handshaking.handshake.is_none() && handshaking.provider.is_some());
}

#[test]
fn news_of_the_application_count_as_those_of_a_browser() {
    let mut waiting = world(|_| {});
    waiting.refuse();
    waiting.tell(Machine::network_changed);
    assert!(waiting.provider.is_some());

    let mut open = world(|_| {}).opened();
    open.tell(Machine::network_changed);
    assert_eq!(open.probes(), 1);
    open.tell(Machine::probe_now);
    assert_eq!(open.probes(), 2);
    open.run(LIMIT);
    assert!(open.is_unresponsive());

    let mut offline = world(|_| {});
    offline.change(Change::Offline);
    offline.tell(Machine::network_changed);
    offline.run(PERIOD);
    assert_eq!(offline.machine.state(), &State::Offline, "that it is another is not that it is there");
}

/// A peer that is asked again and again has no more time for its answer.
#[test]
fn asking_again_gives_a_silent_peer_no_more_time() {
    let again: [fn(&mut Machine, Now); 4] = [
        Machine::network_changed,
        Machine::probe_now,
        |machine, now| machine.changed(Change::Online, now),
        |machine, now| machine.changed(Change::Visible, now),
    ];
    for again in again {
        let mut world = world(|_| {}).opened();
        for _ in 0..4 {
            world.tell(again);
            world.run(LIMIT / 3);
        }
        assert!(world.is_unresponsive());
    }
}

#[test]
fn a_second_shutdown_can_only_shorten_the_first() {
    for (second, expected) in [(SECOND, SECOND), (600 * SECOND, 30 * SECOND)] {
        let mut world = world(|_| {});
        world.send(|message| message);
        world.tell(Machine::pause);
        world.shut_down(30 * SECOND);
        world.shut_down(second);
        world.run(expected - std::time::Duration::from_millis(1));
        assert!(!world.machine.is_ended());
        world.run(std::time::Duration::from_millis(1));
        assert!(world.machine.is_ended());
    }
}
