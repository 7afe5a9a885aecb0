//! ws_stream_wasm.

use course::{Client, Payload};
use futures::{SinkExt, StreamExt};
use ws_stream_wasm::{WsMessage, WsMeta, WsStream};

struct Stream(WsStream);

impl Client for Stream {
    async fn open(url: &str) -> Self {
        Self(WsMeta::connect(url, None).await.expect("it accepts").1)
    }

    async fn receive(&mut self, count: usize) {
        for _ in 0..count {
            self.0.next().await.expect("the server sends all");
        }
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            let message = if payload.is_text {
                WsMessage::Text(payload.text())
            } else {
                WsMessage::Binary(payload.bytes.to_vec())
            };
            self.0.send(message).await.expect("it is open");
        }
    }
}

course::export!(Stream);
