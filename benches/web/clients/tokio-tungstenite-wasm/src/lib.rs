//! tokio-tungstenite-wasm.

use course::{Client, Payload};
use futures::{SinkExt, StreamExt};
use tokio_tungstenite_wasm::{Message, WebSocketStream, connect};

struct Stream(WebSocketStream);

impl Client for Stream {
    async fn open(url: &str) -> Self {
        Self(connect(url).await.expect("it accepts"))
    }

    async fn receive(&mut self, count: usize) {
        for _ in 0..count {
            self.0.next().await.expect("the server sends all").expect("it is open");
        }
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            let message =
                if payload.is_text { Message::text(payload.text()) } else { Message::binary(payload.bytes.clone()) };
            self.0.send(message).await.expect("it is open");
        }
    }
}

course::export!(Stream);
