//! yawc, by whichever options.

use course::{Contestant, Kind, Payload};
use futures::{SinkExt, StreamExt};
use std::marker::PhantomData;
use yawc::{Frame as Message, Options, TcpWebSocket};

const MOST: usize = 16 << 20;

/// What a contestant's sockets are made with, beside what all are.
pub trait Settings {
    fn of(options: Options) -> Options;
}

/// Nothing.
impl Settings for () {
    fn of(options: Options) -> Options {
        options
    }
}

pub struct Client<S>(TcpWebSocket, PhantomData<S>);

impl<S: Settings> Contestant for Client<S> {
    async fn open(url: &str) -> Self {
        // by itself it takes no message of 1 MiB
        let options = S::of(Options::default()).with_max_payload_read(MOST).with_max_read_buffer(2 * MOST);
        let url = url.parse().expect("a URL");
        Self(yawc::WebSocket::connect(url).with_options(options).await.expect("it accepts"), PhantomData)
    }

    async fn receive(&mut self, count: usize) {
        for _ in 0..count {
            assert!(self.0.next().await.is_some(), "the server sends all");
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

    async fn send_each(&mut self, payloads: &[Payload]) {
        for payload in payloads {
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
