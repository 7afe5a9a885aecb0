//! Ratios to the floor, round by round, of which the medians are told.

use crate::{
    clients::{self, FLOOR, GLOO, PLAIN, RECONNECTING},
    events::Event,
    page::Lap,
};
use std::{collections::BTreeMap, fmt::Write};

/// By the name of the client, a figure for each round.
pub type Rounds<T> = BTreeMap<&'static str, Vec<T>>;

/// The laps of each event.
pub type Walls = Vec<(Event, Rounds<Lap>)>;

/// The most that a client may take of the floor's time.
const WALL: f64 = 1.05;
/// The most of gloo-net's own time.
const OWN: f64 = 0.5;

pub fn targets(in_chrome: &Walls, own: &Rounds<f64>, in_firefox: &Walls) -> String {
    let mut text = String::from("| target | bound | reached | |\n|---|---|---|---|\n");
    let mut line = |what: String, bound: f64, reached: f64| {
        let verdict = if reached <= bound { "met" } else { "**missed**" };
        // a string takes whatever is written to it
        let _infallible = writeln!(text, "| {what} | ≤ {bound} | {reached:.2} | {verdict} |");
    };
    for name in [PLAIN, RECONNECTING] {
        for (browser, results) in [("Chrome", in_chrome), ("Firefox", in_firefox)] {
            for (event, laps) in results {
                let what = format!("{name} in {browser}: {}, wall, to raw JavaScript", event.title());
                line(what, WALL, wall(laps, name, FLOOR));
            }
        }
        line(
            format!("{name} in Chrome: time in wasm and script to receive 64 B, to gloo-net's"),
            OWN,
            own_ratio(own, name, GLOO),
        );
    }
    text
}

pub fn wall_table(results: &Walls) -> String {
    let mut text = String::from("| wall |");
    for client in clients::ALL {
        let _infallible = write!(text, " {} |", clients::label(client));
    }
    let _infallible = writeln!(text, "\n|---|{}", "---|".repeat(clients::ALL.len()));
    for (event, laps) in results {
        let _infallible = write!(text, "| {} |", event.title());
        for client in clients::ALL {
            let _infallible = match client {
                FLOOR => write!(text, " 1 ({:.1} µs) |", median(laps[client].iter().map(|lap| lap.wall))),
                _ => write!(text, " {:.2} |", wall(laps, client, FLOOR)),
            };
        }
        text.push('\n');
    }
    text
}

/// Of the events whose laps are long.
pub fn own_table(results: &Walls, own: &Rounds<f64>) -> String {
    let mut text =
        String::from("| | own time for a 64 B message, to gloo-net's | long tasks of all laps, ms |\n|---|---|---|\n");
    for client in clients::ALL {
        let long: f64 = results.iter().map(|(_, laps)| median(laps[client].iter().map(|lap| lap.long_tasks))).sum();
        let ratio = own_ratio(own, client, GLOO);
        let label = clients::label(client);
        let _infallible = match client {
            GLOO => writeln!(text, "| {label} | 1 ({:.2} µs) | {long:.0} |", median(own[client].iter().copied())),
            _ => writeln!(text, "| {label} | {ratio:.2} | {long:.0} |"),
        };
    }
    text
}

fn wall(laps: &Rounds<Lap>, client: &str, other: &str) -> f64 {
    median(laps[client].iter().zip(&laps[other]).map(|(own, other)| own.wall / other.wall))
}

fn own_ratio(own: &Rounds<f64>, client: &str, other: &str) -> f64 {
    median(own[client].iter().zip(&own[other]).map(|(own, other)| own / other))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
