//! docs/performance.md: its sections are written by the command, what is around them by people.

use crate::{Outcome, programs, workspace};
use std::{fs, thread};

/// Puts a section in place of the one that is there, with the machine that it was measured on.
pub fn put(key: &str, section: &str) -> Outcome {
    let path = workspace::root().join("docs/performance.md");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let section = format!("{}\n\n{}", machine(), section.trim_end());
    let text = replaced(&text, key, &section).ok_or_else(|| format!("{} has no section {key}", path.display()))?;
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{section}\n\nWritten: {}", path.display());
    Ok(())
}

/// A section lies between two comments.
fn replaced(text: &str, key: &str, section: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- measured: {key} -->\n"), format!("<!-- end: {key} -->"));
    let (before, rest) = text.split_once(&begin)?;
    let (_old, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{section}\n\n{end}{after}"))
}

fn machine() -> String {
    let asked = |program: &str, arguments: &[&str]| programs::ask(program, arguments).unwrap_or_default();
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("a processor that does not tell its name", |(_, name)| name);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{}; {cores} × {model}; {}; {}",
        asked("date", &["+%Y-%m-%d"]),
        asked("uname", &["-s", "-r", "-m"]),
        asked("rustc", &["--version"])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_the_rest_stays() {
        let text = "a\n<!-- measured: size -->\nold\n<!-- end: size -->\nb\n";
        let new = replaced(text, "size", "new").expect("a section");
        assert_eq!(new, "a\n<!-- measured: size -->\n\nnew\n\n<!-- end: size -->\nb\n");
        assert_eq!(replaced(&new, "size", "new"), Some(new.clone()));
        assert_eq!(replaced(text, "native", "new"), None);
    }
}
