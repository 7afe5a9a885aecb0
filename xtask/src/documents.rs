//! What compilers do not check of the documents: links, and that translations keep up.

use crate::{Outcome, workspace};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A document and its translation.
const TRANSLATED: (&str, &str) = ("README.md", "README.zh-CN.md");
/// What is built or fetched, and not ours.
const FOREIGN: [&str; 5] = [".git", ".tools", "node_modules", "pkg", "target"];

pub fn check() -> Outcome {
    let root = workspace::root();
    let mut documents = Vec::new();
    gather(root, &mut documents)?;
    let mut problems = Vec::new();
    for path in &documents {
        let document = Document::read(path)?;
        let shown = path.strip_prefix(root).unwrap_or(path).display();
        problems.extend(document.dead_links(path).into_iter().map(|link| format!("{shown}: `{link}` leads nowhere")));
    }
    let (original, translation) = TRANSLATED;
    let difference = Document::read(&root.join(original))?.difference(&Document::read(&root.join(translation))?);
    problems.extend(difference.map(|difference| format!("{translation} is not {original}: {difference}")));
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// All documents below a folder.
fn gather(folder: &Path, documents: &mut Vec<PathBuf>) -> Outcome {
    let failed = |error| format!("cannot list {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(failed)?);
        let is_foreign = FOREIGN.iter().any(|name| entry.file_name() == *name);
        if kind.is_dir() && !is_foreign {
            gather(&path, documents)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "md") {
            documents.push(path);
        }
    }
    Ok(())
}

/// What a document is made of, as far as it matters here.
#[derive(Debug, Default, PartialEq)]
struct Document {
    /// Level and text.
    headings: Vec<(usize, String)>,
    /// Each with its fences.
    code: Vec<String>,
    links: Vec<String>,
}

impl Document {
    fn read(path: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut document = Self::default();
        let mut block: Option<String> = None;
        for line in text.lines() {
            let is_fence = line.trim_start().starts_with("```");
            match &mut block {
                Some(code) => {
                    code.push_str(line);
                    code.push('\n');
                    if is_fence {
                        document.code.extend(block.take());
                    }
                }
                None if is_fence => block = Some(format!("{line}\n")),
                None => document.add(line),
            }
        }
        document.code.extend(block);
        document
    }

    /// A line outside of code.
    fn add(&mut self, line: &str) {
        let text = line.trim_start_matches('#');
        if text.len() < line.len() && text.starts_with(' ') {
            self.headings.push((line.len() - text.len(), text.trim().to_owned()));
        }
        self.links
            .extend(line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link.into()));
        if let Some((_label, link)) = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
            self.links.push(link.trim().to_owned());
        }
    }

    /// Links within the repository that lead nowhere, seen from where the document is.
    fn dead_links(&self, path: &Path) -> Vec<&str> {
        let folder = path.parent().unwrap_or(path);
        let leads_somewhere = |link: &str| match link.split_once('#') {
            Some(("", fragment)) => self.headings.iter().any(|(_, heading)| anchor(heading) == fragment),
            Some((file, _)) => folder.join(file).exists(),
            None => folder.join(link).exists(),
        };
        // the others are the web's, or items, which rustdoc checks
        let is_ours = |link: &&str| !["://", "::", "mailto:"].iter().any(|mark| link.contains(mark));
        self.links.iter().map(String::as_str).filter(is_ours).filter(|link| !leads_somewhere(link)).collect()
    }

    /// In what a translation differs where it should not.
    fn difference(&self, translation: &Self) -> Option<String> {
        let levels = |document: &Self| document.headings.iter().map(|(level, _)| *level).collect::<Vec<_>>();
        let links = |document: &Self| {
            let (original, translation) = TRANSLATED;
            let mut links = document.links.clone();
            links.retain(|link| link != original && link != translation);
            links.sort();
            links
        };
        if levels(self) != levels(translation) {
            return Some(format!("headings of levels {:?} and {:?}", levels(self), levels(translation)));
        }
        if self.code.len() != translation.code.len() {
            return Some(format!("{} and {} blocks of code", self.code.len(), translation.code.len()));
        }
        let unlike = self.code.iter().zip(&translation.code).find(|(one, other)| one != other);
        if let Some((one, other)) = unlike {
            return Some(format!("a block of code\n{one}and\n{other}"));
        }
        let (ours, theirs) = (links(self), links(translation));
        (ours != theirs).then(|| format!("links {ours:?} and {theirs:?}"))
    }
}

/// The name of a heading's place in a page.
fn anchor(heading: &str) -> String {
    let kept = |character: &char| character.is_alphanumeric() || "-_ ".contains(*character);
    heading.to_lowercase().chars().filter(kept).map(|it| if it == ' ' { '-' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGINAL: &str = "# Title\n\nSee [here](Cargo.toml), [there](https://example.com/a).\n\n## Code\n\n\
                            ```sh\n# no heading\nls [no](link)\n```\n\n[item]: crate::Item\n";

    #[test]
    fn the_documents_of_this_repository_hold() {
        assert_eq!(check(), Ok(()));
    }

    #[test]
    fn headings_code_and_links_are_told_apart() {
        let document = Document::parse(ORIGINAL);
        assert_eq!(document.headings, [(1, "Title".to_owned()), (2, "Code".to_owned())]);
        assert_eq!(document.code, ["```sh\n# no heading\nls [no](link)\n```\n"]);
        assert_eq!(document.links, ["Cargo.toml", "https://example.com/a", "crate::Item"]);
    }

    #[test]
    fn a_link_to_a_file_or_a_heading_that_is_not_there_is_found() {
        let dead = |text: &str| {
            let document = Document::parse(text);
            document.dead_links(&workspace::root().join("README.md")).join(" ")
        };
        assert_eq!(dead(ORIGINAL), "");
        assert_eq!(dead("# A b, c\n[x](#a-b-c) [y](#a-b) [z](xtask/Cargo.toml#l1)"), "#a-b");
        assert_eq!(dead("[x](docs/none.md) ![y](none.png)\n[z]: none.md"), "docs/none.md none.png none.md");
    }

    #[test]
    fn a_translation_that_has_fallen_behind_is_found() {
        let original = Document::parse(ORIGINAL);
        let difference = |text: &str| original.difference(&Document::parse(text)).unwrap_or_default();
        assert_eq!(difference(&ORIGINAL.replace("Title", "标题").replace("See", "参见")), "");
        assert!(difference(&ORIGINAL.replace("## Code", "Code")).contains("levels [1, 2] and [1]"));
        assert!(difference(&ORIGINAL.replace("ls ", "ls -l ")).contains("ls -l"));
        assert!(difference(&ORIGINAL.replace("```", "")).starts_with("headings"));
        assert!(difference(&ORIGINAL.replace("Cargo.toml", "Cargo.lock")).starts_with("links"));
    }
}
