//! How each step is told.

use super::crates;
use crate::Outcome;
use std::{
    cell::Cell,
    fs,
    io::{self, Write},
    time::Instant,
};

/// Set-up steps, which may install or only look. When they are over, what only building needed is
/// cleared away.
#[derive(Debug)]
pub struct Steps {
    install: bool,
    /// Whether they installed anything. Else the folder is not theirs to clear: somebody else may
    /// be building there.
    installed: Cell<bool>,
}

impl Drop for Steps {
    fn drop(&mut self) {
        if self.installed.get() {
            let _ = fs::remove_dir_all(crates::build_folder());
        }
    }
}

impl Steps {
    pub fn new(install: bool) -> Self {
        Self { install, installed: Cell::new(false) }
    }

    /// Finds something, or installs and then finds it. `by_hand` tells people what to do if that
    /// fails.
    pub fn ensure<T>(
        &self,
        what: &str,
        by_hand: &str,
        find: impl Fn() -> Option<T>,
        install: impl FnOnce() -> Outcome,
    ) -> Outcome<T> {
        let title = format!("set-up: {what}");
        if let Some(found) = find() {
            println!("{title} ... present");
            return Ok(found);
        }
        let to_do = format!("{what}: to be installed by hand: {by_hand}");
        if !self.install {
            println!("{title} ... missing");
            return Err(to_do);
        }
        self.installed.set(true);
        Self::say(&title, install).map_err(|error| format!("{error}\n{to_do}"))?;
        find().ok_or_else(|| format!("it was installed but is not found\n{to_do}"))
    }

    /// Does something in silence, telling only what, how long it took, and whether it failed.
    pub fn say<T>(title: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        print!("{title} ... ");
        let _ = io::stdout().flush();
        let started = Instant::now();
        let outcome = work();
        let ending = if outcome.is_ok() { "" } else { "failed after " };
        println!("{ending}{:.1} s", started.elapsed().as_secs_f32());
        outcome
    }
}
