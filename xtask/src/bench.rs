//! How the crate compares with its peers, measured anew: docs/performance.md.

mod browser;
mod compression;
mod native;
mod report;
mod size;

use crate::{
    Outcome,
    arguments::BenchPart,
    process::{command, run_logged},
    setup::WASM_TARGET,
    workspace,
};
use std::{fs, path::PathBuf, process::Command};

/// How often each contestant runs. Medians of five are steady enough to tell ratios to a tenth.
const ROUNDS: u64 = 5;

pub fn run(parts: &[BenchPart], rounds: Option<u64>) -> Outcome {
    let rounds = rounds.unwrap_or(ROUNDS);
    for part in parts {
        let section = match part {
            BenchPart::Native => native::run(rounds)?,
            BenchPart::Browser => browser::run(rounds)?,
            BenchPart::Compression => compression::run(rounds)?,
            BenchPart::Size => size::run()?,
        };
        report::put(part.key(), &section)?;
    }
    Ok(())
}

/// A folder below `target`, for what is built and found on the way.
fn folder(name: &str) -> Outcome<PathBuf> {
    let folder = workspace::root().join("target/bench").join(name);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// The names of the packages in a folder, each built by itself so that no feature of one reaches
/// another.
fn packages(folder: &str) -> Outcome<Vec<String>> {
    let folder = workspace::root().join(folder);
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// Builds a package of one of the workspaces in `benches`.
fn build(workspace_name: &str, arguments: &[&str]) -> Outcome {
    let mut cargo = command("cargo");
    cargo.current_dir(workspace::root().join("benches").join(workspace_name));
    cargo.env("CARGO_TARGET_DIR", folder(workspace_name)?).args(["build", "--release", "--locked"]).args(arguments);
    run_logged(cargo, &format!("build-bench-{workspace_name}"), None)
}

/// The module that a package of one of the workspaces was built to.
fn built_module(workspace_name: &str, package: &str) -> Outcome<PathBuf> {
    let name = format!("{workspace_name}_{}.wasm", package.replace('-', "_"));
    Ok(folder(workspace_name)?.join(WASM_TARGET).join("release").join(name))
}

/// Runs a program that says something only when it fails.
fn succeed(mut command: Command) -> Outcome {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
