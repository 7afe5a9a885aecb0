//! The examples as people use them: each page in headless Chrome, by its driver, in a room with
//! somebody else, on a network that fails; programs by their input, and a window by its picture.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(not(target_arch = "wasm32"))]

mod companion;
mod display;
mod egui;
mod egui_web;
mod keyboard;
mod pages;
mod picture;
mod programs;
mod room;
mod support;
mod tokio;
