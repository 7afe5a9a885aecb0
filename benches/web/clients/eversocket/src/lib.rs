//! Ours, plain.

use course::{Client, Payload};
use eversocket::{Event, WebSocket};

struct Plain(WebSocket);

impl Client for Plain {
    async fn open(url: &str) -> Self {
        Self(WebSocket::connect(url).await.expect("it accepts"))
    }

    async fn receive(&mut self, count: usize) {
        let mut left = count;
        while left > 0 {
            match self.0.next_event().await.expect("the server sends all") {
                Event::Message(_) => left -= 1,
                Event::Close(close) => panic!("{close:?}"),
                _ => {}
            }
        }
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            if payload.is_text { self.0.send(payload.text()) } else { self.0.send(payload.bytes.clone()) }
                .expect("it is open");
        }
    }
}

course::export!(Plain);
