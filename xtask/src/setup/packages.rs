//! What is taken from the npm registry.

use super::{Steps, npm::Package};
use crate::Outcome;
use std::path::PathBuf;

const AXE: Package =
    Package { name: "axe-core", version: "4.14.1", purpose: "audits pages for accessibility", file: "axe.min.js" };
const BINARYEN: Package =
    Package { name: "binaryen", version: "132.0.0", purpose: "makes modules smaller", file: "bin/wasm-opt" };

pub fn axe(steps: &Steps) -> Outcome {
    AXE.ensure(steps)
}

pub fn binaryen(steps: &Steps) -> Outcome {
    BINARYEN.ensure(steps)
}

/// A program for node.
pub fn wasm_opt() -> PathBuf {
    BINARYEN.folder().join(BINARYEN.file)
}
