//! What the runs' outputs say: totals, and which rule holds where.

use crate::{Part, Result, workspace};
use std::collections::{BTreeMap, BTreeSet};

/// The test file whose tests are the rules.
const RULES: &str = "conformance";
/// How many rules must have run everywhere.
const MINIMUM: usize = 60;

/// The tests of one part.
#[derive(Debug)]
pub struct Run {
    part: Part,
    succeeded: bool,
    passed: usize,
    failed: usize,
    /// By name, whether it holds.
    rules: BTreeMap<String, bool>,
}

impl Run {
    pub fn new(part: Part) -> Self {
        Self { part, succeeded: true, passed: 0, failed: 0, rules: BTreeMap::new() }
    }

    /// Reads the output of a command.
    pub fn add(&mut self, succeeded: bool, output: &str) {
        self.succeeded &= succeeded;
        let mut in_rules = false;
        for line in output.lines() {
            let line = line.trim();
            if let Some(file) = line.strip_prefix("Running ") {
                in_rules = file.starts_with(&format!("tests/{RULES}/main.rs"));
            } else if line.starts_with("Doc-tests ") {
                in_rules = false;
            } else if let Some((name, passed)) = verdict(line) {
                self.passed += usize::from(passed);
                self.failed += usize::from(!passed);
                if in_rules {
                    self.rules.insert(name.to_owned(), passed);
                }
            }
        }
    }
}

/// The name of a test and whether it passed, of a line such as `test a::b ... ok`.
fn verdict(line: &str) -> Option<(&str, bool)> {
    let (name, outcome) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    match outcome.split(' ').next()? {
        "ok" => Some((name, true)),
        "FAIL" | "FAILED" => Some((name, false)),
        _ => None,
    }
}

/// All parts side by side.
#[derive(Debug)]
pub struct Report {
    runs: Vec<Run>,
    faults: Vec<String>,
}

impl Report {
    pub fn new(runs: Vec<Run>) -> Self {
        Self { runs, faults: Vec::new() }
    }

    pub fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// Prints it, keeps the table, and fails if anything did.
    pub fn finish(mut self) -> Result<()> {
        let rules: BTreeSet<&String> = self.runs.iter().flat_map(|run| run.rules.keys()).collect();
        let table = self.table(&rules);
        let path = workspace::target().join("parity.md");
        std::fs::write(&path, &table).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        println!("\n{table}");

        let shared =
            rules.iter().filter(|rule| self.runs.iter().all(|run| run.rules.get(**rule) == Some(&true))).count();
        let missing: Vec<String> = rules
            .iter()
            .filter(|rule| !self.runs.iter().all(|run| run.rules.contains_key(**rule)))
            .map(|rule| format!("the rule {rule} did not run everywhere"))
            .collect();
        self.faults.extend(missing);
        if shared < MINIMUM {
            self.faults.push(format!("{shared} rules hold everywhere, not {MINIMUM}"));
        }
        for run in self.runs.iter().filter(|run| !run.succeeded) {
            self.faults.push(format!("the tests of {} failed", run.part.name()));
        }

        let totals: Vec<String> =
            self.runs.iter().map(|run| format!("{}: {} tests", run.part.name(), run.passed + run.failed)).collect();
        println!("{}; rules that hold on all of them: {shared} (table in {})", totals.join(", "), path.display());
        self.faults.iter().for_each(|fault| println!("FAULT: {fault}"));
        let passed: usize = self.runs.iter().map(|run| run.passed).sum();
        let failed: usize = self.runs.iter().map(|run| run.failed).sum();
        let failed = if failed == 0 && !self.faults.is_empty() { self.faults.len() } else { failed };
        println!("{passed} passed, {failed} failed");
        if self.faults.is_empty() { Ok(()) } else { Err(self.faults.join("; ")) }
    }

    fn table(&self, rules: &BTreeSet<&String>) -> String {
        let names: Vec<&str> = self.runs.iter().map(|run| run.part.name()).collect();
        let mut table = format!("| rule | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
        for rule in rules {
            let cell = |run: &Run| match run.rules.get(*rule) {
                Some(true) => "ok",
                Some(false) => "FAIL",
                None => "-",
            };
            let cells: Vec<&str> = self.runs.iter().map(cell).collect();
            table += &format!("| {rule} | {} |\n", cells.join(" | "));
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_of_both_runners_are_read() {
        assert_eq!(verdict("test closing::a_rule ... ok"), Some(("closing::a_rule", true)));
        assert_eq!(verdict("test closing::a_rule ... FAILED"), Some(("closing::a_rule", false)));
        assert_eq!(verdict("test a ... FAIL"), Some(("a", false)));
        assert_eq!(verdict("test result: ok. 3 passed"), None);
        assert_eq!(verdict("test src/lib.rs - a (line 3) ... ok"), Some(("src/lib.rs - a (line 3)", true)));
    }

    #[test]
    fn only_the_rules_of_the_rules_file_count_as_rules() {
        let mut run = Run::new(Part::Native);
        run.add(true, "     Running tests/leaks.rs (x)\ntest a ... ok\n     Running tests/conformance/main.rs (y)\ntest b ... ok\n   Doc-tests z\ntest c ... FAILED\n");
        assert_eq!((run.passed, run.failed), (2, 1));
        assert_eq!(run.rules.into_iter().collect::<Vec<_>>(), [("b".to_owned(), true)]);
    }
}
