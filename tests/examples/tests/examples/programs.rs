//! The examples that are programs.

use std::path::PathBuf;

/// Where cargo has put an example's program: it is a package of its own, and built beforehand.
pub fn example(name: &str) -> PathBuf {
    let program = format!("eversocket-example-{name}");
    let test = std::env::current_exe().expect("this test");
    // this test is in deps of the folder in which programs are
    let folder = test.ancestors().nth(2).expect("a target folder");
    let path = folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is missing: cargo build --package {program}", path.display());
    path
}
