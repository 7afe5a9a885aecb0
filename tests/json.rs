//! Messages as values, against the test server's echo.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "support/mod.rs"]
mod support;

use eversocket::{
    BinaryType, Message, ReconnectingWebSocket,
    reconnect::{Event, Json, JsonError, JsonEvent, SendError, State},
};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use support::*;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Order {
    id: u32,
    note: Option<String>,
}

fn order(id: u32) -> Order {
    Order { id, note: Some("grüße \u{1F980}".to_owned()) }
}

fn open() -> Json<Order> {
    ReconnectingWebSocket::new(&echo()).expect("a valid URL").json()
}

rules! {
    async fn values_come_back() {
        let mut socket = open();
        for id in 0..50 {
            socket.send(&order(id)).expect("accepted");
        }
        for id in 0..50 {
            assert_eq!(socket.next().await, Some(Ok(order(id))));
        }
    }

    async fn binary_messages_may_hold_json() {
        let mut socket = open();
        socket.handle().send(serde_json::to_vec(&order(1)).expect("JSON")).expect("accepted");
        assert_eq!(socket.next().await, Some(Ok(order(1))));
    }

    async fn what_cannot_be_read_is_an_error_in_its_place() {
        let mut socket = open();
        let handle = socket.handle();
        let unreadable = [
            Message::from("{\"id\": 1,\n \"note\": }"),
            Message::from("[]"),
            Message::from(""),
            Message::from(vec![0xff, 0x00]),
        ];
        for message in unreadable.clone() {
            handle.send(message).expect("accepted");
            socket.send(&order(7)).expect("accepted");
        }
        for message in unreadable {
            let Some(Err(JsonError::Decode(error))) = StreamExt::next(&mut socket).await else { panic!() };
            assert_eq!(error.message, message);
            if message.as_text().is_some_and(|text| text.starts_with('{')) {
                assert_eq!((error.line, error.column), (2, 10), "{error}");
            }
            assert_eq!(StreamExt::next(&mut socket).await, Some(Ok(order(7))));
        }
    }

    async fn a_blob_is_an_error_too() {
        let socket = ReconnectingWebSocket::builder(&echo()).binary_type(BinaryType::Blob).open();
        let mut socket: Json<Order> = socket.expect("valid").json();
        socket.handle().send(vec![b'1']).expect("accepted");
        let Some(Err(JsonError::Decode(error))) = socket.next().await else { panic!() };
        assert!(matches!(error.message, Message::Blob(_)) && error.line == 0, "{error}");
    }

    async fn a_value_that_is_no_json_is_not_sent() {
        let mut socket: Json<Order, BTreeMap<(u8, u8), u8>> =
            ReconnectingWebSocket::new(&echo()).expect("a valid URL").json();
        let error = socket.send(&[((1, 2), 3)].into()).expect_err("keys must be strings");
        assert!(matches!(error, JsonError::Encode { .. }), "{error}");
        assert_eq!(socket.handle().progress().queued, 0);
    }

    async fn a_look_gives_what_waits_and_nothing_else() {
        let mut socket = open();
        let (sender, mut woken) = futures::channel::mpsc::unbounded();
        let _guard = socket.socket().on_wake(move || sender.unbounded_send(()).expect("the test listens"));
        socket.send(&order(7)).expect("accepted");
        let value = 'awake: loop {
            woken.next().await.expect("the socket lives");
            while let Some(event) = socket.try_next() {
                if let JsonEvent::Message(value) = event {
                    break 'awake value;
                }
            }
        };
        assert_eq!(value, Ok(order(7)));
        assert_eq!(socket.try_next(), None);
    }

    async fn events_are_seen_and_the_end_is_the_end() {
        let mut socket = open();
        socket.send(&order(1)).expect("accepted");
        let mut seen = Vec::new();
        while let Some(event) = socket.next_event().await {
            match event {
                JsonEvent::Message(value) => {
                    seen.push(format!("{:?}", value.expect("readable").id));
                    socket.close();
                }
                JsonEvent::Other(Event::State(State::Open)) => seen.push("open".to_owned()),
                JsonEvent::Other(Event::Ended(_)) => seen.push("ended".to_owned()),
                JsonEvent::Other(_) => {}
            }
        }
        assert_eq!(seen, ["open", "1", "ended"]);
        assert_eq!(socket.next().await, None);
        let Err(JsonError::Send(SendError::Ended { message })) = socket.send(&order(2)) else { panic!() };
        assert_eq!(Json::<Order>::decode(*message), Ok(order(2)));
        assert!(socket.into_inner().state().is_ended());
    }
}
