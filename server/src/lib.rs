//! The server that eversocket is tested against: it does on each connection what a script in
//! the URL tells it, right or wrong, and keeps a record of what it saw. It speaks WebSocket
//! byte by byte, so that it can break every rule. README.md lists endpoints and steps.

#![deny(missing_docs)]

mod doctest;
pub use doctest::fetch;
#[cfg(not(target_arch = "wasm32"))]
pub use doctest::run_example;

#[cfg(not(target_arch = "wasm32"))]
mod apart;
#[cfg(not(target_arch = "wasm32"))]
mod applications;
#[cfg(not(target_arch = "wasm32"))]
mod connection;
#[cfg(not(target_arch = "wasm32"))]
mod endpoints;
#[cfg(not(target_arch = "wasm32"))]
mod files;
#[cfg(not(target_arch = "wasm32"))]
mod frame;
#[cfg(not(target_arch = "wasm32"))]
mod gates;
#[cfg(not(target_arch = "wasm32"))]
mod guarded;
#[cfg(not(target_arch = "wasm32"))]
mod handshake;
#[cfg(not(target_arch = "wasm32"))]
mod http;
#[cfg(not(target_arch = "wasm32"))]
mod interjections;
#[cfg(not(target_arch = "wasm32"))]
mod newest;
#[cfg(not(target_arch = "wasm32"))]
mod open_sockets;
#[cfg(not(target_arch = "wasm32"))]
mod pairs;
#[cfg(not(target_arch = "wasm32"))]
mod plain;
#[cfg(not(target_arch = "wasm32"))]
mod record;
#[cfg(not(target_arch = "wasm32"))]
mod records;
#[cfg(not(target_arch = "wasm32"))]
mod rooms;
#[cfg(not(target_arch = "wasm32"))]
mod rpc;
#[cfg(not(target_arch = "wasm32"))]
mod script;
#[cfg(not(target_arch = "wasm32"))]
mod server;
#[cfg(not(target_arch = "wasm32"))]
mod session;
#[cfg(not(target_arch = "wasm32"))]
mod stream;
#[cfg(not(target_arch = "wasm32"))]
mod stream_records;
#[cfg(not(target_arch = "wasm32"))]
mod tls;
#[cfg(not(target_arch = "wasm32"))]
mod tokens;
#[cfg(not(target_arch = "wasm32"))]
mod transport;
#[cfg(not(target_arch = "wasm32"))]
pub use server::{Config, DEFAULT_ADDRESS, DEFAULT_TLS_ADDRESS, Server};
