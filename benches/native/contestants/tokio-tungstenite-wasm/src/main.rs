//! tokio-tungstenite-wasm.

use course::{Contestant, Kind, Payload};
use futures::{SinkExt, StreamExt};
use tokio_tungstenite_wasm::{Message, WebSocketStream};

struct Client(WebSocketStream);

impl Contestant for Client {
    async fn open(url: &str) -> Self {
        Self(tokio_tungstenite_wasm::connect(url).await.expect("it accepts"))
    }

    async fn receive(&mut self, count: usize) {
        for _ in 0..count {
            self.0.next().await.expect("the server sends all").expect("it is open");
        }
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            self.0.send(message(payload)).await.expect("it is open");
        }
    }

    async fn feed(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            self.0.feed(message(payload)).await.expect("it is open");
        }
        self.0.flush().await.expect("it is open");
    }
}

fn message(payload: &Payload) -> Message {
    match payload.kind {
        Kind::Text => Message::text(payload.text()),
        Kind::Binary => Message::binary(payload.bytes.clone()),
    }
}

fn main() {
    course::run::<Client>();
}
