//! What must work in every kind of worker: all that asks the global object for something.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    BinaryType, Cause, Event, Message, WebSocket,
    reconnect::{EndCause, State},
};
use futures::SinkExt;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::EventTarget;

fn assert_no_window() {
    assert!(js_sys::Reflect::get(&js_sys::global(), &"window".into()).expect("an object").is_undefined());
}

/// What the browser would tell the worker.
fn dispatch(name: &str) {
    let global: EventTarget = js_sys::global().unchecked_into();
    global.dispatch_event(&web_sys::Event::new(name).expect("an event")).expect("it is dispatched");
}

rules! {
    async fn a_conversation_in_a_worker() {
        assert_no_window();
        let mut socket = WebSocket::builder(&echo()).protocols(["chat"]).connect().await.expect("it connects");
        assert_eq!(socket.protocol(), "chat");
        socket.send("hello").expect("it is open");
        assert_eq!(next_message(&mut socket).await, "hello".into());
        socket.close_with(3000, "done").expect("it is allowed");
        assert_close(&closed(&mut socket).await, 3000, "done", true);
    }

    async fn blobs_in_a_worker() {
        let mut socket = WebSocket::builder(&echo()).binary_type(BinaryType::Blob).connect().await.expect("it connects");
        socket.send(b"bytes").expect("it is open");
        let Message::Blob(blob) = next_message(&mut socket).await else { panic!("a blob was asked for") };
        assert_eq!(blob.text().await.expect("readable"), "bytes");
    }

    async fn timers_in_a_worker() {
        let after = Duration::from_millis(100);
        let script = Script::new("hang");
        let mut socket = WebSocket::builder(&script.url).connect_timeout(after).open().expect("valid");
        match socket.next_event().await {
            Some(Event::Error(error)) => assert_eq!(*error.cause(), Cause::ConnectTimeout { after }),
            other => panic!("{other:?}"),
        }
    }

    async fn the_sink_in_a_worker() {
        let mut socket = WebSocket::connect(&echo()).await.expect("it connects");
        SinkExt::send(&mut socket, Message::from("flushed")).await.expect("it is open");
        assert_eq!(socket.buffered_amount(), 0);
    }

    /// It asks the global object for clocks, chance, timers and news of the network.
    async fn a_reconnecting_socket_in_a_worker() {
        let gate = Gate::new().await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        for text in ["before", "after"] {
            socket.send(text).expect("accepted");
            assert_eq!(socket.next_message().await, Some(text.into()));
            gate.cut().await;
            interrupted(&mut socket).await;
        }
        dispatch("offline");
        until_state(&mut socket, |state| (*state == State::Offline).then_some(())).await;
        dispatch("online");
        open(&mut socket).await;
        socket.close();
        assert!(matches!(socket.ended().await.cause, EndCause::Closed { .. }));
    }

    async fn a_relative_url_in_a_worker() {
        let socket = WebSocket::new("/path").expect("a worker has an address too");
        assert!(socket.url().starts_with("ws://"), "{}", socket.url());
    }
}
