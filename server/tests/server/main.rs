//! The server, driven by a client that others wrote and by raw TCP.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "what was expected and did not come is a failed test")]

mod apart;
mod counting;
mod endings;
mod endpoints;
mod files;
mod gates;
mod guarded;
mod load;
mod rooms;
mod rpc;
mod script;
mod stream;
mod support;
mod tls;
