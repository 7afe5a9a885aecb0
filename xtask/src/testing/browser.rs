//! The parts that run in browsers.

use super::{cargo, output::Binary};
use crate::{
    arguments::Part,
    setup::{Toolchain, WASM_TARGET},
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

/// The tests of what is off by default, and means something in a browser.
const FEATURES: [&str; 6] = ["--features", "test-kit,json", "--test", "test_kit", "--test", "json"];

pub struct Browser {
    pub part: Part,
    /// The path of its driver.
    pub driver: PathBuf,
}

impl Browser {
    pub fn run(&self, toolchain: &Toolchain, variables: &[(&str, String)], problems: &mut Vec<String>) -> Vec<Binary> {
        let mut run = |selector: &[String]| {
            let mut command = self.command(toolchain, selector);
            command.envs(variables.iter().map(|(name, value)| (name, value)));
            cargo::run(self.part.title(), command, problems)
        };
        let mut binaries = run(&["--lib".to_owned(), "--tests".to_owned()]);
        binaries.extend(run(&FEATURES.map(str::to_owned)));
        binaries.extend(run(&["--doc", "--features", "test-kit,json"].map(str::to_owned)));
        for binary in binaries.iter_mut().filter(|binary| !binary.began) {
            println!("\nxtask: {} did not start for {}; once more", self.part.title(), binary.name);
            // with the features of all, since it may be one that needs them
            let features = FEATURES[..2].iter().map(|word| (*word).to_owned());
            let selector: Vec<String> = features.chain(binary.selector.iter().cloned()).collect();
            if let Some(again) = run(&selector).into_iter().find(|it| it.name == binary.name) {
                *binary = again;
            }
        }
        binaries
    }

    fn command(&self, toolchain: &Toolchain, selector: &[String]) -> Command {
        let mut command = toolchain.cargo();
        command.args(["test", "--package", "eversocket", "--target", WASM_TARGET, "--no-fail-fast"]).args(selector);
        command.envs(VARIABLES).env_remove("NO_HEADLESS");
        for name in DRIVERS {
            command.env_remove(name).env_remove(format!("{name}_REMOTE"));
        }
        let variable = if self.part == Part::Firefox { "GECKODRIVER" } else { "CHROMEDRIVER" };
        command.env(variable, &self.driver);
        command
    }
}
