//! Runs the tests, and compares what the targets did.

mod browser;
mod cargo;
mod faults;
mod front_ends;
mod native;
mod only;
mod output;
pub mod page;
mod parity;
mod traces;

pub use browser::VARIABLES as BROWSER_VARIABLES;

use crate::{
    Outcome,
    arguments::Part,
    server::{ADDRESS_VARIABLE, Address, TestServer},
    setup::{self, Steps, Toolchain},
    workspace,
};
pub use browser::Browser;
use browser::{BY_STREAM, CRATE};
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

/// Sets up and runs these parts, and the hooks and examples if they are wanted. The last line printed is the tally, whatever happens.
pub fn run(parts: &[Part], front_ends: bool, install: bool) -> ExitCode {
    let tally = run_parts(parts, front_ends, Steps::new(install)).unwrap_or_else(|message| {
        println!("\nxtask: {message}");
        Tally { passed: 0, failed: 1 }
    });
    println!("\n{} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 && tally.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_parts(parts: &[Part], front_ends: bool, steps: Steps) -> Outcome<Tally> {
    // In one order, whichever the flags came in, and each once.
    let parts: Vec<Part> = Part::ALL.into_iter().filter(|part| parts.contains(part)).collect();
    let exceptions = only::read()?;
    let (toolchain, browsers) = set_up(&parts, front_ends, &steps)?;
    let peers = if parts.contains(&Part::Native) { setup::peers(&steps) } else { Vec::new() };
    drop(steps);

    let address = Address::chosen()?;
    let server = TestServer::start(address, None)?;
    let variables = [(ADDRESS_VARIABLE, address.to_string())];
    let native = [&variables[..], &peers].concat();
    let mut problems = Vec::new();
    let mut reports = Vec::new();
    if parts.contains(&Part::Native) {
        reports.push(PartReport { part: Part::Native, binaries: native::run(&native, &mut problems) });
    }
    let mut others = Vec::new();
    if let Some(toolchain) = &toolchain {
        for browser in browsers.iter().filter(|browser| parts.contains(&browser.part)) {
            let binaries = browser.run(&CRATE, toolchain, &variables, &mut problems);
            reports.push(PartReport { part: browser.part, binaries });
            if browser.part == Part::Chrome {
                let by_stream = [&variables[..], &[("EVERSOCKET_TEST_BACKPRESSURE", "1".to_owned())]].concat();
                others.extend(browser.run(&BY_STREAM, toolchain, &by_stream, &mut problems));
                others.extend(page::run(toolchain, &browser.driver, &mut problems));
            }
        }
        if front_ends {
            let setup = front_ends::Setup { toolchain, browsers: &browsers, variables: &variables };
            others.extend(setup.run(&mut problems));
        }
    }
    let targets = compare(&server, &reports, &exceptions, &mut problems);
    drop(server);
    targets?;

    for problem in &problems {
        println!("problem: {problem}");
    }
    let mut tally = Tally { passed: 0, failed: problems.len() };
    for binary in reports.iter().flat_map(|report| &report.binaries).chain(&others) {
        tally.passed += binary.passed();
        tally.failed += binary.failed();
    }
    Ok(tally)
}

/// What compiles for browsers, and those that are needed, Chrome first.
fn set_up(parts: &[Part], front_ends: bool, steps: &Steps) -> Outcome<(Option<Toolchain>, Vec<Browser>)> {
    if parts.contains(&Part::Native) {
        setup::openssl(steps)?;
    }
    let is_needed = |part: &Part| front_ends || parts.contains(part);
    let needed: Vec<Part> = [Part::Chrome, Part::Firefox].into_iter().filter(is_needed).collect();
    if needed.is_empty() {
        return Ok((None, Vec::new()));
    }
    let toolchain = setup::wasm_toolchain(steps)?;
    setup::wasm_bindgen(steps)?;
    if needed.contains(&Part::Chrome) {
        setup::wasm_pack(steps)?;
        setup::axe(steps)?;
    }
    if front_ends {
        setup::display(steps)?;
    }
    let driver = |part| if part == Part::Firefox { setup::firefox(steps) } else { setup::chrome(steps) };
    let browsers: Outcome<_> = needed.into_iter().map(|part| Ok(Browser { part, driver: driver(part)? })).collect();
    Ok((Some(toolchain), browsers?))
}

/// Compares what the targets did, if there are some.
fn compare(
    server: &TestServer,
    reports: &[PartReport],
    exceptions: &[only::Exception],
    problems: &mut Vec<String>,
) -> Outcome {
    if reports.is_empty() {
        return Ok(());
    }
    let parts: Vec<Part> = reports.iter().map(|report| report.part).collect();
    println!();
    let comparison = traces::compare(server, &parts);
    let parity = parity::compare(reports, exceptions);
    let path = workspace::root().join("target/parity.md");
    fs::write(&path, &parity.markdown).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("{}\n{}\n{}", parity.table, parity.summary, comparison.summary);
    problems.extend(parity.problems);
    problems.extend(comparison.problems);
    problems.extend(faults::gather(server, &parts)?);
    Ok(())
}
