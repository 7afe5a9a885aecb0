//! Which rule held where.

use super::{
    PartReport,
    only::Exception,
    output::{Binary, Verdict},
};
use crate::arguments::Part;
use std::collections::{BTreeMap, BTreeSet};

/// The test binaries whose tests are rules for all targets, and what their rules' names begin with.
const BINARIES: [(&str, &str); 2] = [("conformance", ""), ("reconnect", "reconnect::")];
/// Fewer would mean that something was not run.
const MINIMUM_RULES: usize = 60;

pub struct Parity {
    /// For the terminal.
    pub table: String,
    pub markdown: String,
    pub summary: String,
    pub problems: Vec<String>,
}

type Rules = BTreeMap<String, [Option<Verdict>; Part::ALL.len()]>;

pub fn compare(reports: &[PartReport], exceptions: &[Exception]) -> Parity {
    let rules = rules(reports);
    let has_run = |part: Part| reports.iter().any(|report| report.part == part);
    let is_shared = |verdicts: &[Option<Verdict>; 3]| {
        Part::ALL.into_iter().zip(verdicts).all(|(part, verdict)| !has_run(part) || verdict.is_some())
    };
    let shared = rules.values().filter(|verdicts| is_shared(verdicts)).count();
    let mut problems = Vec::new();
    if Part::ALL.into_iter().all(has_run) {
        problems = exceptions.iter().filter_map(|exception| stale(exception, &rules)).collect();
        problems.extend(rules.iter().flat_map(|(rule, verdicts)| missing(rule, verdicts, exceptions)));
        if shared < MINIMUM_RULES {
            problems.push(format!("only {shared} rules are shared by all targets; there must be {MINIMUM_RULES}"));
        }
    }
    let counts = reports.iter().map(|report| format!("{}: {} tests", report.part.title(), number_of_tests(report)));
    let summary = format!("{}; shared rules: {shared}", counts.collect::<Vec<_>>().join(", "));
    Parity { table: table(&rules), markdown: markdown(&rules, &summary), summary, problems }
}

/// The rules, each with its verdict for native, Chrome and Firefox; the worst where it ran twice.
fn rules(reports: &[PartReport]) -> Rules {
    let mut rules = Rules::new();
    for (column, part) in Part::ALL.into_iter().enumerate() {
        let binaries = reports.iter().filter(|report| report.part == part).flat_map(|report| &report.binaries);
        let verdicts = binaries.filter_map(|binary| {
            let (_, prefix) = BINARIES.iter().find(|(name, _)| binary.name == *name)?;
            Some(binary.verdicts.iter().map(move |(rule, verdict)| (format!("{prefix}{rule}"), verdict)))
        });
        for (rule, verdict) in verdicts.flatten() {
            let verdicts = rules.entry(rule).or_default();
            // What was ignored did not run.
            let ran = Some(*verdict).filter(|verdict| *verdict != Verdict::Ignored);
            verdicts[column] = verdicts[column].max(ran);
        }
    }
    rules
}

/// Tests that ran, each counted once.
fn number_of_tests(report: &PartReport) -> usize {
    let ran = |binary: &'_ Binary| -> Vec<(String, String)> {
        let verdicts = binary.verdicts.iter().filter(|(_, verdict)| **verdict != Verdict::Ignored);
        verdicts.map(|(test, _)| (binary.name.clone(), test.clone())).collect()
    };
    report.binaries.iter().flat_map(ran).collect::<BTreeSet<_>>().len()
}

fn missing(rule: &str, verdicts: &[Option<Verdict>], exceptions: &[Exception]) -> Vec<String> {
    let is_excused =
        |part: Part| exceptions.iter().any(|exception| exception.rule == rule && !exception.parts.contains(&part));
    let absent = Part::ALL.into_iter().zip(verdicts).filter(|(_, verdict)| verdict.is_none());
    absent
        .filter(|(part, _)| !is_excused(*part))
        .map(|(part, _)| format!("rule {rule} does not run on {}, and only.txt does not say why", part.title()))
        .collect()
}

/// An exception for what is the rule by now, or for what is gone.
fn stale(exception: &Exception, rules: &Rules) -> Option<String> {
    let Some(verdicts) = rules.get(exception.rule.as_str()) else {
        return Some(format!("only.txt lists {}, which is no rule", exception.rule));
    };
    let runs_elsewhere = |(part, verdict): (Part, &Option<Verdict>)| {
        (!exception.parts.contains(&part) && verdict.is_some()).then(|| part.title())
    };
    let elsewhere = Part::ALL.into_iter().zip(verdicts).find_map(runs_elsewhere)?;
    Some(format!("only.txt excuses {} from {elsewhere}, where it runs", exception.rule))
}

fn cell(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Passed) => "ok",
        Some(Verdict::Failed) => "FAIL",
        Some(Verdict::Ignored) | None => "-",
    }
}

fn table(rules: &Rules) -> String {
    let width = rules.keys().map(|rule| rule.len()).chain([4]).max().unwrap_or_default();
    let row = |name: &str, cells: [&str; 3]| format!("{name:width$}  {:7} {:7} {}\n", cells[0], cells[1], cells[2]);
    let head = row("rule", Part::ALL.map(Part::title));
    rules.iter().fold(head, |text, (rule, verdicts)| text + &row(rule, verdicts.map(cell)))
}

fn markdown(rules: &Rules, summary: &str) -> String {
    let row = |name: &str, cells: [&str; 3]| format!("| {name} | {} |\n", cells.join(" | "));
    let head = row("rule", Part::ALL.map(Part::title)) + "| --- | --- | --- | --- |\n";
    let rows = rules.iter().map(|(rule, verdicts)| row(&format!("`{rule}`"), verdicts.map(cell)));
    format!("# Rules and targets\n\n{head}{}\n{summary}\n", rows.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(part: Part, verdicts: &[(&str, Verdict)]) -> PartReport {
        let verdicts = verdicts.iter().map(|(name, verdict)| ((*name).to_owned(), *verdict)).collect();
        let mut binary = Binary::default();
        (binary.name, binary.verdicts) = (BINARIES[0].0.to_owned(), verdicts);
        PartReport { part, binaries: vec![binary] }
    }

    fn reports() -> [PartReport; 3] {
        let both = [("a::both", Verdict::Passed), ("b::browsers", Verdict::Passed)];
        [
            report(Part::Native, &[("a::both", Verdict::Failed), ("b::browsers", Verdict::Ignored)]),
            report(Part::Chrome, &both),
            report(Part::Firefox, &both),
        ]
    }

    #[test]
    fn a_rule_that_a_target_lacks_is_a_problem_unless_it_is_excused() {
        let of = |parts, rule: &str| [Exception { rule: rule.to_owned(), parts }];
        let browsers = || vec![Part::Chrome, Part::Firefox];
        let problems = |exceptions: &[Exception]| compare(&reports(), exceptions).problems;
        let too_few = "only 1 rules are shared by all targets; there must be 60";
        let missing = "rule b::browsers does not run on native, and only.txt does not say why";
        assert_eq!(problems(&[]), [missing, too_few]);
        assert_eq!(problems(&of(browsers(), "b::browsers")), [too_few]);
        let stale = "only.txt excuses a::both from native, where it runs";
        assert_eq!(problems(&of(browsers(), "a::both")), [stale, missing, too_few]);
        assert_eq!(problems(&of(browsers(), "gone"))[0], "only.txt lists gone, which is no rule");
    }

    #[test]
    fn rules_of_the_same_name_in_two_binaries_are_two() {
        let of = |name: &str| {
            let mut report = report(Part::Native, &[("a::b", Verdict::Passed)]);
            report.binaries[0].name = name.to_owned();
            report
        };
        let rules = rules(&[of("conformance"), of("reconnect"), of("drops")]);
        assert_eq!(rules.keys().collect::<Vec<_>>(), ["a::b", "reconnect::a::b"]);
    }

    #[test]
    fn nothing_is_demanded_of_some_parts_alone() {
        let parity = compare(&reports()[..2], &[]);
        assert_eq!(parity.summary, "native: 1 tests, Chrome: 2 tests; shared rules: 1");
        assert_eq!(parity.problems, [""; 0]);
    }

    #[test]
    fn the_table_has_a_line_for_each_rule() {
        let expected = "rule         native  Chrome  Firefox\n\
                        a::both      FAIL    ok      ok\n\
                        b::browsers  -       ok      ok\n";
        assert_eq!(compare(&reports(), &[]).table, expected);
    }
}
