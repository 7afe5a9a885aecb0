//! What only exists outside browsers: runtimes, threads, backpressure, and what a server can do
//! that no browser lets a page see.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/mod.rs"]
mod support;

use eversocket::{Cause, Event, Message, ReadyState, ReconnectingWebSocket, WebSocket, reconnect::EndCause};
use futures::{StreamExt, channel::mpsc::unbounded, executor::block_on};
use std::time::Duration;
use support::*;
use tokio::{io::AsyncWriteExt, net::TcpListener};

/// An executor that is not tokio's drives the socket's futures; a thread of the crate's own
/// drives the connection.
#[test]
fn it_works_where_no_runtime_runs() {
    let url = echo();
    block_on(async {
        let mut socket = WebSocket::connect(&url).await.expect("it connects");
        socket.send("no runtime").expect("it is open");
        assert_eq!(next_message(&mut socket).await, "no runtime".into());
        socket.close().expect("it closes");
        assert!(closed(&mut socket).await.was_clean);
    });
}

#[test]
fn a_frame_based_interface_needs_no_executor() {
    let mut socket = WebSocket::new(&echo()).expect("a valid URL");
    let (sender, woken) = std::sync::mpsc::channel();
    let _guard = socket.on_wake(move || sender.send(()).expect("the interface draws"));
    let mut received = None;
    while received.is_none() {
        woken.recv().expect("there is more");
        while let Some(event) = socket.try_next() {
            match event {
                Event::Open(_) => socket.send("frame").expect("it is open"),
                Event::Message(message) => received = Some(message),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(received, Some("frame".into()));
}

#[test]
fn a_runtime_that_is_shut_down_ends_its_connections_with_a_cause() {
    let url = echo();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut socket = runtime.block_on(async { WebSocket::connect(&url).await.expect("it connects") });
    runtime.shutdown_timeout(Duration::from_secs(20));
    let events = block_on(all_events(&mut socket));
    let [Event::Error(error), Event::Close(close)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(*error.cause(), Cause::RuntimeGone);
    assert_close(close, 1006, "", false);
    assert!(socket.send("lost").is_err());
}

#[test]
fn a_runtime_without_drivers_ends_its_connections_with_a_cause() {
    let url = echo();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
    let mut socket = runtime.block_on(async { WebSocket::new(&url).expect("a valid URL") });
    let events = block_on(all_events(&mut socket));
    assert!(matches!(&events[..], [Event::Error(error), Event::Close(_)] if *error.cause() == Cause::RuntimeGone));
}

/// The runtime goes before the driver has had its first turn.
#[test]
fn a_runtime_that_is_gone_before_it_ran_ends_its_connections_with_a_cause() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (mut socket, mut lasting) = {
        let _entered = runtime.enter();
        let lasting = ReconnectingWebSocket::new(&echo()).expect("a valid URL");
        (WebSocket::new(&echo()).expect("a valid URL"), lasting)
    };
    drop(runtime);
    let events = block_on(all_events(&mut socket));
    assert!(matches!(&events[..], [Event::Error(error), Event::Close(_)] if *error.cause() == Cause::RuntimeGone));
    assert_eq!(block_on(lasting.ended()).cause, EndCause::RuntimeGone);
}

/// However much waits before the close, for a peer that takes none of it.
#[tokio::test]
async fn a_close_has_its_deadline_whatever_waits_before_it() {
    let script = Script::new("accept;stop-reading");
    let socket = WebSocket::builder(&script.url).close_timeout(Duration::from_millis(100));
    let mut socket = socket.max_buffered_amount(u64::MAX).connect().await.expect("it connects");
    for _ in 0..40 {
        socket.send(vec![0; 1 << 20]).expect("it is open");
    }
    socket.close().expect("it closes");
    assert_failed(&mut socket, "CloseTimeout").await;
}

#[tokio::test]
async fn handles_send_from_any_thread() {
    let mut socket = WebSocket::connect(&echo()).await.expect("it connects");
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let handle = socket.handle();
            std::thread::spawn(move || {
                (0..100).for_each(|index| handle.send(format!("{thread} {index}")).expect("it is open"));
            })
        })
        .collect();
    let mut next = [0; 8];
    for _ in 0..800 {
        let message = next_message(&mut socket).await;
        let (thread, index) = message.as_text().and_then(|text| text.split_once(' ')).expect("two numbers");
        let thread: usize = thread.parse().expect("a number");
        assert_eq!(index.parse(), Ok(next[thread]), "the order within thread {thread}");
        next[thread] += 1;
    }
    threads.into_iter().for_each(|thread| thread.join().expect("it sends"));
}

/// However fast the reader is, on a thread of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_callback_gets_its_kind_whoever_reads_on_another_thread() {
    let mut socket = Script::new("accept;flood:20000:8;close:1000").open();
    let (sender, seen) = unbounded();
    let guard = socket.on_message(move |message| sender.unbounded_send(message).expect("the test listens"));
    let reader = std::thread::spawn(move || block_on(all_events(&mut socket)));
    let read = reader.join().expect("it reads");
    assert!(matches!(&read[..], [Event::Open(_), Event::Close(_)]), "{} events", read.len());
    drop(guard);
    assert_eq!(seen.count().await, 20_000);
}

/// An exception in a browser's handler stops neither the socket nor other handlers.
#[tokio::test]
async fn a_panic_in_a_callback_goes_no_further() {
    let mut socket = WebSocket::connect(&echo()).await.expect("it connects");
    let (sender, mut seen) = unbounded();
    let guards = (
        socket.on_message(|_| panic!("this panic is part of the test")),
        socket.on_message(move |message| sender.unbounded_send(message).expect("the test listens")),
    );
    for text in ["one", "two"] {
        socket.send(text).expect("it is open");
        assert_eq!(seen.next().await, Some(text.into()));
    }
    drop(guards);
    socket.close().expect("it closes");
    assert!(closed(&mut socket).await.was_clean);
}

/// 200 MB for a client that reads nothing: the server is held back once the inbox and the
/// system's buffers are full, and all of it arrives in order when the client reads.
#[tokio::test]
async fn a_server_waits_for_a_client_that_does_not_read() {
    let mut server = held_back::Server::start().await;
    let url = format!("ws://{}/", server.address);
    let mut socket = WebSocket::builder(&url).inbox_capacity(1 << 20).connect().await.expect("it connects");
    server.held_back().await;
    for index in 0..held_back::COUNT {
        let message = next_message(&mut socket).await;
        assert_eq!(message.as_binary().map(|bytes| &bytes[..8]), Some(&index.to_be_bytes()[..]));
    }
    assert!(closed(&mut socket).await.was_clean);
    server.end().await;
}

#[tokio::test]
async fn a_frame_that_announces_too_much_fails_at_once() {
    for length in [1_u64 << 31, 1 << 62] {
        let mut socket = Script::new(&format!("accept;expect;frame-header:2:{length};hang")).start().await;
        assert_failed(&mut socket, "MessageTooBig").await;
    }
}

#[tokio::test]
async fn an_answer_whose_head_never_ends_fails() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nX-Long: ").await.expect("it reads");
        // until the client has had enough
        while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
    });
    let mut socket = WebSocket::new(&format!("ws://{address}/")).expect("a valid URL");
    assert_refused(&mut socket, "Handshake(TooLong").await;
}

#[tokio::test]
async fn a_body_of_a_refusal_is_kept_up_to_its_bound() {
    let body = "b".repeat(20_000);
    let mut socket = Script::new(&format!("http:503:{body}")).open();
    match socket.next_event().await {
        Some(Event::Error(error)) => match error.cause() {
            Cause::Http(answer) => assert_eq!((answer.status(), answer.body().len()), (503, 16 * 1024)),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn retry_after_is_told() {
    let mut socket = Script::new("header:Retry-After:7;http:503").open();
    match socket.next_event().await {
        Some(Event::Error(error)) => match error.cause() {
            Cause::Http(answer) => assert_eq!(answer.header("retry-after"), Some("7")),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// Nothing that a user may log shows the value of a header or a secret of the URL.
#[tokio::test]
async fn secrets_are_in_no_debug_text() {
    let url = format!("{}?token=secret", echo()).replace("ws://", "ws://user:secret@");
    let builder = WebSocket::builder(&url).header("Authorization", "Bearer secret");
    assert!(!format!("{builder:?}").contains("secret"));
    let socket = builder.connect().await.expect("it connects");
    assert!(!format!("{socket:?} {:?}", socket.handle()).contains("secret"));
    let script = Script::new("header:Set-Cookie:id=secret;http:401:secret");
    let result = WebSocket::connect(&script.url).await;
    let error = result.expect_err("it is refused");
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
}

#[tokio::test]
async fn a_dropped_socket_frees_a_driver_that_waits_for_room() {
    let script = Script::new("accept;flood:100:100000;close:1000");
    let socket = WebSocket::builder(&script.url).inbox_capacity(1_000).connect().await.expect("it connects");
    let handle = socket.handle();
    drop(socket);
    assert!(script.frames().await.contains(&"close 1000".to_owned()));
    assert!(handle.ready_state() >= ReadyState::Closing);
}

#[tokio::test]
async fn an_empty_message_has_its_place_in_the_inbox() {
    let mut socket = Script::new("accept;text:;binary:;close:1000").connect().await;
    assert_eq!(next_message(&mut socket).await, Message::from(""));
    assert_eq!(next_message(&mut socket).await.len(), 0);
}
