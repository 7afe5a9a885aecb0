//! What clients did with the same scripts, as they left it at the test server: it must be the same
//! on all targets.

use crate::{Outcome, arguments::Part, server::TestServer};
use std::collections::{BTreeMap, BTreeSet};

/// Fewer would mean that something was not run.
const MINIMUM_TRACES: usize = 200;
/// The widest column of a comparison.
const WIDTH: usize = 56;

#[derive(Debug)]
pub struct Comparison {
    pub summary: String,
    pub problems: Vec<String>,
}

type Traces = BTreeMap<u64, String>;

/// Where traces come from: a title, and the name that the server has for it.
const ALL: [(&str, &str); 4] =
    [("native", "native"), ("Chrome", "chrome"), ("Chrome by stream", "chrome-stream"), ("Firefox", "firefox")];

pub fn compare(server: &TestServer, parts: &[Part]) -> Comparison {
    let of =
        |(title, key): (&'static str, &str)| Ok((title, parse(&server.get(&format!("/traces-of?target={key}"))?)?));
    let has_run = |key: &str| parts.iter().any(|part| key.starts_with(part.key()));
    match ALL.into_iter().filter(|(_, key)| has_run(key)).map(of).collect::<Outcome<Vec<_>>>() {
        Ok(traces) => compare_traces(&traces),
        Err(message) => {
            Comparison { summary: "traces: not compared".to_owned(), problems: vec![format!("traces: {message}")] }
        }
    }
}

/// A line each: the seed, a tab, and the trace, whose line ends are escaped.
fn parse(text: &str) -> Outcome<Traces> {
    let trace = |line: &str| {
        let (seed, trace) = line.split_once('\t')?;
        Some((seed.parse().ok()?, trace.to_owned()))
    };
    text.lines().map(|line| trace(line).ok_or_else(|| format!("`{line}` is no trace"))).collect()
}

fn compare_traces(traces: &[(&str, Traces)]) -> Comparison {
    let titles = traces.iter().map(|(title, _)| *title).collect::<Vec<_>>().join(", ");
    let seeds: BTreeSet<u64> = traces.iter().flat_map(|(_, traces)| traces.keys().copied()).collect();
    if traces.len() < 2 {
        let summary = format!("traces: {} scripts on {titles}, with nothing to compare to", seeds.len());
        return Comparison { summary, problems: Vec::new() };
    }
    let mut problems = Vec::new();
    for (title, traces) in traces.iter().filter(|(_, traces)| traces.len() < seeds.len()) {
        let absent = seeds.iter().find(|seed| !traces.contains_key(seed)).copied().unwrap_or_default();
        let number = seeds.len() - traces.len();
        problems.push(format!("traces: {number} scripts left none on {title}, the first with seed {absent}"));
    }
    let of_all = |seed: &u64| traces.iter().map(|(_, traces)| traces.get(seed)).collect::<Option<Vec<_>>>();
    let compared: Vec<(u64, Vec<&String>)> =
        seeds.iter().filter_map(|seed| of_all(seed).map(|traces| (*seed, traces))).collect();
    let differing: Vec<_> = compared.iter().filter(|(_, traces)| traces.windows(2).any(|it| it[0] != it[1])).collect();
    if let Some((seed, first)) = differing.first() {
        let columns: Vec<_> = traces.iter().map(|(title, _)| *title).zip(first.iter().copied()).collect();
        problems.push(format!(
            "traces: {} scripts differ, the first with seed {seed}:\n{}",
            differing.len(),
            side_by_side(&columns)
        ));
    }
    if traces.len() == ALL.len() && compared.len() < MINIMUM_TRACES {
        problems.push(format!("traces: only {} scripts were compared; {MINIMUM_TRACES} must be", compared.len()));
    }
    let equal = compared.len() - differing.len();
    let (first, last) = (seeds.first().copied().unwrap_or_default(), seeds.last().copied().unwrap_or_default());
    Comparison { summary: format!("traces: {equal} scripts equal on {titles} (seeds {first} to {last})"), problems }
}

/// Columns with a mark before each line in which they differ.
fn side_by_side(columns: &[(&str, &String)]) -> String {
    let lines: Vec<Vec<&str>> = columns.iter().map(|(_, trace)| trace.split("\\n").collect()).collect();
    let width = lines.iter().flatten().map(|line| line.chars().count()).max().unwrap_or_default().clamp(8, WIDTH);
    let row = |mark: &str, cells: Vec<&str>| {
        let cells = cells.iter().map(|cell| format!("{:width$}", cell.chars().take(width).collect::<String>()));
        format!("  {mark} {}", cells.collect::<Vec<_>>().join(" | ")).trim_end().to_owned()
    };
    let mut rows = vec![row(" ", columns.iter().map(|(title, _)| *title).collect())];
    for index in 0..lines.iter().map(Vec::len).max().unwrap_or_default() {
        let cells: Vec<&str> = lines.iter().map(|lines| lines.get(index).copied().unwrap_or("(ended)")).collect();
        let differs = cells.windows(2).any(|pair| pair[0] != pair[1]);
        rows.push(row(if differs { ">" } else { " " }, cells));
    }
    rows.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(text: &str) -> Traces {
        parse(text).unwrap_or_default()
    }

    #[test]
    fn equal_traces_are_counted() {
        let both = "1\topen\\nclose\n2\topen\n";
        let comparison = compare_traces(&[("native", traces(both)), ("Chrome", traces(both))]);
        assert_eq!(comparison.summary, "traces: 2 scripts equal on native, Chrome (seeds 1 to 2)");
        assert_eq!(comparison.problems, [""; 0]);
    }

    #[test]
    fn the_first_difference_is_shown_side_by_side() {
        let native = traces("1\topen\\nclose 1000\n2\ta\n");
        let chrome = traces("1\topen\\nclose 1006\\nlate\n2\ta\n");
        let comparison = compare_traces(&[("native", native), ("Chrome", chrome)]);
        let expected = "traces: 1 scripts differ, the first with seed 1:\n    native     | Chrome\n    open       | open\n  > close 1000 | close 1006\n  > (ended)    | late";
        assert_eq!(comparison.problems, [expected]);
    }

    #[test]
    fn what_a_target_left_out_is_a_problem() {
        let comparison = compare_traces(&[("native", traces("1\ta\n")), ("Firefox", Traces::new())]);
        assert_eq!(comparison.problems, ["traces: 1 scripts left none on Firefox, the first with seed 1"]);
    }

    #[test]
    fn all_three_targets_must_leave_enough() {
        let comparison = compare_traces(&ALL.map(|(title, _)| (title, traces("1\ta\n"))));
        assert_eq!(comparison.problems, ["traces: only 1 scripts were compared; 200 must be"]);
    }
}
