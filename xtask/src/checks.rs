//! Everything that is checked without running a test.

use crate::{
    Outcome, dependencies, documents,
    front_ends::{self, HOOKS, PAGES, PROGRAMS, package},
    process, programs,
    setup::{self, Steps, Toolchain, WASM_TARGET},
    workspace,
};
use std::process::Command;

/// What depends on the crate and has a lock file of its own.
const OTHER_WORKSPACES: [&str; 4] = ["benches/native", "benches/size", "benches/web", "fuzz"];

pub fn run() -> Outcome {
    let steps = Steps::new(true);
    setup::openssl(&steps)?;
    let toolchain = setup::wasm_toolchain(&steps)?;
    drop(steps);

    let mut checks = Checks::default();
    checks.cargo("formatting", "fmt --all --check");
    let others = front_ends::left_out().join(" ");
    checks.cargo("lints, workspace", &format!("clippy --workspace {others} --all-targets -- -D warnings"));
    checks.cargo("lints, all features", "clippy --package eversocket --all-targets --all-features -- -D warnings");
    checks
        .cargo("lints, no features", "clippy --package eversocket --all-targets --no-default-features -- -D warnings");
    checks.cargo(
        "lints of the demo's test",
        "clippy --package eversocket-www --all-targets --all-features -- -D warnings",
    );
    checks.cargo(
        "lints of the tests of pages",
        "clippy --package eversocket-pages --all-targets --all-features -- -D warnings",
    );
    for package in HOOKS {
        checks.cargo(
            &format!("lints of {package}"),
            &format!("clippy --package {package} --all-targets --all-features -- -D warnings"),
        );
    }
    for package in PROGRAMS {
        checks
            .cargo(&format!("lints of {package}"), &format!("clippy --package {package} --all-targets -- -D warnings"));
    }
    checks.cargo(
        "lints of the tests of examples",
        "clippy --package eversocket-examples-test --all-targets --all-features -- -D warnings",
    );
    checks.wasm_lints(&toolchain);
    checks.cargo("documentation", "doc --package eversocket --no-deps --all-features");
    checks.wasm("documentation, wasm32", &toolchain, "doc --package eversocket --no-deps --all-features");
    for package in HOOKS {
        let words = format!("doc --package {package} --no-deps --all-features");
        checks.cargo(&format!("documentation of {package}"), &words);
    }
    checks.oldest_rust()?;
    checks.note("links and translations", documents::check);
    checks.note("dependencies", dependencies::check);
    for folder in OTHER_WORKSPACES {
        let mut cargo = process::command("cargo");
        cargo.current_dir(workspace::root().join(folder));
        checks.check(&format!("Cargo.lock of {folder}"), cargo, "metadata --format-version 1 --locked", &[]);
    }
    checks.cargo("examples", "build --package eversocket --examples");
    checks.wasm("examples, wasm32", &toolchain, "build --package eversocket --examples");
    checks.finish()
}

/// Runs all checks, the failed ones told in the end.
#[derive(Default)]
struct Checks {
    failed: Vec<String>,
}

impl Checks {
    fn cargo(&mut self, title: &str, words: &str) {
        self.check(title, process::command("cargo"), words, &[]);
    }

    fn wasm(&mut self, title: &str, toolchain: &Toolchain, words: &str) {
        self.check(title, toolchain.cargo(), words, &["--target", WASM_TARGET]);
    }

    fn wasm_lints(&mut self, toolchain: &Toolchain) {
        let has_clippy = toolchain.cargo().args(["clippy", "--version"]).output().is_ok_and(|it| it.status.success());
        if !has_clippy {
            println!("check: lints, wasm32 ... skipped: the toolchain for wasm32 has no clippy");
            return;
        }
        let lints = ["--target", WASM_TARGET, "--", "-D", "warnings"];
        self.check("lints, wasm32", toolchain.cargo(), "clippy --package eversocket --all-targets", &lints);
        let all = "clippy --package eversocket --all-targets --all-features";
        self.check("lints, wasm32, all features", toolchain.cargo(), all, &lints);
        self.check("lints of the demo, wasm32", toolchain.cargo(), "clippy --package eversocket-www", &lints);
        for package in HOOKS {
            let words = format!("clippy --package {package} --all-targets --features json");
            self.check(&format!("lints of {package}, wasm32"), toolchain.cargo(), &words, &lints);
        }
        for page in PAGES {
            let words = format!("clippy --package {}", package(page));
            self.check(&format!("lints of the example {page}, wasm32"), toolchain.cargo(), &words, &lints);
        }
        self.check("lints of the page, wasm32", toolchain.cargo(), "clippy --package eversocket-pages", &lints);
    }

    /// By the oldest Rust that the crate is said to need, where rustup has it.
    fn oldest_rust(&mut self) -> Outcome {
        let version = workspace::rust_version()?;
        let title = format!("Rust {version}, the oldest");
        let toolchain = [version.clone(), format!("{version}.0")]
            .into_iter()
            .find(|version| programs::ask("rustup", &["run", version, "rustc", "--version"]).is_some());
        let Some(toolchain) = toolchain else {
            println!("check: {title} ... skipped: `rustup toolchain install {version}` brings it");
            return Ok(());
        };
        for (target, words) in [("", ""), (", wasm32", " --target wasm32-unknown-unknown")] {
            let std = programs::ask("rustup", &["target", "list", "--installed", "--toolchain", &toolchain]);
            if !target.is_empty() && !std.is_some_and(|std| std.contains(WASM_TARGET)) {
                continue;
            }
            let mut rustup = process::command("rustup");
            rustup.args(["run", &toolchain]).env("CARGO_TARGET_DIR", workspace::root().join("target/oldest"));
            let words = format!("cargo check --package eversocket --all-features{words}");
            self.check(&format!("{title}{target}"), rustup, &words, &[]);
        }
        Ok(())
    }

    fn check(&mut self, title: &str, mut command: Command, words: &str, more: &[&str]) {
        command.args(words.split(' ')).args(more).env("RUSTDOCFLAGS", "-D warnings");
        let log: String = title.chars().filter(|it| it.is_alphanumeric() || *it == ' ').collect();
        let log = format!("check-{}", log.replace(' ', "-"));
        self.note(title, || process::run_logged(command, &log, None));
    }

    fn note(&mut self, title: &str, check: impl FnOnce() -> Outcome) {
        if let Err(message) = Steps::say(&format!("check: {title}"), check) {
            println!("{message}");
            self.failed.push(title.to_owned());
        }
    }

    fn finish(self) -> Outcome {
        if self.failed.is_empty() {
            return Ok(());
        }
        Err(format!("these checks failed: {}", self.failed.join("; ")))
    }
}
