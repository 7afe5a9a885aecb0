//! Programs built from crates.io into this workspace's own folder.

use super::Steps;
use crate::{
    Outcome,
    process::{command, run_logged},
    programs, workspace,
};
use std::{fs, path::PathBuf};

/// wasm-bindgen and its test runner, which must match the library to the last digit.
pub fn wasm_bindgen(steps: Steps) -> Outcome {
    let version = workspace::locked_version("wasm-bindgen")?;
    let fits = |name| programs::find(&[name]).filter(|path| programs::has_version(path, &version));
    steps.ensure(
        &format!("wasm-bindgen {version}, which makes modules for browsers and runs tests there"),
        &format!("cargo install wasm-bindgen-cli --version ={version}"),
        || fits("wasm-bindgen").and_then(|_| fits("wasm-bindgen-test-runner")).map(drop),
        // Without --locked: its lock file may name versions that a mirror lacks.
        || install("wasm-bindgen-cli", &["--version", &format!("={version}")]),
    )
}

pub fn wasm_pack(steps: Steps) -> Outcome {
    let find = || programs::find(&["wasm-pack"]).map(drop);
    let by_hand = "cargo install wasm-pack";
    steps.ensure("wasm-pack, which builds the demo", by_hand, find, || install("wasm-pack", &[]))
}

/// Builds and installs a crate's programs, and clears away what only building needed.
pub fn install(name: &str, arguments: &[&str]) -> Outcome {
    let build = workspace::tools().join("build");
    let mut cargo = command("cargo");
    cargo.args(["install", name, "--force", "--root"]).arg(workspace::tools()).args(arguments);
    cargo.env("CARGO_TARGET_DIR", &build);
    let outcome = run_logged(cargo, &format!("install-{name}"), None);
    clear(build);
    outcome
}

fn clear(folder: PathBuf) {
    // It is only disk space.
    let _ = fs::remove_dir_all(folder);
}
