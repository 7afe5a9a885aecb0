//! tokio-tungstenite-wasm.

use futures::{SinkExt, StreamExt};
use tokio_tungstenite_wasm::{Message, connect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::console;

#[wasm_bindgen(start)]
pub fn start() {
    spawn_local(async {
        let Ok(mut socket) = connect("ws://127.0.0.1:9310/echo").await else { return };
        if socket.send(Message::text("hello")).await.is_err() {
            return;
        }
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Text(text) = message {
                console::log_1(&text.as_str().into());
            }
        }
    });
}
