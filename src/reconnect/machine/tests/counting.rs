//! What counts as an attempt, and since when.

use super::scenes::{SECOND, world};
use crate::{
    platform::Change,
    reconnect::{
        EndCause, Release, State,
        machine::{Machine, Now},
    },
};

/// A command or an event.
type Input = fn(&mut Machine, Now);

#[test]
fn a_connection_that_opened_is_no_failed_attempt_however_it_is_let_go() {
    let ways: [(Input, Input); 3] = [
        (Machine::pause, Machine::resume),
        (
            |machine, now| machine.changed(Change::PageLeft { persisted: true }, now),
            |machine, now| machine.changed(Change::PageReturned { persisted: true }, now),
        ),
        (Machine::reconnect_now, |_, _| {}),
    ];
    for (leave, come_back) in ways {
        let mut world = world(|rules| rules.max_attempts = Some(3));
        for _ in 0..3 {
            world.open();
            world.run(SECOND);
            world.tell(leave);
            world.tell(come_back);
        }
        assert_eq!(world.machine.state(), &State::Connecting { attempt: 1 });
        world.refuse();
        assert!(matches!(world.machine.state(), State::Waiting(_)), "{}", world.machine.state());
        assert_eq!(world.machine.attempt(), 2);
    }
}

#[test]
fn a_hidden_page_ends_no_attempt_either() {
    let mut world = world(|rules| {
        rules.max_attempts = Some(2);
        rules.hidden_limit = Some(SECOND);
    });
    for _ in 0..5 {
        world.open();
        world.change(Change::Hidden);
        world.run(2 * SECOND);
        assert_eq!(world.machine.state(), &State::Paused(Release::PageHidden));
        world.change(Change::Visible);
    }
    assert_eq!(world.machine.state(), &State::Connecting { attempt: 1 });
}

#[test]
fn time_in_which_nothing_is_tried_is_not_counted() {
    let minutes = 60 * SECOND;
    let mut paused = world(|rules| rules.max_elapsed = Some(10 * minutes)).opened();
    paused.run(20 * SECOND);
    paused.tell(Machine::pause);
    paused.run(60 * minutes);
    paused.tell(Machine::resume);
    paused.refuse();
    assert!(matches!(paused.machine.state(), State::Waiting(_)), "{}", paused.machine.state());

    let mut offline = world(|rules| rules.max_elapsed = Some(10 * minutes));
    offline.refuse();
    for _ in 0..5 {
        offline.change(Change::Offline);
        offline.run(60 * minutes);
        offline.change(Change::Online);
        offline.refuse();
    }
    assert!(matches!(offline.machine.state(), State::Waiting(_)), "{}", offline.machine.state());
}

#[test]
fn resume_and_reconnect_now_begin_anew() {
    let begin_anew: [Input; 2] = [
        |machine, now| {
            machine.pause(now);
            machine.resume(now);
        },
        Machine::reconnect_now,
    ];
    for begin_anew in begin_anew {
        let mut world = world(|rules| {
            rules.max_attempts = Some(3);
            rules.max_elapsed = Some(100 * SECOND);
        });
        for _ in 0..2 {
            world.run(5 * SECOND);
            world.refuse();
            world.run(world.delay());
        }
        world.run(5 * SECOND);
        world.tell(begin_anew);
        assert_eq!(world.machine.state(), &State::Connecting { attempt: 1 });
        world.refuse();
        assert_eq!(world.delay().as_millis(), 100);
        world.run(world.delay());
        world.refuse();
        world.run(world.delay());
        world.refuse();
        assert!(matches!(world.machine.state(), State::Ended(EndCause::AttemptsExhausted { attempts: 3, .. })));
    }
}
