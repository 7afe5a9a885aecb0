//! Ratios to the reference, round by round, of which the medians are told.

use crate::{
    contestants::{ALL, Contestant, REFERENCE},
    rounds::{Lap, Laps},
};
use std::fmt::Write;

pub fn table(title: &str, results: &[(&'static str, Laps)], of: fn(&Lap) -> f64) -> String {
    let mut text = format!("| {title} |");
    // a string takes whatever is written to it
    for (name, _) in results {
        let _infallible = write!(text, " {name} |");
    }
    let _infallible = writeln!(text, "\n|---|{}", "---|".repeat(results.len()));
    for contestant in &ALL {
        let _infallible = write!(text, "| {} |", label(contestant));
        for (_, laps) in results {
            let _infallible = write!(text, " {} |", cell(contestant.name, laps, of));
        }
        text.push('\n');
    }
    text
}

/// With its version.
pub fn label(contestant: &Contestant) -> String {
    match contestant.version() {
        Some(version) if !contestant.is_ours() => format!("{} {version}", contestant.name),
        _ => contestant.name.to_owned(),
    }
}

fn cell(name: &str, laps: &Laps, of: fn(&Lap) -> f64) -> String {
    let (Some(own), Some(reference)) = (laps.get(name), laps.get(REFERENCE)) else { return "–".to_owned() };
    figure(own, (name != REFERENCE).then_some(&**reference), of)
}

/// The ratio to the reference, or the reference's own time.
pub fn figure(own: &[Lap], reference: Option<&[Lap]>, of: fn(&Lap) -> f64) -> String {
    match reference {
        Some(reference) => format!("{:.2}", of_rounds(own, reference, of)),
        None => format!("1 ({:.0} ns)", median(own.iter().map(of))),
    }
}

/// The median of the rounds' ratios.
pub fn of_rounds(laps: &[Lap], reference: &[Lap], of: fn(&Lap) -> f64) -> f64 {
    median(laps.iter().zip(reference).map(|(own, reference)| of(own) / of(reference)))
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_does_not_count() {
        let lap = |processor| Lap { processor, wall: 1.0 };
        let (own, reference) = ([lap(2.0), lap(90.0), lap(3.0)], [lap(2.0), lap(1.0), lap(2.0)]);
        assert!((of_rounds(&own, &reference, |lap| lap.processor) - 1.5).abs() < 1e-9);
    }
}
