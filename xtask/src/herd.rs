//! The clients of a server that restarts, simulated.

use crate::{Outcome, process, setup::Steps, workspace};

const CLIENTS: u64 = 1_000_000;
/// As in examples/herd/main.rs, which says why.
const OUTAGE: u64 = 120;

/// Only the full number goes to the documents.
pub fn run(clients: Option<u64>) -> Outcome {
    let mut build = process::command("cargo");
    build.args(["build", "--release", "--package", "eversocket", "--features", "test-kit", "--example", "herd"]);
    Steps::say("build: the simulation", || process::run_logged(build, "build-herd", None))?;

    let clients = clients.unwrap_or(CLIENTS);
    let folder = workspace::root().join(if clients == CLIENTS { "docs" } else { "target/herd" });
    let mut herd = process::command(workspace::release_program("examples/herd")?);
    herd.args([clients.to_string(), OUTAGE.to_string()]).arg(&folder);
    let status = herd.status().map_err(|error| format!("cannot run the simulation: {error}"))?;
    if !status.success() {
        return Err("the simulation failed, see above".to_owned());
    }
    println!("Written: {0}/herd.md and {0}/herd.svg", folder.display());
    Ok(())
}
