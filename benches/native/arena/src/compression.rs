//! What compression costs, and what it saves.

use crate::{
    contestants::Contestant,
    lap,
    rounds::{Lap, turns},
    table::{figure, label},
};
use blind::Server;
use course::Job;
use std::{error::Error, fmt::Write, path::Path};

/// How many messages a lap has at least.
const COUNT: usize = 2_000;

const fn entrant(name: &'static str, package: &'static str, program: &'static str) -> Contestant {
    Contestant { name, program, package, feeds: true, connections: 0 }
}

/// All are compared with the first.
const FIELD: [Contestant; 5] = [
    entrant("eversocket, without the feature", "eversocket", "eversocket-plain"),
    entrant("eversocket, with it and not agreed on", "eversocket", "eversocket-not-agreed"),
    entrant("eversocket, compressing", "eversocket", "eversocket-deflate"),
    entrant("not compressing, yawc", "yawc", "contestant-yawc"),
    entrant("compressing, yawc", "yawc", "contestant-yawc-deflate"),
];

/// A column's title, and what is done.
type Event = (&'static str, fn(String) -> Job);

const EVENTS: [Event; 4] = [
    ("receive", |server| Job::ReceiveSamples { server, context: true, count: COUNT }),
    ("receive, each alone", |server| Job::ReceiveSamples { server, context: false, count: COUNT }),
    ("send", |server| Job::SendSamples { server, context: true, count: COUNT }),
    ("send, each alone", |server| Job::SendSamples { server, context: false, count: COUNT }),
];

/// Of an entrant in an event.
#[derive(Default)]
struct Outcome {
    laps: Vec<Lap>,
    /// On the wire, of a message that was sent.
    bytes: f64,
}

pub fn table(folder: &Path, server: &Server, rounds: usize) -> Result<String, Box<dyn Error>> {
    let address = format!("ws://{}", server.address);
    let mut columns = Vec::new();
    for (title, job) in &EVENTS {
        eprintln!("{title} ...");
        let mut results: Vec<Outcome> = FIELD.iter().map(|_| Outcome::default()).collect();
        for at in turns(rounds, FIELD.len()) {
            let (processor, wall) = lap::run(&FIELD[at], folder, &job(address.clone()))?;
            results[at].laps.push(Lap { processor, wall });
            results[at].bytes = server.bytes_a_message();
        }
        columns.push((*title, results));
    }
    Ok(written(&columns))
}

fn written(columns: &[(&str, Vec<Outcome>)]) -> String {
    let mut text = "| client CPU a message |".to_owned();
    // a string takes whatever is written to it
    let _infallible = columns.iter().try_for_each(|(title, _)| write!(text, " {title} |"));
    text.push_str(" bytes sent | bytes sent, each alone |\n|---|---|---|---|---|---|---|\n");
    for (row, entrant) in FIELD.iter().enumerate() {
        let _infallible = write!(text, "| {} |", label(entrant));
        for (_, results) in columns {
            let reference = (row > 0).then_some(&*results[0].laps);
            let _infallible = write!(text, " {} |", figure(&results[row].laps, reference, |lap| lap.processor));
        }
        let _infallible = writeln!(text, " {:.0} | {:.0} |", columns[2].1[row].bytes, columns[3].1[row].bytes);
    }
    text
}
