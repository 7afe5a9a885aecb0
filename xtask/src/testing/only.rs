//! The rules that are not meant for all targets, from a small table beside them.

use crate::{Outcome, arguments::Part, workspace};
use std::{fs, io::ErrorKind};

const PATH: &str = "tests/conformance/only.txt";

/// A rule that runs on these parts only.
#[derive(Debug, PartialEq)]
pub struct Exception {
    pub rule: String,
    pub parts: Vec<Part>,
}

/// The table; empty where there is none.
pub fn read() -> Outcome<Vec<Exception>> {
    match fs::read_to_string(workspace::root().join(PATH)) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("cannot read {PATH}: {error}")),
    }
}

/// Lines of `target rule: why`. Empty ones and those that begin with # say nothing.
fn parse(text: &str) -> Outcome<Vec<Exception>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| exception(line).ok_or_else(|| format!("{PATH}: `{line}` is not `target rule: why`"))).collect()
}

fn exception(line: &str) -> Option<Exception> {
    // A colon and a space, since rules have double colons.
    let (head, why) = line.split_once(": ")?;
    let (target, rule) = head.split_once(' ')?;
    let parts = match target {
        "native" => vec![Part::Native],
        "chrome" => vec![Part::Chrome],
        "firefox" => vec![Part::Firefox],
        "browser" => vec![Part::Chrome, Part::Firefox],
        _ => return None,
    };
    (!why.trim().is_empty()).then(|| Exception { rule: rule.trim().to_owned(), parts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_target_rule_and_reason() {
        let expected = Exception { rule: "a::b".to_owned(), parts: vec![Part::Chrome, Part::Firefox] };
        assert_eq!(parse("# why\n\nbrowser a::b: no such thing natively\n"), Ok(vec![expected]));
    }

    #[test]
    fn a_line_without_a_reason_is_refused() {
        for line in ["native a::b", "native a::b: ", "safari a::b: why", "a::b: why"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
