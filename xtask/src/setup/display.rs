//! A display that nobody sees, and what a window on it is drawn by.

use super::{Steps, apt};
use crate::{Outcome, programs};
use std::env;

const PACKAGES: [&str; 10] = [
    "xvfb",
    "xkb-data",
    "libegl1",
    "libgl1",
    "libgl1-mesa-dri",
    "libx11-6",
    "libx11-xcb1",
    "libxcursor1",
    "libxi6",
    "libxkbcommon-x11-0",
];

/// What programs load while they run, so that their building says nothing of it.
const LIBRARIES: [&str; 6] =
    ["libEGL.so.1", "libGL.so.1", "libX11-xcb.so.1", "libXcursor.so.1", "libXi.so.6", "libxkbcommon-x11.so.0"];

/// For the example with a window, on Linux.
pub fn display(steps: &Steps) -> Outcome {
    if env::consts::OS != "linux" {
        return Ok(());
    }
    steps.ensure(
        "a virtual display, for the example with a window",
        &format!("Xvfb, Mesa and the libraries of X11; on Debian: apt install {}", PACKAGES.join(" ")),
        || (programs::find(&["Xvfb"]).is_some() && has_libraries()).then_some(()),
        || apt::install(&PACKAGES),
    )
}

/// Where no cache of libraries can be read, as on systems without glibc, nothing can be told.
fn has_libraries() -> bool {
    let known = programs::ask("/sbin/ldconfig", &["-p"]);
    known.is_none_or(|known| LIBRARIES.iter().all(|library| known.contains(library)))
}
