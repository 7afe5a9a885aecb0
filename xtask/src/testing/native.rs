//! The native part.

use super::{cargo, output::Binary};
use crate::process::command;

/// Everything with the default features, then the crate's own tests with the other TLS library too.
const RUNS: [&[&str]; 2] =
    [&["--workspace"], &["--package", "eversocket", "--features", "native-tls", "--lib", "--tests"]];

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
