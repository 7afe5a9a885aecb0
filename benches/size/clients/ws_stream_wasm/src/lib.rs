//! ws_stream_wasm.

use futures::{SinkExt, StreamExt};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::console;
use ws_stream_wasm::{WsMessage, WsMeta};

#[wasm_bindgen(start)]
pub fn start() {
    spawn_local(async {
        let Ok((_meta, mut socket)) = WsMeta::connect("ws://127.0.0.1:9310/echo", None).await else { return };
        if socket.send(WsMessage::Text("hello".to_owned())).await.is_err() {
            return;
        }
        while let Some(message) = socket.next().await {
            if let WsMessage::Text(text) = message {
                console::log_1(&text.into());
            }
        }
    });
}
