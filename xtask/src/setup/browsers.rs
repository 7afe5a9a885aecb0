//! Browsers, their drivers, and what else comes from the system.

use super::{Steps, apt, crates};
use crate::{Outcome, programs};
use std::{
    env,
    path::{Path, PathBuf},
};

/// The path of the driver for Chrome or Chromium.
pub fn chrome(steps: &Steps) -> Outcome<PathBuf> {
    let names = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "chrome"];
    let elsewhere = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];
    steps.ensure(
        "Chromium and its driver, to test in",
        "Chrome or Chromium, and chromedriver of the same version on PATH; on Debian: apt install chromium \
         chromium-driver",
        || browser(&names, &elsewhere).then(|| programs::find(&["chromedriver"]))?,
        || apt::install(&["chromium", "chromium-driver"]),
    )
}

/// The path of the driver for Firefox.
pub fn firefox(steps: &Steps) -> Outcome<PathBuf> {
    let names = ["firefox", "firefox-esr"];
    let elsewhere = ["/Applications/Firefox.app/Contents/MacOS/firefox"];
    steps.ensure(
        "Firefox, to test in",
        "Firefox; on Debian: apt install firefox-esr",
        || browser(&names, &elsewhere).then_some(()),
        || apt::install(&["firefox-esr"]),
    )?;
    steps.ensure(
        "geckodriver, which drives Firefox",
        "cargo install geckodriver",
        || programs::find(&["geckodriver"]),
        || crates::install("geckodriver", &[]),
    )
}

/// Windows keeps browsers off PATH, where only their drivers can tell.
fn browser(names: &[&str], elsewhere: &[&str]) -> bool {
    cfg!(windows) || programs::find(names).is_some() || elsewhere.iter().any(|path| Path::new(path).exists())
}

/// OpenSSL's headers, which the native-tls feature is compiled against on Linux.
pub fn openssl(steps: &Steps) -> Outcome {
    if env::consts::OS != "linux" || env::var_os("OPENSSL_DIR").is_some() {
        return Ok(());
    }
    steps.ensure(
        "OpenSSL's headers, to test the native-tls feature",
        "pkg-config and OpenSSL's development files; on Debian: apt install pkg-config libssl-dev",
        || programs::ask("pkg-config", &["--exists", "openssl"]).map(drop),
        || apt::install(&["pkg-config", "libssl-dev"]),
    )
}
