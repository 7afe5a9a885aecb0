//! A million clients lose their server in the same moment. When do they come back?
//!
//! ```sh
//! cargo run --release --features test-kit --example herd -- [CLIENTS [OUTAGE_SECONDS [FOLDER]]]
//! ```
//!
//! Writes `herd.md` and `herd.svg` into the folder, and fails where full jitter's peak is too
//! high. `cargo xtask herd` runs it for the folder `docs`.

mod plot;
mod report;
mod scenario;

use eversocket::reconnect::Jitter;
use scenario::{Kind, Run};
use std::{fs, path::PathBuf, process::ExitCode};

const USAGE: &str = "usage: herd [CLIENTS [OUTAGE_SECONDS [FOLDER]]]";
const CLIENTS: u64 = 1_000_000;
/// Four times the longest delay: by then no kind of jitter shows when the outage began.
const OUTAGE: u64 = 120;
/// Back before the first client that code 1012 sent away.
const ANNOUNCED_OUTAGE: u64 = 2;
/// To show what the length of the outage does.
const OUTAGES: [u64; 7] = [1, 5, 10, 20, 30, 60, 120];

const WORST_RATIO: f64 = 1.1;
/// With fewer, chance alone makes peaks of a tenth above the mean.
const LEAST_CLIENTS: u64 = 100_000;

/// A run, and the ideal to hold it against.
struct Outcome {
    kind: Kind,
    run: Run,
    spread: f64,
}

impl Outcome {
    fn new(kind: Kind, clients: u64, outage: u64) -> Self {
        Self { kind, run: kind.run(clients, outage), spread: kind.spread() }
    }

    /// Arrivals per second of the same clients, spread as well as they can be.
    fn ideal(&self) -> f64 {
        self.run.clients as f64 / self.spread
    }

    fn ratio(&self) -> f64 {
        self.run.peak_after_return() as f64 / self.ideal()
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("herd: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.len() > 3 {
        return Err(USAGE.to_owned());
    }
    let clients = number(words.first(), CLIENTS)?;
    let outage = number(words.get(1), OUTAGE)?;
    let folder = words.get(2).map_or_else(|| PathBuf::from("."), PathBuf::from);

    let outcomes = Kind::ALL.map(|kind| {
        let outage = if kind == Kind::Announced { ANNOUNCED_OUTAGE } else { outage };
        Outcome::new(kind, clients, outage)
    });
    let table = report::table(&outcomes);
    println!("{table}");
    let full = Kind::Cut(Jitter::Full);
    let by_outage = OUTAGES.map(|outage| [full, Kind::Announced].map(|kind| Outcome::new(kind, clients, outage)));
    let by_outage = report::table_by_outage(&by_outage);
    println!("{by_outage}");

    let write = |name: &str, text: String| {
        let path = folder.join(name);
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, text));
        written.map_err(|error| format!("cannot write {}: {error}", path.display()))
    };
    write("herd.svg", plot::svg(&outcomes))?;
    write("herd.md", report::document(clients, outage, &table, &by_outage))?;
    outcomes.iter().filter(|outcome| outcome.kind == full).try_for_each(check)
}

fn check(full: &Outcome) -> Result<(), String> {
    let ratio = full.ratio();
    if full.run.clients < LEAST_CLIENTS {
        println!("Not checked: fewer than {LEAST_CLIENTS} clients have higher peaks by chance.");
        return Ok(());
    }
    if ratio > WORST_RATIO {
        return Err(format!("full jitter's peak is {ratio:.3} of the ideal, more than {WORST_RATIO}"));
    }
    println!("Full jitter's peak is {ratio:.3} of the ideal, at most {WORST_RATIO} as required.");
    Ok(())
}

fn number(word: Option<&String>, default: u64) -> Result<u64, String> {
    let Some(word) = word else { return Ok(default) };
    word.parse().ok().filter(|number| *number > 0).ok_or_else(|| format!("`{word}` is no number\n{USAGE}"))
}
