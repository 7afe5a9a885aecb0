//! Ours, with the reconnect layer.

use course::{Contestant, Kind, Payload};
use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Backoff, Event},
};
use futures::SinkExt;
use std::time::Duration;

struct Reconnecting(ReconnectingWebSocket);

impl Contestant for Reconnecting {
    async fn open(url: &str) -> Self {
        let mut socket = ReconnectingWebSocket::new(url).expect("a good URL");
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
            match payload.kind {
                Kind::Text => self.0.send(payload.text()),
                Kind::Binary => self.0.send(payload.bytes.clone()),
            }
            .expect("it is open");
        }
        self.0.flush().await.expect("it is open");
    }

    async fn reconnect(url: &str, count: usize) {
        let backoff = Backoff::constant(Duration::ZERO);
        let mut socket = ReconnectingWebSocket::builder(url).backoff(backoff).open().expect("a good URL");
        let mut left = count;
        while left > 0 {
            if let Event::Interrupted(_) = socket.next_event().await.expect("it stays") {
                left -= 1;
            }
        }
    }
}

fn main() {
    course::run::<Reconnecting>();
}
