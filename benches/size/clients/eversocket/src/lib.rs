//! Ours, plain.

use eversocket::{Event, Message, WebSocket};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::console;

#[wasm_bindgen(start)]
pub fn start() {
    spawn_local(async {
        let Ok(mut socket) = WebSocket::connect("ws://127.0.0.1:9310/echo").await else { return };
        if socket.send("hello").is_err() {
            return;
        }
        while let Some(event) = socket.next_event().await {
            if let Event::Message(Message::Text(text)) = event {
                console::log_1(&text.as_str().into());
            }
        }
    });
}
