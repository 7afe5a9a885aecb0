//! What the crate pulls in, held against deny.toml: licences, sources, and versions side by side. As
//! much of cargo-deny as needs neither that program nor the network.

use crate::{Outcome, programs, setup::WASM_TARGET, workspace};
use std::{collections::BTreeMap, fs};

/// A package, and what cargo says of it.
#[derive(Debug, PartialEq)]
struct Package {
    name: String,
    version: String,
    /// Where it comes from, if not from crates.io.
    elsewhere: Option<String>,
    licence: String,
}

/// What deny.toml lets through.
#[derive(Debug, Default, PartialEq)]
struct Allowed {
    licences: Vec<String>,
    /// `name@version` of what may be there beside another version.
    versions: Vec<String>,
}

pub fn check() -> Outcome {
    let path = workspace::root().join("deny.toml");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let allowed = Allowed::read(&text);
    let mut problems = Vec::new();
    for target in [None, Some(WASM_TARGET)] {
        let mut arguments =
            vec!["tree", "--package", "eversocket", "--all-features", "--edges", "normal,build", "--prefix", "none"];
        arguments.extend(["--no-dedupe", "--format", "{p}|{l}"]);
        arguments.extend(target.into_iter().flat_map(|target| ["--target", target]));
        let told = programs::ask("cargo", &arguments).ok_or("cargo tree fails")?;
        let packages = told.lines().map(Package::read).collect::<Option<Vec<_>>>();
        problems.extend(problems_of(&packages.ok_or("cargo tree says something that is not understood")?, &allowed));
    }
    problems.sort();
    problems.dedup();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

impl Package {
    /// A line such as `bytes v1.12.2|MIT`, or with a folder or `(proc-macro)` after the version.
    fn read(line: &str) -> Option<Self> {
        let (package, licence) = line.split_once('|')?;
        let mut words = package.split(' ');
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        let elsewhere = words.find(|word| *word != "(proc-macro)").map(str::to_owned);
        Some(Self { name: name.to_owned(), version: version.to_owned(), elsewhere, licence: licence.to_owned() })
    }
}

impl Allowed {
    /// Of TOML as much as stands in that file: quoted words in the lists of these two names.
    fn read(text: &str) -> Self {
        let mut allowed = Self::default();
        let mut list: Option<&mut Vec<String>> = None;
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            if line.starts_with("allow = [") {
                list = Some(&mut allowed.licences);
            } else if line.starts_with("skip = [") {
                list = Some(&mut allowed.versions);
            }
            if let Some(list) = &mut list {
                list.extend(line.split('"').nth(1).map(str::to_owned));
            }
            if line.ends_with(']') {
                list = None;
            }
        }
        allowed
    }
}

fn problems_of(packages: &[Package], allowed: &Allowed) -> Vec<String> {
    let mut problems = Vec::new();
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages.iter().filter(|package| package.name != "eversocket") {
        let Package { name, version, elsewhere, licence } = package;
        if let Some(elsewhere) = elsewhere {
            problems.push(format!("{name} does not come from crates.io but from {elsewhere}"));
        }
        if !is_allowed(licence, &allowed.licences) {
            problems.push(format!("{name} {version} has the licence `{licence}`, which deny.toml does not allow"));
        }
        let known = versions.entry(name).or_default();
        if !known.contains(&version.as_str()) && !allowed.versions.contains(&format!("{name}@{version}")) {
            known.push(version);
        }
    }
    let doubled = versions.into_iter().filter(|(_, versions)| versions.len() > 1);
    problems.extend(doubled.map(|(name, versions)| format!("{name} is there in the versions {}", versions.join(", "))));
    problems
}

/// Whether an SPDX expression can be met; the old form `A/B` means either.
fn is_allowed(expression: &str, licences: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut words = &words[..];
    either(&mut words, licences) && words.is_empty()
}

fn either(words: &mut &[&str], licences: &[String]) -> bool {
    let mut met = all(words, licences);
    while let ["OR", rest @ ..] = *words {
        *words = rest;
        met |= all(words, licences);
    }
    met
}

fn all(words: &mut &[&str], licences: &[String]) -> bool {
    let mut met = one(words, licences);
    while let ["AND", rest @ ..] = *words {
        *words = rest;
        met &= one(words, licences);
    }
    met
}

fn one(words: &mut &[&str], licences: &[String]) -> bool {
    match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let met = either(words, licences);
            *words = words.strip_prefix(&[")"]).unwrap_or_default();
            met
        }
        [licence, rest @ ..] => {
            *words = rest;
            licences.iter().any(|known| known == licence)
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(line: &str) -> Package {
        Package::read(line).expect("a line of cargo tree")
    }

    fn allowed() -> Allowed {
        Allowed::read(
            "[licenses]\nallow = [\n    \"MIT\",\n    \"ISC\",\n]\n[bans]\nskip = [\n    \"syn@2.0.1\", # old\n]\nother = [\"x\"]\n",
        )
    }

    #[test]
    fn the_lists_are_read() {
        let expected =
            Allowed { licences: ["MIT", "ISC"].map(str::to_owned).to_vec(), versions: vec!["syn@2.0.1".to_owned()] };
        assert_eq!(allowed(), expected);
    }

    #[test]
    fn expressions_are_met_or_not() {
        let licences = allowed().licences;
        for expression in ["MIT", "GPL-3.0 OR MIT", "MIT/Apache-2.0", "(GPL-3.0 OR MIT) AND ISC", "MIT AND ISC"] {
            assert!(is_allowed(expression, &licences), "{expression}");
        }
        for expression in ["GPL-3.0", "MIT AND GPL-3.0", "", "(MIT OR GPL-3.0) AND GPL-3.0", "MIT ISC"] {
            assert!(!is_allowed(expression, &licences), "{expression}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let good =
            ["syn v2.0.1|MIT", "syn v3.0.0|MIT", "a-macro v1.0.0 (proc-macro)|MIT", "eversocket v1.0.0 (/here)|X"];
        assert!(problems_of(&good.map(package), &allowed()).is_empty());
        let bad = ["a v1.0.0|MIT", "a v2.0.0|MIT", "b v1.0.0|GPL-3.0", "c v1.0.0 (https://elsewhere)|MIT"];
        assert_eq!(problems_of(&bad.map(package), &allowed()).len(), 3);
    }
}
