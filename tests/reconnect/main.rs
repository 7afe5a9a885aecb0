//! What the reconnecting socket does about all that can go wrong: one body for browsers and
//! natively, with real connections to a real server that fails as told.
//!
//! Where a browser differs, because it hides what happened, the test says so.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "../support/mod.rs"]
mod support;

mod close_codes;
mod closing;
mod consuming;
mod credentials;
mod deadlines;
mod endpoint;
mod heartbeat;
mod limits;
mod outages;
mod queue;
mod refusals;
mod session;
mod steering;
mod sticky;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
