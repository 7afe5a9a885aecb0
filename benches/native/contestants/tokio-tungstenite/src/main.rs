//! tokio-tungstenite.

use course::{Contestant, Kind, Payload};
use futures::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Contestant for Client {
    async fn open(url: &str) -> Self {
        // its default leaves Nagle's algorithm on; who cares for speed turns it off, as browsers do
        let without_delay = true;
        let connected = tokio_tungstenite::connect_async_with_config(url, None, without_delay).await;
        Self(connected.expect("it accepts").0)
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
