//! The target wasm32-unknown-unknown: of the current toolchain, else added by rustup, else
//! built from the distribution's sources.

use super::{distribution, present, step};
use crate::{Result, process};
use std::{path::Path, time::Duration};

pub const TARGET: &str = "wasm32-unknown-unknown";
/// Forces the last road, to try it where the others are open.
const FORCE: &str = "EVERSOCKET_WASM_TOOLCHAIN";

/// A toolchain beside the current one.
#[derive(Debug, Clone)]
pub struct Toolchain {
    pub environment: Vec<(String, String)>,
}

impl Toolchain {
    pub fn environment(&self) -> Vec<(String, String)> {
        self.environment.clone()
    }
}

/// The toolchain to build for browsers with; `None` is the current one.
pub fn ensure() -> Result<Option<Toolchain>> {
    if !is_forced() {
        if has_target("rustc") {
            present(TARGET);
            return Ok(None);
        }
        let added = step("the target wasm32-unknown-unknown, by rustup", || {
            let mut command = process::command("rustup", &["target", "add", TARGET]);
            // in a closed network it would try for minutes
            command.env("RUSTUP_MAX_RETRIES", "1");
            process::quiet("rustup-target", &mut command, Some(Duration::from_secs(120)))
        });
        match added {
            Ok(()) if has_target("rustc") => return Ok(None),
            Ok(()) => {}
            Err(error) => println!("set-up: rustup cannot add it ({})", error.lines().next().unwrap_or_default()),
        }
    }
    distribution::ensure()
        .map(Some)
        .map_err(|error| format!("{error}\ninstall the target by hand: rustup target add {TARGET}"))
}

/// The same without installing anything.
pub fn find() -> Result<Option<Toolchain>> {
    if !is_forced() && has_target("rustc") {
        return Ok(None);
    }
    distribution::find().map(Some).ok_or_else(|| format!("{TARGET} is missing; run: cargo xtask setup"))
}

fn is_forced() -> bool {
    std::env::var(FORCE).is_ok_and(|value| value == "distribution")
}

/// Whether a compiler has the target's standard library.
pub fn has_target(rustc: &str) -> bool {
    let folder = process::output(&mut process::command(rustc, &["--print", "target-libdir", "--target", TARGET]));
    let is_core = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libcore"))
    };
    folder.and_then(|folder| std::fs::read_dir(Path::new(&folder)).ok()).is_some_and(|mut entries| entries.any(is_core))
}
