//! What connections weigh: idle, flooded while nobody reads, and one after another.

use crate::{contestants::Contestant, lap};
use blind::Server;
use course::Job;
use std::{error::Error, fmt::Write, path::Path};

/// How often a connection is lost.
const RECONNECTS: usize = 10_000;
/// Of the messages that nobody reads.
const FLOODED_WITH: usize = 1024;
/// What is taken for no limit.
const NO_LIMIT: f64 = (512 << 20) as f64;

/// Bytes of heap, and of resident memory.
#[derive(Debug, Clone, Copy)]
pub struct Weight {
    pub heap: f64,
    pub resident: f64,
}

/// Of one contestant.
pub struct Weights {
    pub name: &'static str,
    /// For each connection.
    pub idle: Option<Weight>,
    /// At the peak.
    pub stalled: Option<Weight>,
    /// Of growth by all reconnects.
    pub reconnected: Option<Weight>,
}

pub fn weigh(field: &[&'static Contestant], folder: &Path, server: &Server) -> Result<Vec<Weights>, Box<dyn Error>> {
    field
        .iter()
        .map(|contestant| {
            eprintln!("memory of {} ...", contestant.name);
            let address = format!("ws://{}", server.address);
            let figures = |job| weight(contestant, folder, server, &job);
            Ok(Weights {
                name: contestant.name,
                idle: figures(Job::Idle { server: address.clone(), count: contestant.connections })?,
                stalled: figures(Job::Stall { server: address.clone(), size: FLOODED_WITH })?,
                reconnected: figures(Job::Reconnect { server: address, count: RECONNECTS })?,
            })
        })
        .collect()
}

/// Nothing for a peer that fails.
fn weight(
    contestant: &Contestant,
    folder: &Path,
    server: &Server,
    job: &Job,
) -> Result<Option<Weight>, Box<dyn Error>> {
    let weighed = lap::run(contestant, folder, job);
    server.forget();
    match weighed {
        Ok((heap, resident)) => Ok(Some(Weight { heap, resident })),
        Err(error) if contestant.is_ours() => Err(error),
        Err(error) => {
            eprintln!("{error}");
            Ok(None)
        }
    }
}

pub fn table(weights: &[Weights]) -> String {
    let mut text = String::from(
        "| KiB of heap (of resident memory) | idle connection | peak when nobody reads | growth by 10 000 connections, one after another |\n\
         |---|---|---|---|\n",
    );
    for Weights { name, idle, stalled, reconnected } in weights {
        // a string takes whatever is written to it
        let _infallible = writeln!(text, "| {name} | {} | {} | {} |", cell(*idle), cell(*stalled), cell(*reconnected));
    }
    text
}

fn cell(weight: Option<Weight>) -> String {
    match weight {
        None => "failed".to_owned(),
        Some(weight) if weight.heap > NO_LIMIT => format!("no limit: over {:.0} MiB", NO_LIMIT / f64::from(1 << 20)),
        Some(weight) => format!("{:.1} ({:.1})", weight.heap / 1024.0, weight.resident / 1024.0),
    }
}
