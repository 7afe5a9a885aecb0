//! One run of `cargo test`.

use super::output::{self, Binary};
use crate::process::run_captured;
use std::process::Command;

/// Runs it and gives what its binaries said. A failure that is no test's becomes a problem.
pub fn run(title: &str, command: Command, problems: &mut Vec<String>) -> Vec<Binary> {
    let captured = match run_captured(command) {
        Ok(captured) => captured,
        Err(message) => {
            problems.push(format!("{title}: {message}"));
            return Vec::new();
        }
    };
    let binaries = output::parse(&captured.text);
    if !captured.success && binaries.iter().all(|binary| binary.failed() == 0) {
        problems.push(format!("{title}: cargo test failed, though no test did; its output is above"));
    }
    binaries
}
