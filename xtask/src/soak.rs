//! More than a test run has time for: random schedules of the reconnect machine, and lost
//! connections, of which nothing may be left.

use crate::{
    Outcome,
    arguments::Part,
    process,
    server::{ADDRESS_VARIABLE, Address, TestServer},
    setup::{self, Steps},
    testing::Browser,
    workspace,
};
use std::{fs, process::Command};

const SCHEDULES: u64 = 1_200_000;
/// Tells the test how many; without it, it makes as many as fit into a test run.
const SCHEDULES_VARIABLE: &str = "EVERSOCKET_SCHEDULES";
/// The same of lost connections. A browser makes some hundred connections a second.
const RECONNECTS_VARIABLE: &str = "EVERSOCKET_RECONNECTS";
const RECONNECTS: &str = "50000";
const RECONNECTS_IN_CHROME: &str = "10000";
const LEAKS: [&str; 4] = ["test", "--test", "reconnect_leaks", "--release"];

pub fn run(schedules: Option<u64>) -> Outcome {
    let schedules = schedules.unwrap_or(SCHEDULES).to_string();
    let test = ["test", "--release", "--package", "eversocket", "--lib", "promises_hold_whatever_happens"];
    let mut build = process::command("cargo");
    build.args(test).arg("--no-run");
    Steps::say("build: the schedules", || process::run_logged(build, "build-soak", None))?;
    let mut soak = process::command("cargo");
    soak.args(test).env(SCHEDULES_VARIABLE, &schedules);
    Steps::say(&format!("soak: {schedules} random schedules"), || process::run_logged(soak, "soak", None))?;

    let server = TestServer::start(Address::chosen()?, None)?;
    let mut native = process::command("cargo");
    native.args(LEAKS).env(RECONNECTS_VARIABLE, RECONNECTS);
    reconnect(native, "native", RECONNECTS)?;
    let steps = Steps::new(true);
    let toolchain = setup::wasm_toolchain(&steps)?;
    setup::wasm_bindgen(&steps)?;
    let chrome = Browser { part: Part::Chrome, driver: setup::chrome(&steps)? };
    let mut in_chrome = chrome.command("eversocket", &toolchain, &LEAKS[1..]);
    in_chrome.env(RECONNECTS_VARIABLE, RECONNECTS_IN_CHROME);
    reconnect(in_chrome, "chrome", RECONNECTS_IN_CHROME)?;
    drop(server);
    Ok(())
}

/// What it counted before and after is shown.
fn reconnect(mut test: Command, key: &str, times: &str) -> Outcome {
    let log = format!("soak-{key}");
    test.args(["--", "--nocapture"]).env(ADDRESS_VARIABLE, Address::chosen()?.to_string());
    Steps::say(&format!("soak: {times} lost connections, {key}"), || process::run_logged(test, &log, None))?;
    let path = workspace::log_file(&log);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let told = text.lines().find(|line| line.contains("reconnects: before"));
    println!("      {}", told.ok_or_else(|| format!("{} does not say what was counted", path.display()))?.trim());
    Ok(())
}
