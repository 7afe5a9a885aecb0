//! gloo-net.

use course::{Client, Payload};
use futures::{SinkExt, StreamExt};
use gloo_net::websocket::{Message, State, futures::WebSocket};

struct Gloo(WebSocket);

impl Client for Gloo {
    async fn open(url: &str) -> Self {
        let mut socket = WebSocket::open(url).expect("a URL");
        // ready when it is open
        std::future::poll_fn(|context| socket.poll_ready_unpin(context)).await.expect("it accepts");
        assert!(matches!(socket.state(), State::Open));
        Self(socket)
    }

    async fn receive(&mut self, count: usize) {
        for _ in 0..count {
            self.0.next().await.expect("the server sends all").expect("it is open");
        }
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            let message =
                if payload.is_text { Message::Text(payload.text()) } else { Message::Bytes(payload.bytes.to_vec()) };
            self.0.send(message).await.expect("it is open");
        }
    }
}

course::export!(Gloo);
