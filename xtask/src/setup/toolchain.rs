//! Which Rust compiles for wasm32.

use super::{WASM_TARGET, distribution};
use crate::{
    Outcome,
    process::{command, run_logged},
    programs,
};
use std::{
    env,
    ffi::OsString,
    process::{Command, Stdio},
    time::Duration,
};

/// Makes the distribution's Rust the one to use.
const CHOICE_VARIABLE: &str = "EVERSOCKET_WASM_TOOLCHAIN";
/// A download that has not ended by then will not.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(120);

/// A cargo that compiles for wasm32, and what it must be told.
#[derive(Debug)]
pub struct Toolchain {
    cargo: OsString,
    variables: Vec<(&'static str, OsString)>,
}

impl Toolchain {
    /// The one that everything else is compiled by.
    fn current() -> Self {
        Self { cargo: "cargo".into(), variables: Vec::new() }
    }

    pub fn new(cargo: impl Into<OsString>, variables: Vec<(&'static str, OsString)>) -> Self {
        Self { cargo: cargo.into(), variables }
    }

    /// What is there already.
    pub fn present() -> Option<Self> {
        let current = Some(Self::current()).filter(|_| !is_distribution_chosen());
        current.filter(|toolchain| toolchain.compiles("rustc")).or_else(distribution::present)
    }

    /// Installs the target from its makers, or else by the distribution's packages.
    pub fn install() -> Outcome {
        let has_rustup = programs::find(&["rustup"]).is_some();
        let by_rustup = match (is_distribution_chosen(), has_rustup) {
            (true, _) => Err("the distribution's Rust was chosen".to_owned()),
            (false, false) => Err("there is no rustup".to_owned()),
            (false, true) => add_target(),
        };
        by_rustup.or_else(|first| distribution::install().map_err(|second| format!("{first}\n{second}")))
    }

    pub fn variables(&self) -> &[(&'static str, OsString)] {
        &self.variables
    }

    /// Tells a command to use it.
    pub fn apply(&self, command: &mut Command) {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }

    pub fn cargo(&self) -> Command {
        let mut cargo = command(&self.cargo);
        self.apply(&mut cargo);
        cargo
    }

    /// Whether this compiler has a standard library for wasm32 that it can read: after an update
    /// one that was built before it is of no use.
    pub fn compiles(&self, compiler: &str) -> bool {
        let mut rustc = command(compiler);
        self.apply(&mut rustc);
        let output = env::temp_dir().join(format!("eversocket-probe-{}.rmeta", std::process::id()));
        // Reads the program from its input, which is empty.
        rustc.args(["--target", WASM_TARGET, "--crate-type", "lib", "--emit", "metadata", "-", "-o"]).arg(&output);
        let status = rustc.stdout(Stdio::null()).stderr(Stdio::null()).status();
        let _ = std::fs::remove_file(output);
        status.is_ok_and(|status| status.success())
    }
}

fn is_distribution_chosen() -> bool {
    env::var(CHOICE_VARIABLE).is_ok_and(|choice| choice == "distribution")
}

fn add_target() -> Outcome {
    let mut rustup = command("rustup");
    rustup.args(["target", "add", WASM_TARGET]).env("RUSTUP_MAX_RETRIES", "1");
    run_logged(rustup, "rustup-target", Some(DOWNLOAD_LIMIT))
}
