//! The crate in a dedicated worker, where there is no window.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(target_arch = "wasm32")]

#[path = "support/mod.rs"]
mod support;
#[path = "support/worker.rs"]
mod worker;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
