//! Contestants take turns, so that what befalls the machine befalls all.

use crate::{
    contestants::{Contestant, FLOOR},
    events::Event,
    lap,
};
use std::{collections::BTreeMap, error::Error, path::Path};

/// Nanoseconds for each message.
#[derive(Debug, Clone, Copy)]
pub struct Lap {
    pub processor: f64,
    pub wall: f64,
}

/// By the name of the contestant, a lap for each round.
pub type Laps = BTreeMap<&'static str, Vec<Lap>>;

pub fn run(
    event: &Event,
    field: &[&'static Contestant],
    folder: &Path,
    server: &str,
    rounds: usize,
) -> Result<Laps, Box<dyn Error>> {
    let mut laps = Laps::new();
    let field: Vec<_> =
        field.iter().filter(|contestant| contestant.name == FLOOR || (event.takes)(contestant)).collect();
    for at in turns(rounds, field.len()) {
        let contestant = field[at];
        match lap::run(contestant, folder, &event.job(server)) {
            Ok((processor, wall)) => laps.entry(contestant.name).or_default().push(Lap { processor, wall }),
            Err(error) if contestant.is_ours() => return Err(error),
            // the table has a dash for it
            Err(error) => eprintln!("{error}"),
        }
    }
    Ok(laps)
}

/// Whose turn it is: in each round all of so many, and each begins in turn.
pub fn turns(rounds: usize, entrants: usize) -> impl Iterator<Item = usize> {
    (0..rounds).flat_map(move |round| (0..entrants).map(move |index| (index + round) % entrants))
}
