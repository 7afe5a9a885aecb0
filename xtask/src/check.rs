//! Formatting, lints, documentation, examples: for both targets, warnings denied.

use crate::{Result, process, setup};

pub fn run() -> Result<()> {
    let tools = setup::for_building()?;
    let cargo = |arguments: &str| {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let mut command = process::command("cargo", &arguments);
        command.env("RUSTDOCFLAGS", "-Dwarnings");
        process::show(&mut command)
    };
    let cargo_web = |arguments: &str| {
        let arguments: Vec<&str> = arguments.split(' ').chain(["--target", "wasm32-unknown-unknown"]).collect();
        let mut command = tools.command("cargo", &arguments);
        command.env("RUSTDOCFLAGS", "-Dwarnings").env("RUSTFLAGS", "-Dwarnings");
        process::show(&mut command)
    };
    cargo("fmt --all --check")?;
    cargo("clippy --quiet --workspace --all-targets -- -Dwarnings")?;
    cargo("clippy --quiet --package eversocket --all-targets --all-features -- -Dwarnings")?;
    cargo("clippy --quiet --package eversocket --no-default-features -- -Dwarnings")?;
    cargo("clippy --quiet --package eversocket --no-default-features --features native-tls -- -Dwarnings")?;
    cargo_web("clippy --quiet --package eversocket --all-targets")?;
    cargo_web("clippy --quiet --package eversocket-www")?;
    cargo("doc --quiet --no-deps --package eversocket --all-features")?;
    cargo_web("doc --quiet --no-deps --package eversocket --all-features")?;
    cargo("build --quiet --examples")?;
    cargo_web("build --quiet --examples")
}
