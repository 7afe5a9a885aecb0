//! What is known of messages, and by whom.

use super::{
    scenes::{PERIOD, world},
    world::World,
};
use crate::reconnect::{Event, Interruption, SequenceNumber, Sequences};

fn numbers(sequences: &Sequences) -> Vec<u64> {
    sequences.iter().map(SequenceNumber::get).collect()
}

fn interruption(world: &World) -> Interruption {
    let last = world.events.iter().rev().find_map(|event| match event {
        Event::Interrupted(interruption) => Some(interruption.clone()),
        _ => None,
    });
    last.expect("a link was lost")
}

/// Many servers answer pings in their library, before the application has read anything.
#[test]
fn a_pong_proves_that_the_peer_was_reached_and_not_that_it_was_delivered() {
    let mut world = world(|_| {}).opened();
    world.send_over(2);
    world.run(PERIOD);
    world.answer(0, true);
    let progress = world.machine.progress();
    assert_eq!((progress.reached.map(SequenceNumber::get), progress.delivered), (Some(2), None));
    world.send_over(1);
    world.closed_by_peer(1006);
    let lost = interruption(&world);
    assert_eq!((numbers(&lost.unknown), numbers(&lost.reached)), (vec![1, 2, 3], vec![1, 2]));
}

#[test]
fn an_answer_of_the_application_proves_that_it_was_delivered() {
    let mut world = world(|_| {}).opened();
    world.send_over(2);
    world.run(PERIOD);
    world.answer(0, false);
    world.send_over(1);
    world.closed_by_peer(1006);
    let lost = interruption(&world);
    assert_eq!((numbers(&lost.unknown), numbers(&lost.reached)), (vec![3], vec![]));
    assert_eq!(numbers(&lost.handed_over), [1, 2, 3], "an answer to any of these will not come");
}

/// A request that a heartbeat confirmed is in neither unsent nor unknown, and its answer is lost.
#[test]
fn an_interruption_tells_all_that_the_lost_link_had_and_nothing_of_the_next() {
    let mut world = world(|_| {}).opened();
    world.send_over(1);
    world.run(PERIOD);
    world.answer(0, false);
    world.closed_by_peer(1006);
    let first = interruption(&world);
    world.run(world.delay());
    world.open();
    world.send_over(1);
    assert_eq!(
        (numbers(&first.handed_over), numbers(&first.unknown), numbers(&first.unsent)),
        (vec![1], vec![], vec![])
    );
    assert_eq!(
        (first.handed_over.first(), first.handed_over.last()),
        (Some(SequenceNumber(1)), Some(SequenceNumber(1)))
    );
    world.closed_by_peer(1006);
    assert_eq!(numbers(&interruption(&world).handed_over), [2]);
}

#[test]
fn the_application_confirms_by_acknowledgements_of_its_own() {
    let mut world = world(|_| {}).opened();
    world.send_over(3);
    world.confirm(1);
    assert_eq!(world.machine.progress().delivered, Some(SequenceNumber(2)));
    world.closed_by_peer(1006);
    assert_eq!(numbers(&interruption(&world).unknown), [3]);
    // in the session handshake of the next connection: before the gap is told
    world.confirm(0);
    world.run(world.delay());
    world.open();
    let gap = world.events.iter().rev().find_map(|event| match event {
        Event::Gap(gap) => Some(gap.unknown.clone()),
        _ => None,
    });
    assert_eq!(gap, Some(Sequences::default()));
    world.tell(|machine, _| machine.confirm_through(u64::MAX));
    assert_eq!(world.machine.progress().delivered, Some(SequenceNumber(3)), "what was never handed over is not");
}

#[test]
fn contents_of_unknown_messages_are_kept_where_that_is_asked_for() {
    let mut world =
        world(|rules| rules.retention = Some(Box::new(crate::reconnect::machine::Retention::new(10_000)))).opened();
    world.send_over(3);
    world.confirm(2);
    world.send_at_once();
    assert!(world.machine.take_unknown().is_empty(), "their connection is open");
    world.closed_by_peer(1006);
    let unknown = world.machine.take_unknown();
    let kept: Vec<(u64, &str)> =
        unknown.iter().map(|(number, message)| (number.get(), message.as_text().unwrap_or_default())).collect();
    assert_eq!(kept, [(2, "2"), (3, "3"), (4, "4")]);
}

/// Closes may cross: then the peer has not answered ours, and nothing is known.
#[test]
fn a_close_that_we_began_proves_what_its_answer_does() {
    let ended = |pings: bool, code: u16, answered: bool, peers: u16| {
        let mut world = world(|rules| rules.pings = pings).opened();
        world.send_over(2);
        world.close_with(code);
        if answered {
            world.answer(0, true);
        }
        world.closed_by_peer(peers);
        let ended = world.events.iter().find_map(|event| match event {
            Event::Ended(ended) => Some(ended.clone()),
            _ => None,
        });
        let ended = ended.expect("it has ended");
        assert_eq!(numbers(&ended.unknown), [1, 2], "an application may close without reading on");
        numbers(&ended.reached)
    };
    assert_eq!(ended(true, 1000, true, 1000), [1, 2], "a ping went before the close frame, and was answered");
    assert!(ended(true, 1000, false, 1000).is_empty(), "both sides closed at the same moment");
    assert!(ended(false, 1000, false, 1000).is_empty() && ended(false, 4321, false, 4321).is_empty());
}

/// A heartbeat of the next connection proves nothing of what the last one had.
#[test]
fn an_answer_proves_only_what_its_own_link_had() {
    for numbered in [false, true] {
        let mut world =
            world(|rules| rules.retention = Some(Box::new(crate::reconnect::machine::Retention::new(10_000)))).opened();
        world.send_over(1);
        world.closed_by_peer(1006);
        world.run(world.delay());
        world.open();
        world.run(PERIOD);
        world.answer(0, numbered);
        let progress = world.machine.progress();
        assert_eq!((progress.reached, progress.delivered), (None, None));
        assert_eq!(world.machine.take_unknown().len(), 1, "what was lost is kept");
    }
}

#[test]
fn what_was_dropped_is_never_the_newest_that_was_delivered() {
    let mut world = world(|_| {}).opened();
    world.send_over(1);
    world.send(|message| message);
    world.withdraw(0);
    world.tell(|machine, _| machine.confirm_through(u64::MAX));
    assert_eq!(world.machine.progress().delivered, Some(SequenceNumber(1)));
    world.run(PERIOD);
    world.answer(0, false);
    assert_eq!(world.machine.progress().delivered, Some(SequenceNumber(1)));
}

/// Two reasons to ask before the driver has had its turn: one heartbeat proves all.
#[test]
fn a_heartbeat_that_waits_to_be_sent_proves_what_was_handed_over_meanwhile() {
    let mut world = world(|rules| rules.pings = true).opened();
    let now = world.now;
    world.machine.network_changed(now);
    world.machine.skip_queue(None);
    world.machine.shut_down(None, super::scenes::SECOND, now);
    let mut asked = Vec::new();
    while let Some(action) = world.machine.poll_action(now.at) {
        if let crate::reconnect::machine::Action::Probe { number } = action {
            asked.push(number);
        }
    }
    assert_eq!(asked.len(), 1);
    let generation = world.link.as_ref().expect("a link").generation;
    world.machine.answered(generation, Some(asked[0]), now);
    assert_eq!(world.machine.progress().reached, Some(SequenceNumber(1)));
}
