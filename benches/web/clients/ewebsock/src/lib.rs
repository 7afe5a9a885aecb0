//! ewebsock, by its callback.

use course::{Client, Payload};
use ewebsock::{Options, WsEvent, WsMessage, WsSender, ws_connect};
use futures::{StreamExt, channel::mpsc};
use std::ops::ControlFlow;

struct Ewebsock {
    sender: WsSender,
    events: mpsc::UnboundedReceiver<WsEvent>,
}

impl Client for Ewebsock {
    async fn open(url: &str) -> Self {
        let (event, mut events) = mpsc::unbounded();
        let hear = move |news| {
            // heard until it is dropped
            let _heard = event.unbounded_send(news);
            ControlFlow::Continue(())
        };
        let sender = ws_connect(url.to_owned(), Options::default(), Box::new(hear)).expect("a URL");
        assert!(matches!(events.next().await, Some(WsEvent::Opened)), "it accepts");
        Self { sender, events }
    }

    async fn receive(&mut self, count: usize) {
        for _ in 0..count {
            assert!(matches!(self.events.next().await, Some(WsEvent::Message(_))), "the server sends all");
        }
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            self.sender.send(if payload.is_text {
                WsMessage::Text(payload.text())
            } else {
                WsMessage::Binary(payload.bytes.to_vec())
            });
        }
    }
}

course::export!(Ewebsock);
