//! Ours, plain, by whichever options.

use course::{Contestant, Kind, Payload};
use eversocket::{Builder, Event, WebSocket};
use futures::SinkExt;
use std::marker::PhantomData;

/// What a contestant's sockets are made with.
pub trait Options {
    fn of(builder: Builder) -> Builder;
}

/// The defaults.
impl Options for () {
    fn of(builder: Builder) -> Builder {
        builder
    }
}

pub struct Plain<O>(WebSocket, PhantomData<O>);

impl<O: Options> Contestant for Plain<O> {
    async fn open(url: &str) -> Self {
        Self(O::of(WebSocket::builder(url)).connect().await.expect("it accepts"), PhantomData)
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
