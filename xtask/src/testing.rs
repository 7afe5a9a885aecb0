//! Runs the tests, and compares what the targets did.

mod browser;
mod cargo;
mod native;
mod only;
mod output;
mod page;
mod parity;
mod traces;

pub use browser::VARIABLES as BROWSER_VARIABLES;

use crate::{
    Outcome,
    arguments::Part,
    server::{ADDRESS_VARIABLE, Address, TestServer},
    setup::{self, Steps},
    workspace,
};
use browser::Browser;
use output::Binary;
use std::{fs, process::ExitCode};

/// What one part's test binaries said.
#[derive(Debug)]
pub struct PartReport {
    pub part: Part,
    pub binaries: Vec<Binary>,
}

/// How many tests passed and failed.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// Sets up and runs these parts. The last line printed is the tally, whatever happens.
pub fn run(parts: &[Part], install: bool) -> ExitCode {
    let tally = run_parts(parts, Steps::new(install)).unwrap_or_else(|message| {
        println!("\nxtask: {message}");
        Tally { passed: 0, failed: 1 }
    });
    println!("\n{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 && tally.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_parts(parts: &[Part], steps: Steps) -> Outcome<Tally> {
    // In one order, whichever the flags came in, and each once.
    let parts: Vec<Part> = Part::ALL.into_iter().filter(|part| parts.contains(part)).collect();
    let exceptions = only::read()?;
    if parts.contains(&Part::Native) {
        setup::openssl(&steps)?;
    }
    let mut toolchain = None;
    if parts.iter().any(|part| *part != Part::Native) {
        toolchain = Some(setup::wasm_toolchain(&steps)?);
        setup::wasm_bindgen(&steps)?;
    }
    if parts.contains(&Part::Chrome) {
        setup::wasm_pack(&steps)?;
    }
    let mut browsers = Vec::new();
    for part in parts.iter().copied() {
        match part {
            Part::Native => {}
            Part::Chrome => browsers.push(Browser { part, driver: setup::chrome(&steps)? }),
            Part::Firefox => browsers.push(Browser { part, driver: setup::firefox(&steps)? }),
        }
    }

    drop(steps);

    let address = Address::chosen()?;
    let server = TestServer::start(address, None)?;
    let variables = [(ADDRESS_VARIABLE, address.to_string())];
    let mut problems = Vec::new();
    let mut reports = Vec::new();
    if parts.contains(&Part::Native) {
        reports.push(PartReport { part: Part::Native, binaries: native::run(&variables, &mut problems) });
    }
    for browser in browsers {
        let Some(toolchain) = &toolchain else { continue };
        let mut binaries = browser.run(toolchain, &variables, &mut problems);
        if browser.part == Part::Chrome {
            match page::run(toolchain, &browser.driver, &mut problems) {
                Ok(page) => binaries.extend(page),
                Err(message) => problems.push(message),
            }
        }
        reports.push(PartReport { part: browser.part, binaries });
    }

    println!();
    let comparison = traces::compare(&server, &parts);
    drop(server);
    let parity = parity::compare(&reports, &exceptions);
    let path = workspace::root().join("target/parity.md");
    fs::write(&path, &parity.markdown).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("{}\n{}\n{}", parity.table, parity.summary, comparison.summary);

    problems.extend(parity.problems);
    problems.extend(comparison.problems);
    for problem in &problems {
        println!("problem: {problem}");
    }
    let mut tally = Tally { passed: 0, failed: problems.len() };
    for binary in reports.iter().flat_map(|report| &report.binaries) {
        tally.passed += binary.passed();
        tally.failed += binary.failed();
    }
    Ok(tally)
}
