//! The native part.

use super::{cargo, output::Binary};
use crate::{front_ends::left_out, process::command};
use std::{env, iter};

/// After everything with the default features: what other features add, and what the TLS features
/// change: with the system's library alone, and without any.
const RUNS: [&[&str]; 4] = [
    &[
        "--package",
        "eversocket",
        "--all-features",
        "--lib",
        "--test",
        "test_kit",
        "--test",
        "faults",
        "--test",
        "deflate",
        "--test",
        "json",
        "--test",
        "byte_stream",
        "--test",
        "tracing",
    ],
    &["--package", "eversocket", "--all-features", "--doc"],
    &["--package", "eversocket", "--no-default-features", "--features", "native-tls", "--test", "tls"],
    &["--package", "eversocket", "--no-default-features", "--test", "tls"],
];

pub fn run(variables: &[(&str, String)], problems: &mut Vec<String>) -> Vec<Binary> {
    let everything = iter::once("--workspace".to_owned()).chain(left_out()).collect();
    let more = RUNS.map(|arguments| arguments.iter().map(|word| (*word).to_owned()).collect());
    let one = |arguments: Vec<String>| {
        let mut test = command("cargo");
        test.args(["test", "--no-fail-fast"]).args(arguments).envs(variables.iter().map(|(name, value)| (name, value)));
        // a proxy of this machine's would answer for names that do not resolve
        let exceptions = env::var("no_proxy").or_else(|_| env::var("NO_PROXY")).unwrap_or_default();
        for name in ["no_proxy", "NO_PROXY"] {
            test.env(name, format!("{exceptions},.invalid"));
        }
        cargo::run("native", test, problems)
    };
    iter::once(everything).chain(more).flat_map(one).collect()
}
