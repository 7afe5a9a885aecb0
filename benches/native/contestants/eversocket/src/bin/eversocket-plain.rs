//! Ours, plain.

use course::{Contestant, Kind, Payload};
use eversocket::{Event, WebSocket};
use futures::SinkExt;

struct Plain(WebSocket);

impl Contestant for Plain {
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
            match payload.kind {
                Kind::Text => self.0.send(payload.text()),
                Kind::Binary => self.0.send(payload.bytes.clone()),
            }
            .expect("it is open");
        }
        self.0.flush().await.expect("it is open");
    }

    async fn send_each(&mut self, payloads: &[Payload]) {
        for payload in payloads {
            self.0.send(payload.text()).expect("it is open");
        }
        self.0.flush().await.expect("it is open");
    }
}

fn main() {
    course::run::<Plain>();
}
