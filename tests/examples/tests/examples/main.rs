//! The examples as people use them.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(not(target_arch = "wasm32"))]

mod display;
mod egui;
mod egui_web;
mod keyboard;
mod picture;
mod programs;
mod room;
mod tokio;
