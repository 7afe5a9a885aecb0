//! The rules that hold in browsers and natively: one body for each, named as its rule.
//!
//! Where a rule is the standard's, a comment names the section of the WHATWG WebSockets
//! standard or RFC 6455. Where browsers differ from each other, the test says how and why.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "../support/calls_back.rs"]
mod calls_back;
#[path = "../support/mod.rs"]
mod support;

mod closing;
mod constructor;
mod life_cycle;
mod opening;
mod receiving;
mod sending;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
