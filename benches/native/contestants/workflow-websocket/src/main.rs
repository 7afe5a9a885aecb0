//! workflow-websocket: `post`, which queues, and `send`, which waits for each.

use course::{Contestant, Kind, Payload};
use workflow_websocket::client::{ConnectOptions, Message, WebSocket};

struct Client(WebSocket);

impl Contestant for Client {
    async fn open(url: &str) -> Self {
        let socket = WebSocket::new(Some(url), None).expect("a URL");
        socket.connect(ConnectOptions::blocking_fallback()).await.expect("it accepts");
        let client = Self(socket);
        while !matches!(client.0.recv().await, Ok(Message::Open)) {}
        client
    }

    async fn receive(&mut self, count: usize) {
        let mut left = count;
        while left > 0 {
            match self.0.recv().await.expect("it is open") {
                Message::Text(_) | Message::Binary(_) => left -= 1,
                Message::Open => {}
                Message::Close => panic!("the server sends all"),
            }
        }
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            self.0.send(message(payload)).await.expect("it is open");
        }
    }

    async fn feed(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            self.0.post(message(payload)).await.expect("it is open");
        }
    }
}

fn message(payload: &Payload) -> Message {
    match payload.kind {
        Kind::Text => Message::Text(payload.text()),
        Kind::Binary => Message::Binary(payload.bytes.to_vec()),
    }
}

fn main() {
    course::run::<Client>();
}
