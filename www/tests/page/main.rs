//! The demo pages as a person uses them, in headless Chrome.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(not(target_arch = "wasm32"))]

mod plain;
mod stay;

use eversocket_server::{Config, Server};
use std::{net::SocketAddr, path::Path};

async fn serve(address: SocketAddr) -> Server {
    let www = Path::new(env!("CARGO_MANIFEST_DIR")).to_owned();
    assert!(www.join("pkg").exists(), "the page is not built; `cargo xtask test --chrome` builds it");
    Server::start(Config { address, tls_address: None, www: Some(www) }).await.expect("a server")
}
