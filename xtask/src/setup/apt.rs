//! Packages of Debian and its kin.

use crate::{
    Outcome,
    process::{command, run_logged},
    programs,
};
use std::{process::Command, sync::OnceLock};

/// A command that may change the system: as root, or by sudo where that asks for no password.
pub fn privileged(program: &str) -> Outcome<Command> {
    if programs::ask("id", &["-u"]).as_deref() == Some("0") {
        return Ok(command(program));
    }
    if programs::ask("sudo", &["-n", "true"]).is_none() {
        return Err(format!("{program} needs root, or sudo without a password"));
    }
    let mut sudo = command("sudo");
    sudo.args(["-n", program]);
    Ok(sudo)
}

/// Installs packages, with what they are known by refreshed first.
pub fn install(packages: &[&str]) -> Outcome {
    static REFRESHED: OnceLock<Outcome> = OnceLock::new();
    if programs::find(&["apt-get"]).is_none() {
        return Err("there is no apt-get on this machine".to_owned());
    }
    // A list that could not be refreshed is often still good enough.
    let _ = REFRESHED.get_or_init(|| run_logged(apt(&["update"])?, "apt-update", None));
    let arguments = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    run_logged(apt(&arguments)?, &format!("apt-install-{}", packages.join("-")), None)
}

fn apt(arguments: &[&str]) -> Outcome<Command> {
    // By env, since sudo drops what it was not told to keep.
    let mut command = privileged("env")?;
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(arguments);
    Ok(command)
}
