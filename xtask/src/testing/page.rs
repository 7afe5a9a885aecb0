//! Pages in Chrome: the demo as people use it, and one with what befalls pages.

use super::{cargo, output::Binary};
use crate::{Outcome, demo, process::command, setup::Toolchain};
use std::path::Path;

pub fn run(toolchain: &Toolchain, driver: &Path, problems: &mut Vec<String>) -> Outcome<Vec<Binary>> {
    demo::build(toolchain)?;
    demo::build_page(toolchain, "the page of the tests", "tests/pages")?;
    let mut binaries = test("the demo page in Chrome", "eversocket-www", "page", driver, problems);
    binaries.extend(test("what befalls pages in Chrome", "eversocket-pages", "pages", driver, problems));
    Ok(binaries)
}

fn test(title: &str, package: &str, name: &str, driver: &Path, problems: &mut Vec<String>) -> Vec<Binary> {
    let mut test = command("cargo");
    test.args(["test", "--package", package, "--features", "page-test", "--test", name]);
    test.env("CHROMEDRIVER", driver);
    cargo::run(title, test, problems)
}
