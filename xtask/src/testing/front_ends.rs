//! The hooks for frameworks, natively and in both browsers, and the examples as people use them.

use super::{
    browser::{Browser, Suite},
    cargo,
    output::Binary,
};
use crate::{
    Outcome,
    demo::{Effort, build_page},
    front_ends::{HOOKS, PAGES, PROGRAMS, package},
    process::{self, command},
    setup::{Steps, Toolchain},
};

/// What the runs need.
#[derive(Debug)]
pub struct Setup<'a> {
    pub toolchain: &'a Toolchain,
    /// Chrome first.
    pub browsers: &'a [Browser],
    pub variables: &'a [(&'a str, String)],
}

impl Setup<'_> {
    /// All of it. What is no failed test becomes a problem.
    pub fn run(&self, problems: &mut Vec<String>) -> Vec<Binary> {
        let mut binaries = self.hooks(problems);
        match build() {
            Ok(()) => match self.build_pages() {
                Ok(()) => binaries.extend(self.examples(problems)),
                Err(message) => problems.push(message),
            },
            Err(message) => problems.push(message),
        }
        binaries
    }

    fn hooks(&self, problems: &mut Vec<String>) -> Vec<Binary> {
        let mut binaries = Vec::new();
        for package in HOOKS {
            // alone, since each framework's features for servers are not those of its neighbours
            let mut test = command("cargo");
            test.args(["test", "--package", package, "--all-features", "--no-fail-fast"]);
            test.envs(self.variables.iter().map(|(name, value)| (name, value)));
            binaries.extend(cargo::run(package, test, problems));
            let suite = Suite { package, features: "json", runs: &[&["--features", "json", "--tests"]] };
            for browser in self.browsers {
                binaries.extend(browser.run(&suite, self.toolchain, self.variables, problems));
            }
        }
        binaries
    }

    fn build_pages(&self) -> Outcome {
        for page in PAGES {
            build_page(self.toolchain, &package(page), &format!("examples/{page}"), Effort::Quick)?;
        }
        Ok(())
    }

    fn examples(&self, problems: &mut Vec<String>) -> Vec<Binary> {
        // the chat without its window
        let mut alone = command("cargo");
        alone.args(["test", "--package", "eversocket-example-egui", "--lib", "--no-fail-fast"]);
        let mut binaries = cargo::run("the example in egui", alone, problems);
        let mut test = command("cargo");
        test.args(["test", "--package", "eversocket-examples-test", "--features", "examples-test", "--no-fail-fast"]);
        if let Some(chrome) = self.browsers.first() {
            test.env("CHROMEDRIVER", &chrome.driver);
        }
        binaries.extend(cargo::run("the examples", test, problems));
        binaries
    }
}

/// Builds the examples that are programs.
fn build() -> Outcome {
    let mut build = command("cargo");
    build.arg("build");
    for package in PROGRAMS {
        build.args(["--package", package]);
    }
    Steps::say("build: the examples that are programs", || process::run_logged(build, "build-programs", None))
}
