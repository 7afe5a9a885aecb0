//! What befalls a reconnecting socket in a browser: networks that come and go, pages that are
//! hidden, frozen, left and returned to, clocks that jump. In headless Chrome, by its driver.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(not(target_arch = "wasm32"))]

mod failures;
mod hidden;
mod leaving;
#[cfg(target_os = "linux")]
mod memory;
mod network;
mod standstill;
mod support;
