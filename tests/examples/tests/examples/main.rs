//! The examples as people use them: each page in headless Chrome, by its driver, in a room with
//! somebody else, on a network that fails.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(not(target_arch = "wasm32"))]

mod companion;
mod pages;
mod support;
