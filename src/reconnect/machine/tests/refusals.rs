//! Credentials that are refused, were accepted before, or have expired.

use super::{
    scenes::{SECOND, world},
    world::World,
};
use crate::{
    Cause, ConnectionError, HttpRefusal,
    reconnect::{EndCause, State},
};

/// The upgrade is refused with 401.
fn unauthorized(world: &mut World) {
    world.provide();
    let cause = Cause::Http(HttpRefusal::new(401, Vec::new(), Default::default()));
    world.end_link(1006, Some(ConnectionError::new("ws://host/".into(), cause)));
}

fn is_refused(world: &World) -> bool {
    matches!(world.machine.state(), State::Ended(EndCause::CredentialsRefused(_)))
}

/// 401, new credentials, sixty good connections of 5 s, 401: those were accepted sixty times.
#[test]
fn what_opened_connections_is_not_refused_when_the_upgrade_is() {
    let mut world = world(|_| {});
    unauthorized(&mut world);
    for _ in 0..60 {
        world.run(world.delay());
        world.open();
        world.run(5 * SECOND);
        world.closed_by_peer(1001);
    }
    world.run(world.delay());
    unauthorized(&mut world);
    assert!(!is_refused(&world), "{}", world.machine.state());
    world.run(world.delay());
    unauthorized(&mut world);
    assert!(is_refused(&world), "new ones that nothing accepted are");
}

/// Accepted, data flows, 4401, and again, with every token within `stable_after`.
#[test]
fn tokens_of_short_life_go_on_for_as_long_as_they_are_accepted() {
    let mut world = world(|_| {});
    for round in 0..50 {
        world.open();
        world.receive_message();
        world.run(5 * SECOND);
        world.closed_by_peer(4401);
        assert!(!is_refused(&world), "in round {round}");
        assert!(world.delay().is_zero(), "they lasted, so that new ones are had at once");
        world.run(world.delay());
    }
}

/// A server may say why before it closes.
#[test]
fn a_refusal_that_begins_with_a_message_is_no_acceptance() {
    let mut world = world(|_| {});
    for _ in 0..2 {
        world.open();
        world.receive_message();
        world.closed_by_peer(4401);
        world.run(world.machine.time_to_retry(world.now.at).unwrap_or_default());
    }
    assert!(is_refused(&world), "{}", world.machine.state());
}

#[test]
fn a_server_that_accepts_and_refuses_in_turn_is_not_asked_without_end() {
    let mut world = world(|rules| rules.has_handshake = true);
    let mut delays = Vec::new();
    for _ in 0..10 {
        world.open();
        let generation = world.handshake.take().expect("a handshake");
        world.tell(|machine, now| machine.handshaken(generation, Ok(()), now));
        world.closed_by_peer(4401);
        delays.push(world.delay());
        world.run(world.delay());
    }
    assert!(delays[0].is_zero() && delays[1..].is_sorted() && delays[9] > 5 * SECOND, "{delays:?}");
}

#[test]
fn an_upgrade_alone_is_no_acceptance_by_the_application() {
    let mut world = world(|_| {});
    world.open();
    world.closed_by_peer(4401);
    world.run(world.delay());
    world.open();
    world.run(2 * SECOND);
    world.receive();
    world.closed_by_peer(4401);
    assert!(is_refused(&world), "an answered ping is none of the application's");
}

#[test]
fn a_session_handshake_that_went_well_is() {
    let mut world = world(|rules| rules.has_handshake = true);
    for _ in 0..5 {
        world.open();
        let generation = world.handshake.take().expect("a handshake");
        world.tell(|machine, now| machine.handshaken(generation, Ok(()), now));
        world.closed_by_peer(4401);
        assert!(!is_refused(&world));
        world.run(world.delay());
    }
}

#[test]
fn a_token_past_its_own_expiry_has_expired_and_was_not_refused() {
    let mut world = world(|_| {});
    unauthorized(&mut world);
    for _ in 0..5 {
        world.run(world.delay());
        world.token_expires_at = Some(world.now.after(300 * SECOND));
        world.provide();
        // the monotonic clock stands still meanwhile
        world.sleep(8 * 3_600 * SECOND);
        let cause = Cause::Http(HttpRefusal::new(401, Vec::new(), Default::default()));
        world.end_link(1006, Some(ConnectionError::new("ws://host/".into(), cause)));
        assert!(!is_refused(&world) && world.delay().is_zero(), "{}", world.machine.state());
    }
}

/// A source whose tokens have expired when they are had is not asked without end.
#[test]
fn a_token_of_no_life_is_not_renewed_without_delay() {
    let mut world = world(|_| {});
    let mut delays = Vec::new();
    for _ in 0..10 {
        world.token_expires_at = Some(world.now);
        unauthorized(&mut world);
        delays.push(world.delay());
        world.run(world.delay());
    }
    assert!(delays[0].is_zero() && delays[1..].is_sorted() && delays[9] > 5 * SECOND, "{delays:?}");
}
