//! The demo page in Chrome, built and used as people do.

use super::{cargo, output::Binary};
use crate::{Outcome, demo, process::command, setup::Toolchain};
use std::path::Path;

pub fn run(toolchain: &Toolchain, driver: &Path, problems: &mut Vec<String>) -> Outcome<Vec<Binary>> {
    demo::build(toolchain)?;
    let mut test = command("cargo");
    test.args(["test", "--package", "eversocket-www", "--features", "page-test", "--test", "page"]);
    test.env("CHROMEDRIVER", driver);
    Ok(cargo::run("the demo page in Chrome", test, problems))
}
