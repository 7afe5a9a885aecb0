//! Contestants beside each other, natively: time and memory.

use super::{build, folder, packages};
use crate::{Outcome, process, setup::Steps};
use std::{fs, path::Path, process::Stdio};

/// The section of the report.
pub fn run(rounds: u64) -> Outcome<String> {
    let ring = folder("arena")?;
    let heap = folder("arena/heap")?;
    Steps::say("build: the arena", || build("native", &["--package", "arena"]))?;
    gather(&ring)?;
    for name in packages("benches/native/contestants")? {
        let package = format!("contestant-{name}");
        // first with the heap counted: what is left there is what the next build begins with
        Steps::say(&format!("build: {package}"), || {
            build("native", &["--package", &package, "--features", "course/heap"])?;
            gather(&heap)?;
            build("native", &["--package", &package])?;
            gather(&ring)
        })?;
    }
    println!("run: {rounds} rounds of each event");
    compete(&ring, &[&rounds.to_string()])
}

/// What the arena of a folder prints.
pub fn compete(ring: &Path, arguments: &[&str]) -> Outcome<String> {
    let mut arena = process::command(ring.join("arena"));
    arena.arg(ring).args(arguments).stderr(Stdio::inherit());
    let output = arena.output().map_err(|error| format!("cannot run the arena: {error}"))?;
    if !output.status.success() {
        return Err("the arena failed, see above".to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Takes the programs out of the folder that the next build writes to.
pub fn gather(into: &Path) -> Outcome {
    let built = folder("native")?.join("release");
    let failed = |error: std::io::Error| format!("{}: {error}", built.display());
    for entry in fs::read_dir(&built).map_err(failed)?.flatten() {
        let path = entry.path();
        let is_program = path.is_file() && path.extension().is_none_or(|extension| extension == "exe");
        let name = entry.file_name();
        if is_program && !name.to_string_lossy().starts_with('.') {
            // moved, so that what another package left is not taken for this one's
            fs::copy(&path, into.join(name)).and_then(|_| fs::remove_file(&path)).map_err(failed)?;
        }
    }
    Ok(())
}
