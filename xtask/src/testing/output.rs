//! Reads what `cargo test` prints, natively and by wasm-bindgen's test runner.

use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Ignored,
    Passed,
    Failed,
}

/// One test binary's run.
#[derive(Debug, Default)]
pub struct Binary {
    /// The crate's name: of a file in tests/ that, of unit tests the package's.
    pub name: String,
    /// What makes `cargo test` run it alone.
    pub selector: Vec<String>,
    /// Whether it came as far as to its tests, or to seeing that it has none.
    pub began: bool,
    pub verdicts: BTreeMap<String, Verdict>,
    /// The tests that a browser's console tells of, which it does when something is wrong.
    invoked: Vec<String>,
    /// How many passed and failed by its own count, once it was through.
    count: Option<(usize, usize)>,
}

impl Binary {
    pub fn passed(&self) -> usize {
        self.count.map_or_else(|| self.number_of(Verdict::Passed), |(passed, _)| passed)
    }

    /// A binary that did not end counts as one failed test at least.
    pub fn failed(&self) -> usize {
        self.count.map_or_else(|| self.number_of(Verdict::Failed).max(1), |(_, failed)| failed)
    }

    fn number_of(&self, verdict: Verdict) -> usize {
        self.verdicts.values().filter(|it| **it == verdict).count()
    }
}

/// The binaries in the order in which they ran. A test that began and did not end has failed.
pub fn parse(text: &str) -> Vec<Binary> {
    let mut binaries: Vec<Binary> = Vec::new();
    for line in text.lines() {
        if let Some(binary) = heading(line) {
            binaries.push(binary);
        } else if let Some(binary) = binaries.last_mut() {
            read(line, binary);
        }
    }
    for binary in &mut binaries {
        for test in std::mem::take(&mut binary.invoked) {
            binary.verdicts.entry(test).or_insert(Verdict::Failed);
        }
    }
    binaries
}

fn read(line: &str, binary: &mut Binary) {
    let is_start = |rest: &str| rest.ends_with(" test") || rest.ends_with(" tests");
    if line.strip_prefix("running ").is_some_and(is_start) {
        binary.began = true;
    } else if line.starts_with("no tests to run!") {
        binary.began = true;
        binary.count.get_or_insert((0, 0));
    } else if let Some(counts) = line.strip_prefix("test result: ") {
        let number = |what: &str| {
            let part = counts.split([';', '.']).map(str::trim).find(|part| part.ends_with(what))?;
            part.split(' ').next()?.parse::<usize>().ok()
        };
        // Summed up, since documentation may be several programs under one heading.
        let (passed, failed) = binary.count.unwrap_or_default();
        binary.count =
            Some((passed + number(" passed").unwrap_or_default(), failed + number(" failed").unwrap_or_default()));
    } else if let Some(name) = line.strip_prefix("    Invoking test: ") {
        binary.invoked.push(name.to_owned());
    } else if let Some((name, verdict)) = verdict(line) {
        let kept = binary.verdicts.entry(name).or_insert(verdict);
        *kept = verdict.max(*kept);
    }
}

/// Cargo's own line before each binary, which it indents.
fn heading(line: &str) -> Option<Binary> {
    if let Some(package) = line.trim_start().strip_prefix("Doc-tests ").filter(|_| line.starts_with(' ')) {
        return Some(Binary {
            name: format!("documentation of {package}"),
            selector: vec!["--doc".to_owned()],
            ..Binary::default()
        });
    }
    let told = line.trim_start().strip_prefix("Running ").filter(|_| line.starts_with(' '))?;
    let (source, program) = told.strip_suffix(')')?.split_once(" (")?;
    let file = program.rsplit(['/', '\\']).next()?;
    let stem = file.strip_suffix(".wasm").or_else(|| file.strip_suffix(".exe")).unwrap_or(file);
    let name = stem.rsplit_once('-')?.0.to_owned();
    let selector = match source.strip_prefix("unittests ") {
        Some(path) if path.ends_with("lib.rs") => vec!["--lib".to_owned()],
        Some(_) => vec!["--bins".to_owned()],
        None => vec!["--test".to_owned(), name.clone()],
    };
    Some(Binary { name, selector, ..Binary::default() })
}

fn verdict(line: &str) -> Option<(String, Verdict)> {
    let (name, verdict) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let verdict = match verdict {
        _ if verdict.starts_with("ok") => Verdict::Passed,
        _ if verdict.starts_with("FAIL") => Verdict::Failed,
        _ if verdict.starts_with("ignored") => Verdict::Ignored,
        _ => return None,
    };
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    Some((name.to_owned(), verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NATIVE: &str = "    Finished `test` profile in 0.1s
     Running unittests src/lib.rs (target/debug/deps/eversocket-0123456789abcdef)

running 0 tests

test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

     Running tests/conformance/main.rs (target/debug/deps/conformance-0123456789abcdef)

running 4 tests
test opening::opens ... ok
test opening::waits ... ignored, later
test closing::closes ... FAILED
test closing::panics - should panic ... ok

failures:

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

   Doc-tests eversocket

running 1 test
test src/lib.rs - Thing::method (line 9) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    const BROWSER: &str =
        "     Running unittests src/lib.rs (target/wasm32-unknown-unknown/debug/deps/eversocket-02.wasm)
no tests to run!
     Running tests/conformance/main.rs (target/wasm32-unknown-unknown/debug/deps/conformance-02.wasm)
Running headless tests in Chrome on `http://127.0.0.1:44761/`
Loading Wasm module...

running 3 tests
test opening::opens ... ok
test closing::closes ... FAIL
Failed to detect test as having been run. It might have timed out.
console output:
    Invoking test: opening::opens
    Invoking test: closing::closes
    Invoking test: closing::hangs
";

    fn verdict_of(binaries: &[Binary], name: &str) -> Option<Verdict> {
        binaries.iter().find_map(|binary| binary.verdicts.get(name).copied())
    }

    #[test]
    fn native_output_is_understood() {
        let binaries = parse(NATIVE);
        let names: Vec<_> = binaries.iter().map(|binary| binary.name.as_str()).collect();
        assert_eq!(names, ["eversocket", "conformance", "documentation of eversocket"]);
        assert_eq!(verdict_of(&binaries, "opening::opens"), Some(Verdict::Passed));
        assert_eq!(verdict_of(&binaries, "opening::waits"), Some(Verdict::Ignored));
        assert_eq!(verdict_of(&binaries, "closing::closes"), Some(Verdict::Failed));
        assert_eq!(verdict_of(&binaries, "closing::panics"), Some(Verdict::Passed));
        assert_eq!(binaries.iter().map(Binary::passed).sum::<usize>(), 3);
        assert_eq!(binaries.iter().map(Binary::failed).sum::<usize>(), 1);
        assert_eq!(binaries[1].selector, ["--test", "conformance"]);
    }

    #[test]
    fn the_output_of_browsers_is_understood_even_when_it_breaks_off() {
        let binaries = parse(BROWSER);
        assert_eq!(binaries.len(), 2);
        assert!(binaries.iter().all(|binary| binary.began));
        assert_eq!((binaries[0].passed(), binaries[0].failed()), (0, 0));
        assert_eq!((binaries[1].passed(), binaries[1].failed()), (1, 2));
        assert_eq!(verdict_of(&binaries, "closing::hangs"), Some(Verdict::Failed));
    }

    #[test]
    fn a_browser_that_did_not_start_is_a_failure_that_did_not_begin() {
        let heading = "     Running tests/a.rs (target/wasm32-unknown-unknown/debug/deps/a_b-02.wasm)\n";
        let binaries = parse(&format!("{heading}Error: driver failed to start\n"));
        assert_eq!((binaries[0].name.as_str(), binaries[0].began, binaries[0].failed()), ("a_b", false, 1));
    }
}
