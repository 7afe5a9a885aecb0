//! Rules that are best shown alone, in virtual time.

use super::{
    scenes::{LIMIT, PERIOD, SECOND, rules, world},
    world::World,
};
use crate::{
    Cause, CloseEvent, ConnectionError,
    platform::Change,
    reconnect::{
        Backoff, Decision, EndCause, Failure, Overflow, Release, RetryPolicy, State, UserError,
        machine::{Beats, Capacity, Machine, Transport},
    },
};
use std::time::Duration;

/// Nothing comes at all: noticed when period and limit have passed, and not before.
#[test]
fn a_half_open_link_is_noticed_within_period_and_dead_limit() {
    let mut world = world(|_| {}).opened();
    world.run(PERIOD + LIMIT - Duration::from_millis(1));
    assert!(world.machine.state().is_open());
    assert_eq!(world.probes(), 1);
    world.run(Duration::from_millis(1));
    assert!(world.is_unresponsive());
}

#[test]
fn anything_that_arrives_counts_as_life() {
    let mut world = world(|_| {}).opened();
    for _ in 0..100 {
        world.run(LIMIT - SECOND);
        world.receive();
    }
    assert!(world.probes() > 50 && !world.is_unresponsive(), "heartbeats go on, and none is answered");
    world.run(PERIOD + LIMIT);
    assert!(world.is_unresponsive());
}

#[test]
fn the_round_trip_is_that_of_the_answered_heartbeat() {
    let mut world = world(|_| {}).opened();
    world.run(PERIOD + 3 * SECOND);
    world.answer(0, true);
    assert_eq!(world.machine.round_trip(), Some(3 * SECOND));
}

#[test]
fn an_answered_heartbeat_confirms_what_was_handed_over_before_it() {
    let mut world = world(|_| {}).opened();
    (0..3).for_each(|_| world.send(|message| message));
    world.transmit(2);
    world.run(PERIOD);
    world.transmit(1);
    world.answer(0, false);
    let progress = world.machine.progress();
    assert_eq!(progress.delivered.map(|number| number.get()), Some(2));
    assert_eq!(progress.handed_over.map(|number| number.get()), Some(3));
}

/// An answer without a number belongs to the oldest heartbeat: it must not confirm what was
/// handed over after that.
#[test]
fn a_late_answer_without_a_number_confirms_only_what_it_can() {
    let mut world = world(|_| {}).opened();
    world.send(|message| message);
    world.transmit(1);
    world.run(PERIOD);
    world.receive();
    world.send(|message| message);
    world.transmit(1);
    world.run(PERIOD);
    assert_eq!(world.probes(), 2);
    world.answer(0, false);
    assert_eq!(world.machine.progress().delivered.map(|number| number.get()), Some(1));
}

/// A background tab's timers fire once a minute: the answer came long ago and is handled after.
#[test]
fn late_timers_cause_no_false_drop() {
    let mut world = world(|_| {}).opened();
    for _ in 0..100 {
        world.pass(60 * SECOND);
        assert!(world.machine.state().is_open());
        world.answer(0, true);
    }
}

/// And yet a peer that is gone is noticed there too: at the second late look.
#[test]
fn late_timers_do_not_hide_a_dead_peer() {
    let mut world = world(|_| {}).opened();
    world.pass(60 * SECOND);
    world.pass(60 * SECOND);
    assert!(world.machine.state().is_open());
    world.pass(60 * SECOND);
    assert!(world.is_unresponsive());
}

#[test]
fn a_slow_reader_is_no_dead_peer() {
    let mut world = world(|_| {}).opened();
    world.tell(|machine, _| machine.set_stalled(true));
    world.run(20 * (PERIOD + LIMIT));
    assert!(world.machine.state().is_open());
    world.tell(|machine, _| machine.set_stalled(false));
    world.run(PERIOD + LIMIT);
    assert!(world.is_unresponsive());
}

/// A heartbeat that waits behind much else on a slow network is no dead peer either, as long as
/// the network takes some of it; a network that takes nothing more is.
#[test]
fn a_slow_network_is_no_dead_peer() {
    let mut world = world(|_| {}).opened();
    let transport = |taken, buffered| Transport { taken, buffered, is_refused: false };
    for kilobytes in 0..20 {
        world.tell(|machine, _| machine.note_transport(transport(kilobytes * 1_000, 100_000)));
        world.run(LIMIT);
    }
    assert!(world.machine.state().is_open());
    world.run(PERIOD + 2 * LIMIT);
    assert!(world.is_unresponsive());
}

#[test]
fn sleep_ends_a_wait_at_once_and_probes_an_open_link() {
    let mut asleep = world(|_| {});
    (0..6).for_each(|_| {
        asleep.refuse();
        asleep.run(asleep.delay());
    });
    asleep.refuse();
    assert_eq!(asleep.delay(), Duration::from_millis(6_400));
    asleep.sleep(3_600 * SECOND);
    assert!(asleep.provider.is_some(), "{}", asleep.machine.state());

    let mut open = world(|_| {}).opened();
    open.sleep(3_600 * SECOND);
    assert_eq!(open.probes(), 1);
    open.run(LIMIT);
    assert!(open.is_unresponsive());
}

/// Where the monotonic clock goes on in sleep, the missed deadline tells.
#[test]
fn a_deadline_missed_by_far_is_sleep_too() {
    let mut world = world(|_| {}).opened();
    world.pass(3_600 * SECOND);
    assert_eq!(world.probes(), 1);
    assert!(world.machine.state().is_open());
}

/// Sleep may show by the clocks and by an event at once.
#[test]
fn news_after_sleep_ask_for_one_sign_of_life() {
    for change in [Change::Online, Change::Visible, Change::Resumed, Change::PageReturned { persisted: true }] {
        let mut world = world(|_| {}).opened();
        world.change(change);
        assert_eq!(world.probes(), 1, "{change:?} alone");
        world.now.wall += 3_600 * SECOND;
        world.change(change);
        assert_eq!(world.probes(), 2, "{change:?} and an hour that nobody saw");
    }
}

#[test]
fn several_late_timers_tell_of_one_sleep() {
    let mut world = world(|rules| rules.heartbeat = Some(Beats::every(600 * SECOND, LIMIT))).opened();
    world.run(15 * SECOND);
    // a heartbeat and a look at the clocks are late
    world.now.at = world.now.at.after(700 * SECOND);
    world.now.wall += 700 * SECOND;
    world.change(Change::Visible);
    world.tell(Machine::handle_timeout);
    assert_eq!(world.probes(), 1);
}

#[test]
fn offline_spends_no_attempts_and_online_tries_at_once() {
    let mut world = world(|rules| rules.max_attempts = Some(3));
    world.refuse();
    world.change(Change::Offline);
    assert_eq!(world.machine.state(), &State::Offline);
    world.run(1_000 * SECOND);
    assert_eq!(world.machine.state(), &State::Offline);
    world.change(Change::Online);
    assert_eq!(world.machine.state(), &State::Connecting { attempt: 2 });
    world.provide();
    world.change(Change::Offline);
    assert!(world.link.is_none(), "the attempt is given up");
    world.change(Change::Online);
    assert_eq!(world.machine.state(), &State::Connecting { attempt: 2 }, "and was not counted");
}

#[test]
fn a_link_that_is_open_is_kept_when_the_browser_says_offline_and_probed_when_online() {
    let mut world = world(|_| {}).opened();
    world.change(Change::Offline);
    assert!(world.machine.state().is_open());
    world.change(Change::Online);
    assert_eq!(world.probes(), 1);
    world.change(Change::Offline);
    world.end_link(1006, Some(ConnectionError::new("ws://host/".into(), Cause::Disconnected)));
    assert_eq!(world.machine.state(), &State::Offline);
}

#[test]
fn a_page_in_the_cache_has_no_connection_and_comes_back_with_one() {
    let mut world = world(|_| {}).opened();
    world.change(Change::PageLeft { persisted: false });
    assert!(world.machine.state().is_open(), "a page that is gone for good is the browser's to close");
    world.change(Change::PageLeft { persisted: true });
    assert_eq!(world.machine.state(), &State::Paused(Release::PageLeft));
    assert!(world.link.is_none());
    world.change(Change::PageReturned { persisted: true });
    world.open();
    assert!(world.machine.state().is_open());
}

#[test]
fn a_hidden_page_keeps_its_connection_until_the_limit() {
    let mut world = world(|rules| {
        rules.hidden_limit = Some(60 * SECOND);
        rules.heartbeat = None;
    })
    .opened();
    world.change(Change::Hidden);
    world.run(59 * SECOND);
    world.change(Change::Visible);
    world.run(600 * SECOND);
    assert!(world.machine.state().is_open());
    world.change(Change::Hidden);
    world.run(60 * SECOND);
    assert_eq!(world.machine.state(), &State::Paused(Release::PageHidden));
    world.change(Change::Visible);
    assert_eq!(world.machine.state(), &State::Connecting { attempt: 1 });
}

/// A tab that comes back must not reopen what the user closed or paused.
#[test]
fn what_the_user_paused_or_closed_stays_so() {
    let everything = [
        Change::Offline,
        Change::Online,
        Change::Hidden,
        Change::Visible,
        Change::PageLeft { persisted: true },
        Change::PageReturned { persisted: true },
        Change::Frozen,
        Change::Resumed,
    ];
    let mut paused = world(|_| {}).opened();
    paused.tell(Machine::pause);
    everything.into_iter().for_each(|change| paused.change(change));
    paused.sleep(3_600 * SECOND);
    assert_eq!(paused.machine.state(), &State::Paused(Release::Paused));

    let mut closed = world(|_| {});
    closed.close();
    everything.into_iter().for_each(|change| closed.change(change));
    closed.tell(Machine::resume);
    assert_eq!(closed.machine.state(), &State::Ended(EndCause::Closed { close: None }));
}

#[test]
fn attempts_are_counted_anew_only_after_a_stable_connection() {
    let mut world = world(|_| {});
    world.refuse();
    world.run(world.delay());
    world.open();
    world.run(9 * SECOND);
    world.end_link(1006, None);
    assert_eq!(world.delay(), Duration::from_millis(200), "it was not stable");
    world.run(world.delay());
    world.open();
    world.run(10 * SECOND);
    world.end_link(1006, None);
    assert_eq!(world.delay(), Duration::from_millis(100), "it was");
}

#[test]
fn attempts_and_time_have_limits() {
    let mut attempts = world(|rules| rules.max_attempts = Some(2));
    attempts.refuse();
    attempts.run(attempts.delay());
    attempts.refuse();
    assert!(matches!(attempts.machine.state(), State::Ended(EndCause::AttemptsExhausted { attempts: 2, .. })));

    let mut time = world(|rules| rules.max_elapsed = Some(SECOND));
    while !time.machine.is_ended() {
        time.refuse();
        time.run(time.machine.time_to_retry(time.now.at).unwrap_or_default());
    }
    assert!(
        matches!(time.machine.state(), State::Ended(EndCause::TimeExhausted { elapsed, .. }) if *elapsed <= SECOND)
    );
}

#[test]
fn every_phase_has_its_deadline() {
    let mut stuck = world(|rules| rules.has_handshake = true);
    let failure = |world: &World| match world.machine.state() {
        State::Waiting(waiting) => waiting.failure.clone(),
        other => panic!("{other}"),
    };
    stuck.run(10 * SECOND);
    assert_eq!(failure(&stuck), Failure::ProviderTimeout { after: 10 * SECOND });
    stuck.run(stuck.delay());
    stuck.provide();
    stuck.run(20 * SECOND);
    assert_eq!(failure(&stuck), Failure::ConnectTimeout { after: 20 * SECOND });
    stuck.run(stuck.delay());
    stuck.open();
    stuck.run(10 * SECOND);
    assert_eq!(failure(&stuck), Failure::HandshakeTimeout { after: 10 * SECOND });

    let mut closing = world(|_| {}).opened();
    closing.close();
    assert_eq!(closing.machine.state(), &State::Closing);
    closing.run(10 * SECOND);
    assert!(closing.machine.is_ended());
}

#[test]
fn fresh_credentials_that_are_refused_too_end_it() {
    let mut world = world(|_| {}).opened();
    let close = |world: &mut World| world.end_link(4401, None);
    close(&mut world);
    assert_eq!(world.delay(), Duration::ZERO);
    world.run(Duration::ZERO);
    world.open();
    close(&mut world);
    let refused = Failure::Closed(CloseEvent::new(4401, String::new(), true));
    assert_eq!(world.machine.state(), &State::Ended(EndCause::CredentialsRefused(refused)));
}

/// Tokens of short life: each may be refused once, when a connection was stable in between.
#[test]
fn credentials_may_be_refused_again_after_a_stable_connection() {
    let mut world = world(|_| {}).opened();
    for _ in 0..5 {
        world.end_link(4401, None);
        world.run(Duration::ZERO);
        world.open();
        world.run(10 * SECOND);
    }
    assert!(world.machine.state().is_open());
}

#[test]
fn a_refresh_that_failed_is_asked_for_again() {
    let mut world = world(|_| {}).opened();
    world.end_link(4401, None);
    world.run(Duration::ZERO);
    let generation = world.provider.take().expect("a provider");
    let failure = Failure::Provider { error: UserError::new("no network"), give_up: false };
    world.tell(|machine, now| machine.provided(generation, Err(failure), now));
    assert!(world.machine.acceptance.wanted);
    world.run(world.delay());
    world.open();
    assert!(!world.machine.acceptance.wanted);
}

#[test]
fn a_server_that_restarts_is_left_alone_for_5_to_30_seconds() {
    for seed in 0..1_000 {
        let mut world = World::new(rules(), Backoff::none(), seed).opened();
        world.end_link(1012, None);
        assert!(5 * SECOND <= world.delay() && world.delay() <= 30 * SECOND);
    }
}

#[test]
fn what_the_server_asks_to_wait_is_waited_and_a_part_more() {
    for seed in 0..1_000 {
        let policy = RetryPolicy::new().on_code(4000, Decision::RetryAfter(8 * SECOND));
        let mut world = World::with_policy(rules(), Backoff::none(), policy, seed).opened();
        world.end_link(4000, None);
        assert!(8 * SECOND <= world.delay() && world.delay() <= 10 * SECOND);
    }
}

#[test]
fn reconnect_now_works_from_every_state_but_the_end() {
    let mut waiting = world(|_| {});
    waiting.refuse();
    waiting.reconnect_now();
    assert_eq!(waiting.machine.state(), &State::Connecting { attempt: 1 });
    let before = waiting.provider;
    waiting.reconnect_now();
    assert_eq!(waiting.machine.state(), &State::Connecting { attempt: 1 });
    assert!(waiting.provider > before, "an attempt that may hang is replaced");

    let mut offline = world(|_| {});
    offline.change(Change::Offline);
    offline.reconnect_now();
    assert!(offline.provider.is_some(), "the user may know better");

    let mut open = world(|_| {}).opened();
    let before = open.link.as_ref().map(|link| link.generation);
    open.reconnect_now();
    open.open();
    assert!(open.link.as_ref().map(|link| link.generation) > before);

    let mut paused = world(|_| {}).opened();
    paused.tell(Machine::pause);
    paused.reconnect_now();
    assert!(paused.provider.is_some());
}

/// The older message of a key is not dropped for one that is then refused.
#[test]
fn a_message_that_is_refused_takes_nobodys_place() {
    for overflow in [Overflow::Wait, Overflow::Refuse, Overflow::DropNewest] {
        let mut world = world(|rules| {
            rules.capacity = Capacity { messages: 2, bytes: 4 };
            rules.overflow = overflow;
        });
        world.send(|message| message.latest("k"));
        world.send(|message| message);
        let refused = |world: &mut World| {
            world.send(|mut message| {
                message.message = "too long".into();
                message.latest("k")
            });
        };
        refused(&mut world);
        refused(&mut world);
        let waiting: Vec<u64> = world.machine.queue.numbers().collect();
        assert_eq!(waiting, [1, 2]);
        world.send(|message| message.latest("k"));
        assert_eq!(world.machine.progress().queued, 2, "and is still the one that a newer replaces");
        world.settle();
    }
}

/// Zero is a period that never lets time go on.
#[test]
fn no_period_is_too_short() {
    let mut world = world(|rules| {
        rules.heartbeat = Some(Beats::every(Duration::ZERO, Duration::ZERO));
        rules.clock_check = Some(Duration::ZERO);
    })
    .opened();
    for _ in 0..20 {
        world.pass_to_deadline();
        world.receive();
    }
    assert!(world.probes() > 5, "it asks again and again, and comes to an end each time");
}

/// While closing, what is queued leaves before the close frame.
#[test]
fn close_waits_for_the_queue() {
    let mut world = world(|_| {}).opened();
    (0..3).for_each(|_| world.send(|message| message));
    world.close();
    world.transmit(2);
    assert_eq!(world.machine.progress().queued, 1);
    world.transmit(2);
    world.settle();
}
