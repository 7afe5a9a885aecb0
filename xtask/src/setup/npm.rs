//! Packages of the npm registry, as they are: unpacked, and nothing of theirs run.

use super::Steps;
use crate::{
    Outcome,
    process::{command, run_logged},
    workspace,
};
use std::{fs, path::PathBuf};

pub struct Package {
    pub name: &'static str,
    pub version: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// A file that it has.
    pub file: &'static str,
}

impl Package {
    pub fn ensure(&self, steps: &Steps) -> Outcome {
        let Self { name, version, purpose, file } = self;
        steps.ensure(
            &format!("{name} {version}, which {purpose}"),
            &format!(
                "npm pack {name}@{version}, unpacked so that .tools/{name}/{file} is there; on Debian npm is: apt install npm"
            ),
            || self.is_present().then_some(()),
            || self.install(),
        )
    }

    pub fn folder(&self) -> PathBuf {
        workspace::tools().join(self.name)
    }

    fn is_present(&self) -> bool {
        let package = fs::read_to_string(self.folder().join("package.json")).unwrap_or_default();
        package.contains(&format!("\"version\": \"{}\"", self.version)) && self.folder().join(self.file).exists()
    }

    fn install(&self) -> Outcome {
        let Self { name, version, .. } = self;
        let folder = self.folder();
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut pack = command("npm");
        pack.args(["pack", &format!("{name}@{version}"), "--pack-destination"]).arg(&folder);
        run_logged(pack, &format!("install-{name}"), None)?;
        let mut unpack = command("tar");
        unpack.args(["-x", "-z", "--strip-components=1", "-C"]).arg(&folder).arg("-f");
        unpack.arg(folder.join(format!("{name}-{version}.tgz")));
        run_logged(unpack, &format!("unpack-{name}"), None)
    }
}
