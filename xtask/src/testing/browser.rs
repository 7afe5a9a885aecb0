//! The parts that run in browsers.

use super::{cargo, output::Binary};
use crate::{
    arguments::Part,
    setup::{Toolchain, WASM_TARGET},
    workspace,
};
use std::{path::PathBuf, process::Command};

/// What the test runner is told: browsers are what all tests are for, even those of a binary that
/// does not say so, and a slow machine is no failure.
pub const VARIABLES: [(&str, &str); 4] = [
    ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner"),
    ("WASM_BINDGEN_USE_BROWSER", "1"),
    ("WASM_BINDGEN_TEST_TIMEOUT", "300"),
    ("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30"),
];

/// The runner takes the first driver that it is told of.
const DRIVERS: [&str; 4] = ["GECKODRIVER", "SAFARIDRIVER", "CHROMEDRIVER", "MSEDGEDRIVER"];

/// What of a package is tested in a browser.
#[derive(Debug)]
pub struct Suite {
    pub package: &'static str,
    /// Those of all its tests.
    pub features: &'static str,
    /// What tells cargo which tests, for one run after the other.
    pub runs: &'static [&'static [&'static str]],
}

/// Everything with the default features, then the tests of what is off by default and means
/// something in a browser, then the documentation.
pub const CRATE: Suite = Suite {
    package: "eversocket",
    features: "test-kit,json,tokio-io",
    runs: &[
        &["--lib", "--tests"],
        &[
            "--features",
            "test-kit,json,tokio-io",
            "--test",
            "test_kit",
            "--test",
            "faults",
            "--test",
            "json",
            "--test",
            "byte_stream",
        ],
        &["--doc", "--features", "test-kit,json"],
    ],
};

/// Once more, by the browser's other interface: Chrome's.
pub const BY_STREAM: Suite = Suite {
    package: "eversocket",
    features: "",
    runs: &[&["--test", "conformance", "--test", "reconnect", "--test", "traces", "--test", "byte_stream"]],
};

#[derive(Debug)]
pub struct Browser {
    pub part: Part,
    /// The path of its driver.
    pub driver: PathBuf,
}

impl Browser {
    pub fn run(
        &self,
        suite: &Suite,
        toolchain: &Toolchain,
        variables: &[(&str, String)],
        problems: &mut Vec<String>,
    ) -> Vec<Binary> {
        let mut run = |selector: &[&str]| {
            let mut command = self.command(suite.package, toolchain, selector);
            command.envs(variables.iter().map(|(name, value)| (name, value)));
            cargo::run(self.part.title(), command, problems)
        };
        let mut binaries: Vec<Binary> = suite.runs.iter().flat_map(|selector| run(selector)).collect();
        for binary in binaries.iter_mut().filter(|binary| !binary.began) {
            println!("\nxtask: {} did not start for {}; once more", self.part.title(), binary.name);
            let features = ["--features", suite.features];
            let selector: Vec<&str> = features.into_iter().chain(binary.selector.iter().map(String::as_str)).collect();
            if let Some(again) = run(&selector).into_iter().find(|it| it.name == binary.name) {
                *binary = again;
            }
        }
        binaries
    }

    pub fn command(&self, package: &str, toolchain: &Toolchain, selector: &[&str]) -> Command {
        let mut command = toolchain.cargo();
        command.args(["test", "--package", package, "--target", WASM_TARGET, "--no-fail-fast"]).args(selector);
        command.envs(VARIABLES).env_remove("NO_HEADLESS");
        for name in DRIVERS {
            command.env_remove(name).env_remove(format!("{name}_REMOTE"));
        }
        // which the runner would look for in the package's own folder
        command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", workspace::root().join("webdriver.json"));
        let variable = if self.part == Part::Firefox { "GECKODRIVER" } else { "CHROMEDRIVER" };
        command.env(variable, &self.driver);
        command
    }
}
