//! Programs built from crates.io into this workspace's own folder.

use super::Steps;
use crate::{
    Outcome,
    process::{command, run_logged},
    programs, workspace,
};
use std::path::PathBuf;

/// wasm-bindgen and its test runner, which must match the library to the last digit.
pub fn wasm_bindgen(steps: &Steps) -> Outcome {
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

pub fn wasm_pack(steps: &Steps) -> Outcome {
    let find = || programs::find(&["wasm-pack"]).map(drop);
    let by_hand = "cargo install wasm-pack";
    steps.ensure("wasm-pack, which builds the demo", by_hand, find, || install("wasm-pack", &[]))
}

/// Builds and installs a crate's programs.
pub fn install(name: &str, arguments: &[&str]) -> Outcome {
    let mut cargo = command("cargo");
    cargo.args(["install", name, "--force", "--root"]).arg(workspace::tools()).args(arguments);
    // One folder for all: they share many dependencies.
    cargo.env("CARGO_TARGET_DIR", build_folder());
    // They wait for browsers and compilers most of the time, and are built more often than that pays.
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
    run_logged(cargo, &format!("install-{name}"), None)
}

/// Where things are built before they are installed.
pub fn build_folder() -> PathBuf {
    workspace::tools().join("build")
}
