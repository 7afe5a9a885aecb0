//! The hooks in components on a page, in a browser.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "../../../../tests/support/counted.rs"]
mod counted;
#[path = "../../../../tests/support/mod.rs"]
mod support;

mod children;
#[cfg(feature = "json")]
mod json;
mod leaving;
mod messages;
mod replaced;
mod stage;
mod states;
mod watcher;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
