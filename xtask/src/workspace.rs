//! Where things are in this workspace.

use crate::Outcome;
use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// The folder of the workspace's own Cargo.toml.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // What cargo says now comes first: the compiled-in path is stale once the folder has moved.
        let manifest_folder = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let manifest_folder = PathBuf::from(manifest_folder);
        manifest_folder.parent().map(Path::to_path_buf).unwrap_or(manifest_folder)
    })
}

/// What is built for this workspace alone; git ignores it.
pub fn tools() -> PathBuf {
    root().join(".tools")
}

/// A file for the output of a program that works in silence.
pub fn log_file(name: &str) -> PathBuf {
    root().join("target/xtask-logs").join(format!("{name}.log"))
}

/// A program of this workspace, built for release. It lies beside the profile that this one was
/// built in, wherever the target folder is.
pub fn release_program(name: &str) -> Outcome<PathBuf> {
    let own = env::current_exe().map_err(|error| format!("cannot tell where this program is: {error}"))?;
    let target = own.ancestors().nth(2).ok_or("this program is not in a target folder")?;
    Ok(target.join("release").join(format!("{name}{}", env::consts::EXE_SUFFIX)))
}

/// The oldest Rust that the crate says it needs.
pub fn rust_version() -> Outcome<String> {
    let path = root().join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("rust-version = \""));
    let version = line.and_then(|line| line.strip_suffix('"')).map(str::to_owned);
    version.ok_or_else(|| "Cargo.toml has no rust-version".to_owned())
}

/// The version of a package in Cargo.lock.
pub fn locked_version(package: &str) -> Outcome<String> {
    let path = root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    version_in(&lock, package).ok_or_else(|| format!("Cargo.lock has no {package}"))
}

/// The version of a package in a lock file.
pub fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_exactly_this_package() {
        let lock =
            "[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"a\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "a").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "b"), None);
    }
}
