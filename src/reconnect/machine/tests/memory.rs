//! What is held is what waits, whatever has come and gone.

use super::{scenes::world, world::World};
use crate::reconnect::{DropReason, Event, Outgoing, Overflow, machine::Capacity};
use std::time::Duration;

/// Bytes beside the payloads.
const LITTLE: usize = 256 * 1024;

fn full(overflow: Overflow) -> World {
    world(|rules| {
        rules.capacity = Capacity { messages: 10, bytes: 100 };
        rules.overflow = overflow;
    })
}

fn overhead(world: &World) -> usize {
    world.machine.queue.overhead() + world.machine.actions.len() * 1024
}

/// So many sends before the driver has its turn.
fn burst(world: &mut World, count: usize, outgoing: impl Fn(usize) -> Outgoing) {
    let now = world.now;
    for number in 0..count {
        let _refused = world.machine.send(outgoing(number), None, || now);
    }
}

fn dropped(world: &mut World, reason: DropReason) -> u64 {
    let mut count = 0;
    while let Some(action) = world.machine.poll_action(world.now.at) {
        if let crate::reconnect::machine::Action::Emit(Event::Dropped(dropped)) = action
            && dropped.reason == reason
        {
            count += dropped.messages.len() + dropped.unnamed;
        }
    }
    count
}

#[test]
fn two_million_refusals_leave_nothing() {
    let mut world = full(Overflow::DropNewest);
    burst(&mut world, 2_000_000, |_| "m".into());
    assert!(overhead(&world) < LITTLE, "{}", overhead(&world));
    assert_eq!(dropped(&mut world, DropReason::Overflow), 2_000_000 - 10);
}

#[test]
fn messages_of_a_key_behind_a_plain_one_leave_nothing() {
    let mut world = full(Overflow::Wait);
    burst(&mut world, 1, |_| "first".into());
    burst(&mut world, 500_000, |_| Outgoing::new("m").latest("key"));
    assert!(overhead(&world) < LITTLE, "{}", overhead(&world));
    assert_eq!(world.machine.progress().queued, 2);
    assert_eq!(dropped(&mut world, DropReason::Superseded), 499_999);
}

#[test]
fn messages_that_expire_leave_nothing() {
    let mut world = full(Overflow::DropOldest);
    burst(&mut world, 500_000, |number| Outgoing::new("m").expires_in(Duration::from_secs(100 + number as u64)));
    assert!(overhead(&world) < LITTLE, "{}", overhead(&world));
    assert_eq!(dropped(&mut world, DropReason::Overflow), 499_990);

    let mut behind = full(Overflow::Wait);
    behind.send(|message| message);
    for _ in 0..100_000 {
        behind.machine.now.at = behind.machine.now.at.after(Duration::from_millis(1));
        let now = behind.machine.now;
        let sent = behind.machine.send(Outgoing::new("m").expires_in(Duration::from_micros(1)), None, || now);
        assert!(sent.is_ok());
        behind
            .machine
            .handle_timeout(crate::reconnect::machine::Now { at: now.at.after(Duration::from_millis(1)), ..now });
    }
    assert!(overhead(&behind) < LITTLE, "{}", overhead(&behind));
}

#[test]
fn reports_of_drops_that_alternate_are_bounded_and_none_is_forgotten() {
    let mut world = full(Overflow::DropNewest);
    burst(&mut world, 9, |_| "m".into());
    burst(&mut world, 100_000, |number| match number % 2 {
        0 => Outgoing::new("m").latest("key"),
        _ => Outgoing::new(vec![0; 200]),
    });
    assert!(overhead(&world) < LITTLE, "{}", overhead(&world));
    let mut counts = [0; 2];
    while let Some(action) = world.machine.poll_action(world.now.at) {
        if let crate::reconnect::machine::Action::Emit(Event::Dropped(dropped)) = action {
            assert!(dropped.messages.ranges().count() <= 1024);
            counts[usize::from(dropped.reason == DropReason::Superseded)] += dropped.messages.len() + dropped.unnamed;
        }
    }
    assert_eq!(counts, [50_000, 49_999]);
}

#[test]
fn of_a_sticky_key_one_value_is_pending() {
    let mut world = world(|_| {}).opened();
    for number in 0..500_000 {
        world.machine.set_sticky("key", number.to_string().into());
        if number % 1_000 == 0 {
            drop(world.machine.take_discarded());
        }
    }
    assert_eq!(world.machine.held_sticky(), (1, 1));
    let mut sent = Vec::new();
    let now = world.now;
    world.machine.transmit(
        || now,
        |message| {
            sent.push(message.clone());
            true
        },
    );
    assert_eq!(sent, ["499999".into()]);
}

/// Commands of the user's between two turns of the driver.
#[test]
fn commands_that_the_driver_has_not_seen_are_few() {
    let mut world = world(|_| {}).opened();
    let now = world.now;
    for _ in 0..20_000 {
        world.machine.pause(now);
        world.machine.resume(now);
        world.machine.reconnect_now(now);
        drop(world.machine.take_discarded());
    }
    assert!(world.machine.actions.len() < 300, "{}", world.machine.actions.len());
    world.check();
    assert!(world.provider.is_some(), "and what it finds is what was asked for last");
}
