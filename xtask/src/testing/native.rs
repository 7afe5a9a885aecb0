//! The native part.

use super::{cargo, output::Binary};
use crate::process::command;

/// Everything with the default features, then what other features add, and what the TLS features
/// change: with the system's library alone, and without any.
const RUNS: [&[&str]; 5] = [
    &["--workspace"],
    &["--package", "eversocket", "--all-features", "--test", "test_kit", "--test", "json", "--test", "tracing"],
    &["--package", "eversocket", "--all-features", "--doc"],
    &["--package", "eversocket", "--no-default-features", "--features", "native-tls", "--test", "tls"],
    &["--package", "eversocket", "--no-default-features", "--test", "tls"],
];

pub fn run(variables: &[(&str, String)], problems: &mut Vec<String>) -> Vec<Binary> {
    let one = |arguments: &&[&str]| {
        let mut test = command("cargo");
        test.args(["test", "--no-fail-fast"])
            .args(*arguments)
            .envs(variables.iter().map(|(name, value)| (name, value)));
        cargo::run("native", test, problems)
    };
    RUNS.iter().flat_map(one).collect()
}
