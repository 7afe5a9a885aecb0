//! The reconnect machine under more random schedules than a test run has time for.

use crate::{Outcome, process, setup::Steps};

const SCHEDULES: u64 = 1_200_000;
/// Tells the test how many; without it, it makes as many as fit into a test run.
const VARIABLE: &str = "EVERSOCKET_SCHEDULES";

pub fn run(schedules: Option<u64>) -> Outcome {
    let schedules = schedules.unwrap_or(SCHEDULES).to_string();
    let test = ["test", "--release", "--package", "eversocket", "--lib", "promises_hold_whatever_happens"];
    let mut build = process::command("cargo");
    build.args(test).arg("--no-run");
    Steps::say("build: the schedules", || process::run_logged(build, "build-soak", None))?;
    let mut soak = process::command("cargo");
    soak.args(test).env(VARIABLE, &schedules);
    Steps::say(&format!("soak: {schedules} random schedules"), || process::run_logged(soak, "soak", None))
}
