//! What was asked for on the command line.

use crate::{front_ends::PAGES, fuzz::TARGETS, server::Address};
use std::slice::Iter;

/// One of the three places where the tests run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Native,
    Chrome,
    Firefox,
}

impl Part {
    pub const ALL: [Self; 3] = [Self::Native, Self::Chrome, Self::Firefox];

    /// How people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Chrome => "Chrome",
            Self::Firefox => "Firefox",
        }
    }

    /// How flags, files and the test server call it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Chrome => "chrome",
            Self::Firefox => "firefox",
        }
    }
}

/// One of the comparisons with peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchPart {
    Native,
    Browser,
    Compression,
    Size,
}

impl BenchPart {
    pub const ALL: [Self; 4] = [Self::Native, Self::Browser, Self::Compression, Self::Size];

    /// How flags and the report call it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Browser => "browser",
            Self::Compression => "compression",
            Self::Size => "size",
        }
    }
}

#[derive(Debug, PartialEq)]
pub enum Arguments {
    Help,
    Test { parts: Vec<Part>, front_ends: bool, install: bool },
    Demo { example: Option<&'static str>, address: Address, open: bool },
    Serve { address: Address },
    Setup { parts: Vec<Part> },
    Environment,
    Check,
    Picture,
    Herd { clients: Option<u64> },
    Soak { schedules: Option<u64> },
    Fuzz { target: Option<&'static str>, seconds: Option<u64> },
    Bench { parts: Vec<BenchPart>, rounds: Option<u64> },
}

pub const HELP: &str = "\
usage: cargo xtask COMMAND

  test [--native] [--chrome] [--firefox] [--examples] [--no-install]
      Sets up what is missing, then runs the tests natively and in both browsers, compares what
      the targets did, and does what `examples` does. Flags select parts; none means all. With
      --no-install nothing is installed, and what is missing is an error.
  examples [--no-install]
      The hooks for frameworks and the examples: builds all of them and runs their tests, in both
      browsers, natively, and on a virtual display.
  check
      Formatting, lints, documentation, links and examples, for the native target and for wasm32.
  herd [--clients N]
      Simulates a million clients whose server restarts, prints when they come back, and writes
      docs/herd.md and docs/herd.svg; with another number of clients it writes to target/herd.
  soak [--schedules N]
      Puts the reconnect machine through N random schedules, 1 200 000 by default; a test run has
      time for 20 000. Then one socket loses its connection 50 000 times natively and 10 000 times
      in Chrome, and nothing may be left of it: no task, no descriptor, no memory, no value.
  fuzz [frames|handshake|input|machine] [--seconds N]
      Fuzzes every parser and the state machine, an hour each or N seconds. It wants a C++ compiler.
  bench [--native] [--browser] [--compression] [--size] [--rounds N]
      Compares with peers, in time, memory and bytes to download, and writes docs/performance.md.
      Flags select parts; none means all. Of each event there are N rounds, 5 by default. It takes
      half an hour, and wants a machine that does nothing else.
  demo [EXAMPLE] [--address HOST:PORT] [--no-open]
      Builds the demo, serves it, and opens it in the browser. Stays until Ctrl-C. Instead of the
      demo it shows one of the examples dioxus, egui, leptos, worker, yew.
  picture
      Takes the README's picture of the demo page anew: docs/demo.png.
  serve [--address HOST:PORT]
      Builds and runs the test server. Stays until Ctrl-C.
  setup [--native] [--chrome] [--firefox]
      Only sets up. What it builds goes to .tools in this workspace.
  env
      Prints `export` lines, so that plain cargo and wasm-pack find what was set up:
      eval \"$(cargo xtask env)\"
  help
      This text.

environment variables
  EVERSOCKET_TEST_SERVER=HOST:PORT
      Where the test server listens, 127.0.0.1:9310 by default; its TLS port is the next one.
  EVERSOCKET_WASM_TOOLCHAIN=distribution
      Compiles for wasm32 by the Linux distribution's Rust, even where rustup's could.";

/// Understands the words after `cargo xtask`, or says which of them it does not.
pub fn parse(words: &[String]) -> Result<Arguments, String> {
    let Some((command, rest)) = words.split_first() else { return Ok(Arguments::Help) };
    if rest.iter().any(|word| word == "--help" || word == "-h") {
        return Ok(Arguments::Help);
    }
    let (mut parts, mut bench_parts, mut rounds) = (Vec::new(), Vec::new(), None);
    let mut address = None;
    let (mut clients, mut schedules, mut seconds, mut fuzzed) = (None, None, None, None);
    let (mut install, mut open) = (true, true);
    let (mut example, mut front_ends) = (None, command == "examples");
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let part = Part::ALL.into_iter().find(|part| word.strip_prefix("--") == Some(part.key()));
        let bench_part = BenchPart::ALL.into_iter().find(|part| word.strip_prefix("--") == Some(part.key()));
        match (command.as_str(), word.as_str(), part) {
            ("bench", "--rounds", _) => rounds = Some(number_of("--rounds", &mut words)?),
            ("bench", _, _) if bench_part.is_some() => bench_parts.extend(bench_part),
            ("test" | "setup", _, Some(part)) => parts.push(part),
            ("test", "--examples", _) => front_ends = true,
            ("test" | "examples", "--no-install", _) => install = false,
            ("demo", name, _) if PAGES.contains(&name) => example = PAGES.into_iter().find(|page| *page == name),
            ("demo", "--no-open", _) => open = false,
            ("soak", "--schedules", _) => schedules = Some(number_of("--schedules", &mut words)?),
            ("fuzz", "--seconds", _) => seconds = Some(number_of("--seconds", &mut words)?),
            ("fuzz", name, _) if TARGETS.contains(&name) => fuzzed = TARGETS.into_iter().find(|known| *known == name),
            ("herd", "--clients", _) => clients = Some(number_of("--clients", &mut words)?),
            ("demo" | "serve", "--address", _) => address = Some(value_of("--address", &mut words)?),
            _ => return Err(format!("`{command}` does not know `{word}`")),
        }
    }
    if parts.is_empty() && !front_ends {
        parts = Part::ALL.to_vec();
        front_ends = true;
    }
    if bench_parts.is_empty() {
        bench_parts = BenchPart::ALL.to_vec();
    }
    let address = || address.map_or_else(Address::chosen, Ok);
    match command.as_str() {
        "help" | "--help" | "-h" => Ok(Arguments::Help),
        "test" | "examples" => Ok(Arguments::Test { parts, front_ends, install }),
        "demo" => Ok(Arguments::Demo { example, address: address()?, open }),
        "serve" => Ok(Arguments::Serve { address: address()? }),
        "setup" => Ok(Arguments::Setup { parts }),
        "env" => Ok(Arguments::Environment),
        "check" => Ok(Arguments::Check),
        "picture" => Ok(Arguments::Picture),
        "bench" => Ok(Arguments::Bench { parts: bench_parts, rounds }),
        "fuzz" => Ok(Arguments::Fuzz { target: fuzzed, seconds }),
        "soak" => Ok(Arguments::Soak { schedules }),
        "herd" => Ok(Arguments::Herd { clients }),
        _ => Err(format!("there is no command `{command}`")),
    }
}

fn value_of(flag: &str, words: &mut Iter<String>) -> Result<Address, String> {
    words.next().ok_or_else(|| format!("{flag} needs a value such as 127.0.0.1:9310"))?.parse()
}

fn number_of(flag: &str, words: &mut Iter<String>) -> Result<u64, String> {
    let number = words.next().and_then(|word| word.parse().ok()).filter(|number| *number > 0);
    number.ok_or_else(|| format!("{flag} needs a number such as 100000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, String> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn no_flag_means_all_parts() {
        let all = Arguments::Test { parts: Part::ALL.to_vec(), front_ends: true, install: true };
        assert_eq!(parsed("test"), Ok(all));
    }

    #[test]
    fn the_examples_are_tested_alone_by_either_name() {
        let alone = |install| Ok(Arguments::Test { parts: Vec::new(), front_ends: true, install });
        assert_eq!(parsed("examples"), alone(true));
        assert_eq!(parsed("test --examples --no-install"), alone(false));
    }

    #[test]
    fn an_example_is_shown_by_its_name() {
        let Ok(Arguments::Demo { example, open, .. }) = parsed("demo yew --no-open") else { panic!("no demo") };
        assert_eq!((example, open), (Some("yew"), false));
        assert_eq!(parsed("demo www"), Err("`demo` does not know `www`".to_owned()));
    }

    #[test]
    fn flags_select_parts() {
        let expected = Arguments::Test { parts: vec![Part::Firefox, Part::Native], front_ends: false, install: false };
        assert_eq!(parsed("test --firefox --no-install --native"), Ok(expected));
    }

    #[test]
    fn one_target_is_fuzzed_or_all() {
        assert_eq!(parsed("fuzz"), Ok(Arguments::Fuzz { target: None, seconds: None }));
        assert_eq!(parsed("fuzz input --seconds 9"), Ok(Arguments::Fuzz { target: Some("input"), seconds: Some(9) }));
    }

    #[test]
    fn unknown_words_are_refused_by_name() {
        assert_eq!(parsed("test --safari"), Err("`test` does not know `--safari`".to_owned()));
        assert_eq!(parsed("check --chrome"), Err("`check` does not know `--chrome`".to_owned()));
        assert_eq!(parsed("tset"), Err("there is no command `tset`".to_owned()));
        assert!(parsed("serve --address").is_err());
        assert!(parsed("serve --address nowhere").is_err());
    }

    #[test]
    fn a_herd_has_as_many_clients_as_asked_for() {
        assert_eq!(parsed("herd"), Ok(Arguments::Herd { clients: None }));
        assert_eq!(parsed("herd --clients 5000"), Ok(Arguments::Herd { clients: Some(5_000) }));
        for line in ["herd --clients", "herd --clients 0", "herd --clients many", "test --clients 5"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_comparison_has_parts_and_rounds() {
        let all = BenchPart::ALL.to_vec();
        assert_eq!(parsed("bench"), Ok(Arguments::Bench { parts: all, rounds: None }));
        let size = vec![BenchPart::Size];
        assert_eq!(parsed("bench --size --rounds 3"), Ok(Arguments::Bench { parts: size, rounds: Some(3) }));
        assert_eq!(parsed("bench --firefox"), Err("`bench` does not know `--firefox`".to_owned()));
    }

    #[test]
    fn a_soak_has_as_many_schedules_as_asked_for() {
        assert_eq!(parsed("soak"), Ok(Arguments::Soak { schedules: None }));
        assert_eq!(parsed("soak --schedules 5000"), Ok(Arguments::Soak { schedules: Some(5_000) }));
        assert!(parsed("soak --clients 5").is_err());
    }

    #[test]
    fn help_is_given_when_asked_for_and_when_nothing_is() {
        for line in ["", "help", "--help", "test --help", "demo --no-open -h"] {
            assert_eq!(parsed(line), Ok(Arguments::Help), "{line}");
        }
    }
}
