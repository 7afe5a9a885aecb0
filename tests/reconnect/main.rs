//! What the reconnecting socket does about all that can go wrong: one body for browsers and
//! natively, with real connections to a real server that fails as told.
//!
//! Where a browser differs, because it hides what happened, the test says so.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "../support/mod.rs"]
mod support;

#[path = "../../examples/json_rpc/codec.rs"]
mod json_rpc;

mod apart;
mod close_codes;
mod closing;
mod commands;
mod consuming;
mod credentials;
mod deadlines;
mod endpoint;
mod extremes;
mod forwarding;
mod heartbeat;
mod limits;
mod outages;
mod queue;
mod refusals;
mod requests;
mod session;
mod steering;
mod sticky;
mod unread;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
