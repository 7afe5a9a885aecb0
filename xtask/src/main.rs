//! `cargo xtask`: sets up what the project needs, then tests, checks, serves and shows it.

mod arguments;
mod bench;
mod checks;
mod demo;
mod dependencies;
mod documents;
mod environment;
mod front_ends;
mod fuzz;
mod herd;
mod picture;
mod process;
mod programs;
mod serve;
mod server;
mod setup;
mod soak;
mod testing;
mod workspace;

use arguments::{Arguments, HELP};
use std::process::ExitCode;

/// What can fail says so in words for whoever ran the command.
type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let arguments = match arguments::parse(&words) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("xtask: {message}\n`cargo xtask help` tells what there is.");
            return ExitCode::from(2);
        }
    };
    let outcome = match arguments {
        Arguments::Help => {
            println!("{HELP}");
            Ok(())
        }
        Arguments::Test { parts, front_ends, install } => return testing::run(&parts, front_ends, install),
        Arguments::Demo { example, address, open } => demo::run(example, address, open),
        Arguments::Serve { address } => serve::run(address),
        Arguments::Setup { parts } => setup::run(&parts),
        Arguments::Environment => environment::print(),
        Arguments::Check => checks::run(),
        Arguments::Picture => picture::run(),
        Arguments::Bench { parts, rounds } => bench::run(&parts, rounds),
        Arguments::Soak { schedules } => soak::run(schedules),
        Arguments::Fuzz { target, seconds } => fuzz::run(target, seconds),
        Arguments::Herd { clients } => herd::run(clients),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
