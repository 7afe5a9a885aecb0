//! Compiles only if what users hold may move between threads, on both targets.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

use eversocket::{
    Blob, BlobError, Builder, ByteStream, CallbackGuard, CloseError, CloseEvent, ConnectionError, Event, Handle,
    Message, OpenError, ReconnectingWebSocket, SendError, Text, Tls, WebSocket, reconnect,
};

fn assert_send<T: Send>() {}
fn assert_sync<T: Sync>() {}
fn assert_value_is_send<T: Send>(_: &T) {}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_two_roles_and_all_values_are_send() {
    assert_send::<WebSocket>();
    assert_send::<Handle>();
    assert_sync::<Handle>();
    assert_send::<Builder>();
    assert_send::<(CallbackGuard, ByteStream)>();
    assert_send::<(Message, Text, Blob, Event, CloseEvent, Tls)>();
    assert_sync::<(Message, Text, Blob, Event, CloseEvent, Tls)>();
    assert_send::<(OpenError, ConnectionError, SendError, CloseError, BlobError)>();
    assert_sync::<(OpenError, ConnectionError, SendError, CloseError, BlobError)>();
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn those_of_the_reconnecting_socket_are_send() {
    assert_send::<ReconnectingWebSocket>();
    assert_sync::<ReconnectingWebSocket>();
    assert_send::<reconnect::Handle>();
    assert_sync::<reconnect::Handle>();
    assert_send::<(reconnect::States, reconnect::Tracked, reconnect::Session)>();
    assert_send::<(reconnect::Event, reconnect::State, reconnect::Failure, reconnect::EndCause)>();
    assert_sync::<(reconnect::Event, reconnect::State, reconnect::Failure, reconnect::EndCause)>();
    assert_send::<(reconnect::Outgoing, reconnect::SendError, reconnect::Attempt, reconnect::Endpoint)>();
    assert_send::<(reconnect::Backoff, reconnect::RetryPolicy, reconnect::Heartbeat)>();
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn the_futures_are_send() {
    assert_value_is_send(&WebSocket::connect("ws://127.0.0.1:4/"));
    assert_value_is_send(&WebSocket::builder("ws://127.0.0.1:4/").connect());
    let blob = Blob::new("bytes");
    assert_value_is_send(&blob.bytes());
    assert_value_is_send(&blob.text());
    assert_value_is_send(&async {
        let mut socket = ReconnectingWebSocket::new("ws://127.0.0.1:4/").ok()?;
        socket.handle().send_wait("text").await.ok()?;
        socket.opened().await.ok()?;
        socket.next_message().await
    });
    // a future over a socket, polled by nobody
    assert_value_is_send(&async {
        let mut socket = WebSocket::connect("ws://127.0.0.1:4/").await.ok()?;
        socket.next_event().await
    });
}

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
