//! What was set out to be reached, and what was.

use crate::{
    contestants::{FLOOR, PLAIN, RECONNECTING, REFERENCE},
    memory::Weights,
    rounds::{Lap, Laps},
    table::of_rounds,
};
use std::fmt::Write;

enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

struct Target {
    what: &'static str,
    reached: Option<f64>,
    bound: Bound,
}

pub fn table(results: &[(&'static str, Laps)], weights: &[Weights]) -> String {
    let mut text = String::from("| target | bound | reached | |\n|---|---|---|---|\n");
    for Target { what, reached, bound } in targets(results, weights) {
        let (sign, limit) = match bound {
            Bound::AtMost(limit) => ("≤", limit),
            Bound::AtLeast(limit) => ("≥", limit),
        };
        let is_met = reached.map(|value| match bound {
            Bound::AtMost(limit) => value <= limit,
            Bound::AtLeast(limit) => value >= limit,
        });
        let verdict = match is_met {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "not measured",
        };
        let reached = reached.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"));
        // a string takes whatever is written to it
        let _infallible = writeln!(text, "| {what} | {sign} {limit} | {reached} | {verdict} |");
    }
    text
}

fn targets(results: &[(&'static str, Laps)], weights: &[Weights]) -> Vec<Target> {
    let laps = |event: &str, name: &str| {
        let (_, laps) = results.iter().find(|(title, _)| *title == event)?;
        laps.get(name).cloned()
    };
    let ratio = |(event, name): (&str, &str), (other_event, other): (&str, &str), of: fn(&Lap) -> f64| {
        Some(of_rounds(&laps(event, name)?, &laps(other_event, other)?, of))
    };
    let processor = |lap: &Lap| lap.processor;
    let wall = |lap: &Lap| lap.wall;
    let heap = |name: &str| {
        let weights = weights.iter().find(|weights| weights.name == name)?;
        Some(weights.idle?.heap / 1024.0)
    };
    let to_reference = |event| ratio((event, PLAIN), (event, REFERENCE), processor);
    let to_plain = |event| ratio((event, RECONNECTING), (event, PLAIN), processor);
    let at_most = |what, limit, reached| Target { what, reached, bound: Bound::AtMost(limit) };
    let at_least = |what, limit, reached| Target { what, reached, bound: Bound::AtLeast(limit) };
    let (send, queue, trips, connects) =
        ("loop of send, 64 B", "queue, one flush, 64 B", "round trips, 64 B", "connects");
    vec![
        at_most("CPU to receive 64 B, to tokio-tungstenite's `next`", 1.25, to_reference("receive 64 B")),
        at_most("the same, text", 1.25, to_reference("receive 64 B text")),
        at_most("the same, 1 KiB", 1.15, to_reference("receive 1 KiB")),
        at_most("the same, 64 KiB", 1.05, to_reference("receive 64 KiB")),
        at_least(
            "CPU of tokio-tungstenite's loop of `send`, 64 B, to ours",
            20.0,
            ratio((send, REFERENCE), (send, PLAIN), processor),
        ),
        at_most(
            "CPU of our loop of `send`, 64 B, to its `feed` and one flush",
            1.3,
            ratio((send, PLAIN), (queue, REFERENCE), processor),
        ),
        at_least("round trips in a second, to raw TCP's", 0.93, ratio((trips, FLOOR), (trips, PLAIN), wall)),
        at_most("CPU to receive 64 B with the reconnect layer, to plain", 1.15, to_plain("receive 64 B")),
        at_most("CPU of a loop of `send`, 64 B, with the reconnect layer, to plain", 1.15, to_plain(send)),
        at_most("KiB of heap of an idle connection", 16.0, heap(PLAIN)),
        at_most("the same with the reconnect layer", 16.0, heap(RECONNECTING)),
        at_least(
            "connects in a second, to tokio-tungstenite's",
            0.95,
            ratio((connects, REFERENCE), (connects, PLAIN), wall),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laps(reference: f64, plain: f64) -> Laps {
        let lap = |value| vec![Lap { processor: value, wall: value }; 3];
        [(REFERENCE, lap(reference)), (PLAIN, lap(plain))].into()
    }

    #[test]
    fn a_target_is_met_missed_or_not_measured() {
        let table = table(&[("receive 64 B", laps(100.0, 90.0)), ("receive 1 KiB", laps(100.0, 200.0))], &[]);
        let line = |what: &str| table.lines().find(|line| line.contains(what)).map(str::to_owned);
        assert!(line("CPU to receive 64 B, to tokio").is_some_and(|line| line.ends_with("| 0.90 | met |")));
        assert!(line("the same, 1 KiB").is_some_and(|line| line.ends_with("| 2.00 | **missed** |")));
        assert!(line("connects").is_some_and(|line| line.ends_with("| – | not measured |")));
    }
}
