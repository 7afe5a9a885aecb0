//! Fuzzes every parser and the state machine, without a tool to install: libFuzzer is built into each
//! target, and rustc does the rest.

use crate::{
    Outcome,
    process::{self, command},
    programs,
    setup::Steps,
    workspace,
};
use std::{fs, process::Command};

/// Each is a program in `fuzz/targets`, and has a corpus in `fuzz/corpus`.
pub const TARGETS: [&str; 4] = ["frames", "handshake", "input", "machine"];
const AN_HOUR: u64 = 3600;

/// What makes a program tell libFuzzer which ways it has gone. An address sanitizer would need a
/// nightly compiler, and the crate has no unsafe code for it to look at.
const INSTRUMENTATION: [&str; 8] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Clink-dead-code",
    "-Ccodegen-units=1",
];

/// One target, or one after the other, each for so many seconds.
pub fn run(target: Option<&'static str>, seconds: Option<u64>) -> Outcome {
    let seconds = seconds.unwrap_or(AN_HOUR);
    Steps::say("build: the fuzzers", || {
        let mut build = command("cargo");
        build.current_dir(workspace::root().join("fuzz"));
        build.args(["build", "--release", "--target"]).arg(host()?);
        build.env("CARGO_TARGET_DIR", workspace::root().join("target/fuzz"));
        build.env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTATION.join("\u{1f}"));
        process::run_logged(build, "build-fuzz", None)
    })?;
    let targets = target.map_or(TARGETS.to_vec(), |target| vec![target]);
    targets.iter().try_for_each(|target| {
        let fuzzing = || process::run_logged(fuzzer(target, seconds)?, &format!("fuzz-{target}"), None);
        Steps::say(&format!("fuzz: {target}, {seconds} s"), fuzzing)?;
        println!("      {}", figures(target)?);
        Ok(())
    })
}

/// Named, so that the flags are not those of build scripts too.
fn host() -> Outcome<String> {
    let told = programs::ask("rustc", &["-vV"]).ok_or("there is no rustc")?;
    let line = told.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| "rustc does not say what it compiles for".to_owned())
}

fn fuzzer(target: &str, seconds: u64) -> Outcome<Command> {
    let found = workspace::root().join("target/fuzz/corpus").join(target);
    fs::create_dir_all(&found).map_err(|error| format!("{}: {error}", found.display()))?;
    let mut fuzzer = command(workspace::root().join("target/fuzz").join(host()?).join("release").join(target));
    fuzzer.arg(format!("-max_total_time={seconds}")).args(["-print_final_stats=1", "-max_len=4096", "-timeout=10"]);
    fuzzer.arg(format!("-artifact_prefix=target/fuzz/{target}-"));
    // what is new goes to the first
    fuzzer.arg(found).arg(workspace::root().join("fuzz/corpus").join(target));
    Ok(fuzzer)
}

/// What libFuzzer says at the end.
fn figures(target: &str) -> Outcome<String> {
    let path = workspace::log_file(&format!("fuzz-{target}"));
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let figure = |name: &str| {
        let line = text.lines().rev().find_map(|line| line.strip_prefix(name));
        line.map(str::trim).unwrap_or("?").to_owned()
    };
    let runs = figure("stat::number_of_executed_units:");
    let covered = text.lines().rev().find_map(|line| line.split_once(" cov: ")).map(|(_, rest)| rest);
    let covered = covered.and_then(|rest| rest.split(' ').next()).unwrap_or("?");
    Ok(format!("{runs} runs, {covered} edges reached, nothing found"))
}
