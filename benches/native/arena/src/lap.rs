//! One run of one contestant.

use crate::contestants::Contestant;
use course::Job;
use std::{error::Error, path::Path, process::Command};

/// The two figures that a contestant prints.
pub fn run(contestant: &Contestant, folder: &Path, job: &Job) -> Result<(f64, f64), Box<dyn Error>> {
    let output = Command::new(folder.join(contestant.program)).args(job.arguments()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(str::parse::<f64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(first)), Some(Ok(second))) => Ok((first, second)),
        _ => {
            let why = String::from_utf8_lossy(&output.stderr);
            Err(format!("{} at {job:?}: {text}{why}", contestant.name).into())
        }
    }
}
