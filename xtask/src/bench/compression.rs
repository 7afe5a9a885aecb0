//! What compression costs and saves, natively, beside the peer that has it too.

use super::{build, folder, native};
use crate::{Outcome, setup::Steps};

/// Without and with it, ours and the peer's, each a package of its own.
const PACKAGES: [&str; 4] = ["eversocket", "eversocket-deflate", "yawc", "yawc-deflate"];

/// The section of the report.
pub fn run(rounds: u64) -> Outcome<String> {
    let ring = folder("arena")?;
    Steps::say("build: the arena", || build("native", &["--package", "arena"]))?;
    native::gather(&ring)?;
    for name in PACKAGES {
        let package = format!("contestant-{name}");
        Steps::say(&format!("build: {package}"), || {
            build("native", &["--package", &package])?;
            native::gather(&ring)
        })?;
    }
    println!("run: {rounds} rounds of each event");
    native::compete(&ring, &[&rounds.to_string(), "compression"])
}
