//! What can go wrong between a client and its server, done to the plain socket and to the one that
//! stays, on all targets. Each run leaves a row for the table at the server: what the user sees, when,
//! and what became of what was sent. No row may be one that hangs, and no message may be lost without
//! a word: each is found where it was delivered, or in what the socket told.
//!
//! The rows of `cargo xtask test` are gathered in `target/faults.md`; docs/faults.md is a copy of those
//! of one run.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "../support/mod.rs"]
mod support;

mod dialling;
mod ending;
mod row;
mod silence;
mod sockets;
mod tls;
mod upgrading;
mod violations;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
