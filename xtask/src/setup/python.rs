//! Packages of Python's registry, in an environment of their own.

use super::Steps;
use crate::{
    Outcome,
    process::{command, run_logged},
    programs, workspace,
};
use std::path::PathBuf;

/// A server of others to talk to.
const WEBSOCKETS: &str = "17.4";

/// Python with the package `websockets`: the path of the interpreter.
pub fn websockets(steps: &Steps) -> Outcome<PathBuf> {
    steps.ensure(
        &format!("Python's websockets {WEBSOCKETS}, which compresses as others do"),
        &format!("python3 -m venv .tools/python, then .tools/python/bin/pip install websockets=={WEBSOCKETS}"),
        present,
        install,
    )
}

fn interpreter() -> PathBuf {
    workspace::tools().join("python/bin/python")
}

fn present() -> Option<PathBuf> {
    let python = interpreter();
    let version = programs::ask(python.to_str()?, &["-c", "import websockets; print(websockets.__version__)"])?;
    (version == WEBSOCKETS).then_some(python)
}

fn install() -> Outcome {
    let mut venv = command("python3");
    venv.args(["-m", "venv"]).arg(workspace::tools().join("python"));
    run_logged(venv, "install-python", None)?;
    let mut pip = command(interpreter());
    pip.args(["-m", "pip", "install", "--quiet", &format!("websockets=={WEBSOCKETS}")]);
    run_logged(pip, "install-websockets", None)
}
