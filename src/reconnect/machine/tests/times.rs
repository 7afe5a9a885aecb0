//! Times: what a server asks for, sleep, slow networks and busy threads.

use super::{
    scenes::{LIMIT, PERIOD, SECOND, world},
    world::World,
};
use crate::{
    Cause, ConnectionError, HttpRefusal,
    reconnect::{
        Backoff, Decision, DropReason, Event, Failure, Outgoing, RetryPolicy, State,
        machine::{Beats, Machine, Rules, Transport},
    },
};
use std::time::Duration;

fn unavailable(world: &mut World, retry_after: &str) {
    world.provide();
    let headers = vec![("retry-after".to_owned(), retry_after.to_owned())];
    let cause = Cause::Http(HttpRefusal::new(503, headers, Default::default()));
    world.end_link(1006, Some(ConnectionError::new("ws://host/".into(), cause)));
}

/// Also a date in the past: any clock that is ahead of the server's has it so.
#[test]
fn no_wait_that_a_server_asks_for_is_shorter_than_the_backoffs() {
    for retry_after in ["0", "Sun, 06 Nov 1994 08:49:37 GMT"] {
        let mut world = world(|_| {});
        let mut delays = Vec::new();
        for _ in 0..6 {
            unavailable(&mut world, retry_after);
            delays.push(world.delay().as_millis());
            world.run(world.delay());
        }
        assert_eq!(delays, [100, 200, 400, 800, 1600, 3200]);
    }
}

/// What the user says goes: also no wait at all.
#[test]
fn a_wait_that_the_user_sets_is_that_wait() {
    let policy = RetryPolicy::new().on_code(4000, Decision::RetryAfter(Duration::ZERO));
    let mut world = World::with_policy(Rules::default(), Backoff::constant(60 * SECOND), policy, 1).opened();
    world.closed_by_peer(4000);
    assert!(world.delay().is_zero());
}

/// Neither the policy nor its function is asked before the machine has let go of the link, and what
/// they say counts when they say it.
#[test]
fn what_a_policy_decides_late_meets_what_holds_by_then() {
    let policy = RetryPolicy::new().on_failure(|_| Some(Decision::Stop));
    let mut world = World::with_policy(Rules::default(), Backoff::default(), policy, 1).opened();
    world.closed_by_peer(1001);
    assert!(world.machine.is_ended());
}

#[test]
fn messages_expire_in_sleep() {
    let mut world = world(|_| {});
    world.send(|message| message.expires_in(5 * SECOND));
    world.sleep(8 * 3_600 * SECOND);
    let is_expired = |event: &Event| matches!(event, Event::Dropped(dropped) if dropped.reason == DropReason::Expired);
    assert!(world.events.iter().any(is_expired));
    assert_eq!(world.machine.progress().queued, 0);

    world.send(|message| message.expires_in(60 * SECOND));
    world.run(59 * SECOND);
    assert_eq!(world.machine.progress().queued, 1, "one that was sent after it has its whole time");
}

/// The first look after sleep may be that of a sender, or of a link that opens.
#[test]
fn what_expired_in_sleep_is_not_sent_by_whatever_comes_first() {
    let mut world = world(|_| {});
    world.send(|message| message.expires_in(5 * SECOND));
    world.provide();
    world.doze(3_600 * SECOND);
    let link = world.link.as_mut().expect("a link");
    link.open = true;
    let generation = link.generation;
    let now = world.now;
    world.machine.opened(generation, now);
    let mut sent = Vec::new();
    world.machine.transmit(
        || now,
        |message| {
            sent.push(message.clone());
            true
        },
    );
    assert!(sent.is_empty());
}

/// The transport may take more before any timer is looked at.
#[test]
fn what_expired_in_sleep_is_not_sent_when_the_link_takes_more() {
    let mut world = world(|_| {}).opened();
    world.send(|message| message.expires_in(5 * SECOND));
    world.transmit(0);
    world.doze(3_600 * SECOND);
    world.transmit(usize::MAX);
    let is_expired = |event: &Event| matches!(event, Event::Dropped(dropped) if dropped.reason == DropReason::Expired);
    assert!(world.events.iter().any(is_expired));
}

#[test]
fn a_network_that_takes_anything_is_alive() {
    let mut world = world(|_| {}).opened();
    for taken in 0..20 {
        let transport = Transport { taken, buffered: 40 << 20, is_refused: false };
        world.tell(|machine, _| machine.note_transport(transport));
        world.run(LIMIT);
    }
    assert!(world.machine.state().is_open());
    world.run(PERIOD + 2 * LIMIT);
    assert!(world.is_unresponsive());
}

/// The head of a refusal came in time, and the rest of it is on its way when the deadline passes.
#[test]
fn how_it_was_refused_is_waited_for_a_moment() {
    let refused = Transport { is_refused: true, ..Transport::default() };
    for is_told in [true, false] {
        let mut world = world(|rules| rules.connect_timeout = Some(5 * SECOND));
        world.provide();
        world.run(4 * SECOND);
        world.tell(|machine, _| machine.note_transport(refused));
        world.run(SECOND + SECOND / 2);
        assert_eq!(world.machine.state(), &State::Connecting { attempt: 1 });
        if is_told {
            let cause = Cause::Http(HttpRefusal::new(403, Vec::new(), Default::default()));
            world.end_link(1006, Some(ConnectionError::new("ws://host/".into(), cause)));
            assert!(matches!(world.machine.state(), State::Ended(_)), "{}", world.machine.state());
        } else {
            world.run(SECOND);
            assert!(matches!(world.machine.last_failure(), Some(Failure::ConnectTimeout { .. })));
        }
    }
}

/// A busy thread: what is to be done is done late, and has its whole time from then on.
#[test]
fn deadlines_run_from_when_something_is_done() {
    let rules = Rules { has_handshake: true, ..Rules::default() };
    let mut world = World::late(rules, Backoff::default(), RetryPolicy::new(), 1);
    for expected in ["provider", "connection", "handshake"] {
        world.now.at = world.now.at.after(11 * SECOND);
        world.now.wall += 11 * SECOND;
        // the driver has its turn at last, and looks at the time after it
        world.check();
        world.tell(Machine::handle_timeout);
        match expected {
            "provider" => {
                let generation = world.provider.take().expect("it was asked");
                world.late_tell(|machine, now| machine.provided(generation, Ok(None), now));
            }
            "connection" => {
                let link = world.link.as_mut().expect("it was begun");
                link.open = true;
                let generation = link.generation;
                world.late_tell(|machine, now| machine.opened(generation, now));
            }
            _ => {
                let generation = world.handshake.take().expect("it was begun");
                world.late_tell(|machine, now| machine.handshaken(generation, Ok(()), now));
            }
        }
    }
    assert!(world.machine.state().is_open());
}

#[test]
fn volatile_messages_never_wait() {
    let mut world = world(|_| {}).opened();
    let now = world.now;
    for _ in 0..10_000 {
        let refused = world.machine.send(Outgoing::new("typing").volatile(), None, || now);
        assert!(refused.is_err_and(|error| error.into_message() == "typing".into()));
    }
    assert_eq!(world.machine.progress().queued, 0);
}

#[test]
fn extreme_durations_have_an_effect_that_is_defined() {
    for extreme in [Duration::ZERO, Duration::MAX] {
        let mut world = world(|rules| {
            rules.stable_after = extreme;
            rules.provide_timeout = Duration::MAX;
            rules.connect_timeout = Some(Duration::MAX);
            rules.handshake_timeout = Duration::MAX;
            rules.close_timeout = extreme;
            rules.heartbeat = Some(Beats::every(Duration::MAX, extreme));
            rules.hidden_limit = Some(extreme);
            rules.clock_check = Some(Duration::MAX);
            rules.max_elapsed = Some(Duration::MAX);
        })
        .opened();
        world.send(|message| message.expires_in(extreme));
        world.run(SECOND);
        world.closed_by_peer(1006);
        world.run(world.delay());
        world.open();
        assert!(matches!(world.machine.state(), State::Open));
        world.shut_down(extreme);
        world.settle();
    }
    let failure = Failure::ProviderTimeout { after: Duration::MAX };
    assert!(!failure.to_string().is_empty());
}
