//! The picture of the demo page in the README.

use crate::{
    Outcome,
    setup::{self, Steps},
    testing::page,
    workspace,
};
use std::fs;

/// The test of the page takes pictures of it.
pub fn run() -> Outcome {
    let steps = Steps::new(true);
    let toolchain = setup::wasm_toolchain(&steps)?;
    setup::wasm_bindgen(&steps)?;
    setup::wasm_pack(&steps)?;
    setup::axe(&steps)?;
    let driver = setup::chrome(&steps)?;
    let mut problems = Vec::new();
    let failed: usize = page::demo(&toolchain, &driver, &mut problems).iter().map(|binary| binary.failed()).sum();
    if failed > 0 || !problems.is_empty() {
        return Err(format!("the page's test failed, so there is no picture: {}", problems.join("; ")));
    }
    let root = workspace::root();
    let copied = fs::copy(root.join("target/demo-desktop-light.png"), root.join("docs/demo.png"));
    copied.map(drop).map_err(|error| format!("docs/demo.png: {error}"))
}
