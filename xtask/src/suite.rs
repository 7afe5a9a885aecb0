//! All tests, natively and in browsers.

use crate::{
    Part, Result, process,
    report::{Report, Run},
    server::{self, Server},
    setup::{self, Tools},
    traces,
};
use std::process::Command;

/// How long the tests of one file may take in a browser, in seconds.
const BROWSER_TIMEOUT: &str = "600";

pub fn run(parts: &[Part]) -> Result<()> {
    let tools = setup::run(parts)?;
    let address = server::address();
    let server = Server::start(&address, &[])?;
    let mut runs = Vec::new();
    for part in parts {
        println!("\n=== {} ===", part.name());
        runs.push(run_part(*part, &tools, &address)?);
    }
    let traces = traces::compare(&address, parts);
    drop(server);

    let mut report = Report::new(runs);
    match traces {
        Ok(summary) => println!("\n{summary}"),
        Err(difference) => report.fault(difference),
    }
    report.finish()
}

fn run_part(part: Part, tools: &Tools, address: &str) -> Result<Run> {
    let mut run = Run::new(part);
    for mut command in commands(part, tools) {
        command.env("EVERSOCKET_TEST_SERVER", address);
        let (succeeded, output) = process::show_and_keep(&mut command)?;
        // a driver that could not start a browser has tested nothing; once more, and said so
        if !succeeded && part != Part::Native && !output.contains("test ") {
            println!("the browser did not start; once more");
            let (succeeded, output) = process::show_and_keep(&mut command)?;
            run.add(succeeded, &output);
        } else {
            run.add(succeeded, &output);
        }
    }
    Ok(run)
}

fn commands(part: Part, tools: &Tools) -> Vec<Command> {
    match part {
        Part::Native => vec![
            process::command("cargo", &["test", "--workspace", "--no-fail-fast"]),
            process::command("cargo", &["test", "--test", "tls", "--no-default-features", "--features", "native-tls"]),
        ],
        Part::Chrome | Part::Firefox => {
            let mut command = tools.command("cargo", &["test", "--no-fail-fast", "--target", "wasm32-unknown-unknown"]);
            command
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
                .env("WASM_BINDGEN_TEST_TIMEOUT", BROWSER_TIMEOUT)
                .env_remove("CHROMEDRIVER")
                .env_remove("GECKODRIVER");
            match part {
                Part::Firefox => command.envs(tools.firefox_driver.iter().map(|path| ("GECKODRIVER", path))),
                _ => command.envs(tools.chrome_driver.iter().map(|path| ("CHROMEDRIVER", path))),
            };
            vec![command]
        }
    }
}
