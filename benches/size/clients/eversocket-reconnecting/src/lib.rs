//! Ours, with the reconnect layer.

use eversocket::{Message, ReconnectingWebSocket};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::console;

#[wasm_bindgen(start)]
pub fn start() {
    spawn_local(async {
        let Ok(mut socket) = ReconnectingWebSocket::new("ws://127.0.0.1:9310/echo") else { return };
        if socket.send("hello").is_err() {
            return;
        }
        while let Some(message) = socket.next_message().await {
            if let Message::Text(text) = message {
                console::log_1(&text.as_str().into());
            }
        }
    });
}
