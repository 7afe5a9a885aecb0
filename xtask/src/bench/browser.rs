//! Clients beside each other in a page of headless Chrome, and of Firefox.

use super::{build, built_module, folder, packages, succeed};
use crate::{
    Outcome,
    process::command,
    setup::{self, Steps, WASM_TARGET},
    workspace,
};
use std::{fs, process::Stdio};

/// The section of the report.
pub fn run(rounds: u64) -> Outcome<String> {
    let steps = Steps::new(true);
    setup::wasm_toolchain(&steps)?;
    setup::wasm_bindgen(&steps)?;
    let (chromedriver, geckodriver) = (setup::chrome(&steps)?, setup::firefox(&steps)?);
    let site = folder("site")?;
    for file in ["index.html", "course.js", "raw.js"] {
        let from = workspace::root().join("benches/web/page").join(file);
        fs::copy(&from, site.join(file)).map_err(|error| format!("{}: {error}", from.display()))?;
    }
    for name in packages("benches/web/clients")? {
        Steps::say(&format!("build: {name}"), || {
            build("web", &["--target", WASM_TARGET, "--package", &format!("web-{name}")])?;
            let mut bindgen = command("wasm-bindgen");
            bindgen.args(["--target", "web", "--no-typescript", "--out-dir"]);
            bindgen.arg(site.join("clients").join(&name)).arg(built_module("web", &name)?);
            succeed(bindgen)
        })?;
    }
    Steps::say("build: the arena", || build("web", &["--package", "arena"]))?;
    println!("run: {rounds} rounds of each event");
    let mut arena = command(folder("web")?.join("release/arena"));
    arena.arg(&site).arg(rounds.to_string()).stderr(Stdio::inherit());
    arena.env("CHROMEDRIVER", chromedriver).env("GECKODRIVER", geckodriver);
    let output = arena.output().map_err(|error| format!("cannot run the arena: {error}"))?;
    if !output.status.success() {
        return Err("the arena failed, see above".to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
