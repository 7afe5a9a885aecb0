//! Programs that cargo builds, into the project's own folder.

use super::{present, step};
use crate::{Result, process, workspace};

/// wasm-bindgen and its test runner, which must be of the library's very version.
pub fn ensure_wasm_bindgen() -> Result<()> {
    let version = workspace::locked_version("wasm-bindgen")?;
    let runner = process::find("wasm-bindgen-test-runner");
    let found = runner.and(process::find("wasm-bindgen"));
    let found = found.and_then(|program| process::output(&mut process::command(program, &["--version"])));
    if found.is_some_and(|found| found.split(' ').next_back() == Some(&version)) {
        present(&format!("wasm-bindgen {version} with its test runner"));
        return Ok(());
    }
    install("wasm-bindgen-cli", &["--version", &format!("={version}"), "--force"])
}

/// A program whose version does not matter.
pub fn ensure(program: &str) -> Result<()> {
    if process::find(program).is_some() {
        present(program);
        return Ok(());
    }
    install(program, &[])
}

/// Without the package's own lock file, which may name versions that a mirror lacks.
fn install(package: &str, arguments: &[&str]) -> Result<()> {
    let root = workspace::tools();
    let build = root.join("build");
    step(&format!("{package}, built by cargo"), || {
        let mut command = process::command("cargo", &["install", package]);
        command.args(arguments).arg("--root").arg(&root).env("CARGO_TARGET_DIR", &build);
        process::quiet(package, &mut command, None)
            .map_err(|error| format!("{error}\ninstall it by hand: cargo install {package} {}", arguments.join(" ")))
    })?;
    // what it was built from is large and not needed again
    std::fs::remove_dir_all(&build).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(format!("cannot remove {}: {error}", build.display())),
    })
}
