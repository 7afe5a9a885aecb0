//! Ours, with the reconnect layer.

use course::{Client, Payload};
use eversocket::{Message, ReconnectingWebSocket};

struct Reconnecting(ReconnectingWebSocket);

impl Client for Reconnecting {
    async fn open(url: &str) -> Self {
        let mut socket = ReconnectingWebSocket::new(url).expect("a URL");
        socket.opened().await.expect("it accepts");
        Self(socket)
    }

    async fn receive(&mut self, count: usize) {
        for _ in 0..count {
            assert!(self.0.next_message().await.is_some(), "the server sends all");
        }
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            // refused when the queue is full, for which another method waits
            if self.0.send(message(payload)).is_err() {
                self.0.handle().send_wait(message(payload)).await.expect("it is open");
            }
        }
    }
}

fn message(payload: &Payload) -> Message {
    if payload.is_text { payload.text().into() } else { payload.bytes.clone().into() }
}

course::export!(Reconnecting);
