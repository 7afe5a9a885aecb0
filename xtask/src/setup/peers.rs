//! Programs of others that native tests talk to. Where they cannot be had, those tests say that they
//! are skipped.

use super::{Steps, apt, npm::Package, python};
use crate::programs;
use std::{env, path::Path};

/// Tells the tests that proxies are installed.
const PROXIES_VARIABLE: &str = "EVERSOCKET_PROXIES";
/// Tells them where the package is.
const WS_VARIABLE: &str = "EVERSOCKET_NODE_WS";
/// Tells them which Python has the package `websockets`.
const PYTHON_VARIABLE: &str = "EVERSOCKET_PYTHON";
const PROXIES: [&str; 2] = ["tinyproxy", "microsocks"];
const WS: Package = Package { name: "ws", version: "8.23.0", purpose: "compresses as others do", file: "index.js" };

/// What the tests are to be told.
pub fn peers(steps: &Steps) -> Vec<(&'static str, String)> {
    let mut variables = Vec::new();
    if env::consts::OS == "linux" {
        let hint = format!("on Debian: apt install {}", PROXIES.join(" "));
        let install = || apt::install(&PROXIES);
        if steps
            .ensure("tinyproxy and microsocks, to go through", &hint, || have_proxies().then_some(()), install)
            .is_ok()
        {
            variables.push((PROXIES_VARIABLE, "1".to_owned()));
        }
    }
    if programs::find(&["node"]).is_some() && WS.ensure(steps).is_ok() {
        variables.push((WS_VARIABLE, WS.folder().to_string_lossy().into_owned()));
    }
    if programs::find(&["python3"]).is_some()
        && let Ok(python) = python::websockets(steps)
    {
        variables.push((PYTHON_VARIABLE, python.to_string_lossy().into_owned()));
    }
    variables
}

/// Debian keeps one of them where only root looks.
fn have_proxies() -> bool {
    PROXIES.iter().all(|name| programs::find(&[name]).is_some() || Path::new("/usr/sbin").join(name).exists())
}
