//! What audits pages for people who cannot see or point.

use super::Steps;
use crate::{
    Outcome,
    process::{command, run_logged},
    workspace,
};
use std::{fs, path::PathBuf};

const VERSION: &str = "4.14.1";

/// axe-core, from the registry of npm, as it is.
pub fn axe(steps: &Steps) -> Outcome {
    steps.ensure(
        &format!("axe-core {VERSION}, which audits pages for accessibility"),
        &format!("npm pack axe-core@{VERSION}, unpacked so that .tools/axe-core/axe.min.js is there; on Debian npm is: apt install npm"),
        || is_present().then_some(()),
        install,
    )
}

fn folder() -> PathBuf {
    workspace::tools().join("axe-core")
}

fn is_present() -> bool {
    let package = fs::read_to_string(folder().join("package.json")).unwrap_or_default();
    package.contains(&format!("\"version\": \"{VERSION}\"")) && folder().join("axe.min.js").exists()
}

fn install() -> Outcome {
    let folder = folder();
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut pack = command("npm");
    pack.args(["pack", &format!("axe-core@{VERSION}"), "--pack-destination"]).arg(&folder);
    run_logged(pack, "install-axe-core", None)?;
    let mut unpack = command("tar");
    unpack.args(["-x", "-z", "--strip-components=1", "-C"]).arg(&folder).arg("-f");
    unpack.arg(folder.join(format!("axe-core-{VERSION}.tgz")));
    run_logged(unpack, "unpack-axe-core", None)
}
