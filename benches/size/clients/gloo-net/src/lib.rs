//! gloo-net.

use futures::{SinkExt, StreamExt};
use gloo_net::websocket::{Message, futures::WebSocket};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::console;

#[wasm_bindgen(start)]
pub fn start() {
    spawn_local(async {
        let Ok(mut socket) = WebSocket::open("ws://127.0.0.1:9310/echo") else { return };
        if socket.send(Message::Text("hello".to_owned())).await.is_err() {
            return;
        }
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Text(text) = message {
                console::log_1(&text.into());
            }
        }
    });
}
