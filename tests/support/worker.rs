//! What must work in every kind of worker: all that asks the global object for something.

use crate::{rules, support::*};
use eversocket::{BinaryType, Cause, Event, Message, WebSocket};
use futures::SinkExt;
use std::time::Duration;

fn assert_no_window() {
    assert!(js_sys::Reflect::get(&js_sys::global(), &"window".into()).expect("an object").is_undefined());
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

    async fn a_relative_url_in_a_worker() {
        let socket = WebSocket::new("/path").expect("a worker has an address too");
        assert!(socket.url().starts_with("ws://"), "{}", socket.url());
    }
}
