//! How each step is told.

use crate::Outcome;
use std::{
    io::{self, Write},
    time::Instant,
};

/// Set-up steps, which may install or only look.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    pub install: bool,
}

impl Steps {
    /// Finds something, or installs and then finds it. `by_hand` tells people what to do if that
    /// fails.
    pub fn ensure<T>(
        self,
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
