//! A chat in egui, the same source for desktop and browser. The room is that of the demo server:
//!
//! ```sh
//! cargo xtask serve                             # in another terminal
//! cargo run --package eversocket-example-egui   # twice, to have somebody to talk to
//! cargo xtask demo egui                         # in a browser
//! ```

mod app;
mod bubble;
mod chat;
mod said;
mod status;
#[cfg(target_arch = "wasm32")]
mod web;

pub use app::App;
