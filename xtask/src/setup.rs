//! Setting up, on anything from a bare machine to one that has it all.

mod apt;
mod browsers;
mod crates;
mod display;
mod distribution;
mod npm;
mod packages;
mod peers;
mod python;
mod steps;
mod toolchain;

pub use browsers::{chrome, firefox, openssl};
pub use crates::{wasm_bindgen, wasm_pack};
pub use display::display;
pub use packages::{axe, binaryen, wasm_opt};
pub use peers::peers;
pub use steps::Steps;
pub use toolchain::Toolchain;

use crate::{Outcome, arguments::Part};

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Sets up everything for these parts.
pub fn run(parts: &[Part]) -> Outcome {
    let steps = Steps::new(true);
    if parts.contains(&Part::Native) {
        openssl(&steps)?;
        peers(&steps);
    }
    if parts.iter().any(|part| *part != Part::Native) {
        wasm_toolchain(&steps)?;
        wasm_bindgen(&steps)?;
        wasm_pack(&steps)?;
    }
    if parts.contains(&Part::Chrome) {
        chrome(&steps)?;
        axe(&steps)?;
    }
    if parts.contains(&Part::Firefox) {
        firefox(&steps)?;
    }
    Ok(())
}

/// A Rust that compiles for wasm32.
pub fn wasm_toolchain(steps: &Steps) -> Outcome<Toolchain> {
    steps.ensure(
        "Rust's standard library for wasm32, to compile for browsers",
        "rustup target add wasm32-unknown-unknown; or on Debian: apt install rustc-web cargo-web rust-web-src \
         rust-web-clippy, and run this again as root",
        Toolchain::present,
        Toolchain::install,
    )
}
