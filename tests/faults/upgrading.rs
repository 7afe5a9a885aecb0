//! The server's answer to the upgrade request.

use crate::{
    rules,
    sockets::{Act, Fault},
    support::{Script, hex, reconnecting::Gate},
};

async fn status(name: &'static str, mode: &str) {
    let gate = Gate::new().await;
    gate.set(mode).await;
    Fault::new(name, gate.echo(), Act::Send).befall().await;
}

rules! {
    async fn byte_by_byte() {
        let url = Script::new("slow-accept;echo").url;
        Fault::new("the upgrade comes byte by byte", url.clone(), Act::Close).befall_plain().await;
        Fault::new("the upgrade comes byte by byte", url, Act::Send).befall_staying().await;
    }

    async fn cut_in_the_middle() {
        let half = hex(b"HTTP/1.1 101 Switching Pro");
        Fault::scripted("the upgrade is cut in the middle", &format!("raw:{half};cut")).befall().await;
        Fault::scripted("the upgrade is reset in the middle", &format!("raw:{half};reset")).befall().await;
    }

    async fn another_status() {
        status("HTTP 200", "status:200").await;
        status("HTTP 301", "status:301:Location:ws://127.0.0.1:1/").await;
        status("HTTP 401", "status:401").await;
        status("HTTP 403", "status:403").await;
        status("HTTP 404", "status:404").await;
        status("HTTP 407", "status:407").await;
    }

    async fn a_status_that_says_when_to_come_back() {
        status("HTTP 429, Retry-After: 1", "status:429:Retry-After:1").await;
        status("HTTP 503, Retry-After: 1", "status:503:Retry-After:1").await;
    }

    async fn a_wrong_handshake() {
        Fault::scripted("wrong accept key", "accept-wrong-key;hang").befall().await;
        Fault::scripted("no Upgrade header", "accept-no-upgrade;hang").befall().await;
        Fault::scripted("a subprotocol that was not offered", "accept:chat;expect;cut").befall().await;
        Fault::scripted("an extension that was not offered", "accept-extension:x-unknown;hang").befall().await;
    }
}
