//! Finding programs, and asking them small things.

use crate::{process::command, workspace};
use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

/// The user's PATH, after what was built for this workspace.
pub fn search_path() -> OsString {
    let own = workspace::tools().join("bin");
    let inherited = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(own).chain(env::split_paths(&inherited));
    env::join_paths(folders).unwrap_or(inherited)
}

/// The first of these programs that is on the search path.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| {
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        env::split_paths(&search_path()).map(|folder| folder.join(&file)).find(|path| path.is_file())
    })
}

/// What a program prints, if it succeeds.
pub fn ask(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = command(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether a program says that it has this version.
pub fn has_version(program: &Path, version: &str) -> bool {
    ask(program, &["--version"]).is_some_and(|text| text.split_whitespace().any(|word| word == version))
}
