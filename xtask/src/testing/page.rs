//! Pages in Chrome: the demo as people use it, and one with what befalls pages.

use super::{cargo, output::Binary};
use crate::{
    Outcome,
    demo::{self, Effort},
    process::command,
    setup::Toolchain,
};
use std::path::Path;

pub fn run(toolchain: &Toolchain, driver: &Path, problems: &mut Vec<String>) -> Vec<Binary> {
    if let Err(message) = build(toolchain) {
        problems.push(message);
        return Vec::new();
    }
    let mut binaries = test_demo(driver, problems);
    binaries.extend(test("what befalls pages in Chrome", "eversocket-pages", "pages", driver, problems));
    binaries
}

/// The demo pages alone.
pub fn demo(toolchain: &Toolchain, driver: &Path, problems: &mut Vec<String>) -> Vec<Binary> {
    if let Err(message) = demo::build(toolchain) {
        problems.push(message);
        return Vec::new();
    }
    test_demo(driver, problems)
}

fn test_demo(driver: &Path, problems: &mut Vec<String>) -> Vec<Binary> {
    test("the demo pages in Chrome", "eversocket-www", "page", driver, problems)
}

fn build(toolchain: &Toolchain) -> Outcome {
    demo::build(toolchain)?;
    demo::build_page(toolchain, "the page of the tests", "tests/pages", Effort::Full)
}

fn test(title: &str, package: &str, name: &str, driver: &Path, problems: &mut Vec<String>) -> Vec<Binary> {
    let mut test = command("cargo");
    test.args(["test", "--package", package, "--features", "page-test", "--test", name]);
    test.env("CHROMEDRIVER", driver);
    cargo::run(title, test, problems)
}
