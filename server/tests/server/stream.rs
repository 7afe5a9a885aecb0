//! Steady streams with forced drops.

use crate::support::{Socket, get, next, open, read_to, send, start, try_open, upgrade};
use futures::{SinkExt, StreamExt};
use std::io::ErrorKind;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, protocol::CloseFrame};

async fn close_code(socket: &mut Socket) -> u16 {
    match next(socket).await {
        Message::Close(Some(CloseFrame { code, .. })) => code.into(),
        other => panic!("no close, but {other:?}"),
    }
}

/// Sends texts until the server drops the connection; how many it has taken by its own record.
async fn count_taken(server: &eversocket_server::Server, query: &str, connection: u64) -> usize {
    let mut socket = open(server, &format!("/stream?{query}")).await;
    while socket.send(Message::text("x")).await.is_ok() {}
    let record = get(server, &format!("/stream-record?{query}")).await;
    record.lines().filter(|line| line.starts_with(&format!("{connection} "))).count()
}

#[tokio::test]
async fn connections_are_numbered_and_texts_recorded() {
    let server = start().await;
    let mut first = open(&server, "/stream?id=a&greet=1&echo=1").await;
    assert_eq!(next(&mut first).await, Message::text("hello 0"));
    let mut second = open(&server, "/stream?id=a&greet=1").await;
    assert_eq!(next(&mut second).await, Message::text("hello 1"));
    send(&mut first, "one\n").await;
    assert_eq!(next(&mut first).await, Message::text("one\n"));
    send(&mut second, Message::binary(vec![1])).await;
    send(&mut second, Message::Ping(Bytes::from_static(b"\x09"))).await;
    assert_eq!(next(&mut second).await, Message::Pong(Bytes::from_static(b"\x09")));
    let wait = get(&server, "/stream-record?id=a&wait=2");
    let (record, ()) = tokio::join!(wait, send(&mut second, ""));
    assert_eq!(record, "0 one\\n\n1 \n");
    second.close(None).await.expect("it closes");
    assert_eq!(next(&mut second).await, Message::Close(None));
    assert!(second.next().await.is_none());
    assert_eq!(get(&server, "/stream-record?id=b").await, "");
}

#[tokio::test]
async fn a_connection_is_reset_after_so_many_texts() {
    let server = start().await;
    let mut stream = upgrade(&server, "/stream?id=a&drop-after=2&echo=1").await;
    read_to(&mut stream, b"\r\n\r\n").await;
    let mut socket =
        Socket::from_raw_socket(stream, tokio_tungstenite::tungstenite::protocol::Role::Client, None).await;
    send(&mut socket, "one").await;
    assert_eq!(next(&mut socket).await, Message::text("one"));
    send(&mut socket, "two").await;
    let error = socket.into_inner().read_to_end(&mut Vec::new()).await.expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(get(&server, "/stream-record?id=a").await, "0 one\n0 two\n");
}

#[tokio::test]
async fn a_drop_may_be_a_close_or_an_end() {
    let server = start().await;
    let mut socket = open(&server, "/stream?drop-after=1&how=close:4000").await;
    send(&mut socket, "x").await;
    assert_eq!(close_code(&mut socket).await, 4000);
    assert!(socket.next().await.is_none());
    let mut socket = open(&server, "/stream?drop-after=0&how=fin&greet=1&id=b").await;
    assert_eq!(next(&mut socket).await, Message::text("hello 0"));
    assert_eq!(socket.into_inner().read_to_end(&mut Vec::new()).await.expect("an orderly end"), 0);
}

#[tokio::test]
async fn drops_are_drawn_by_seed_and_connection() {
    let server = start().await;
    let mut all = Vec::new();
    for connection in 0..10 {
        all.push(count_taken(&server, "id=a&drop-after=2-5&seed=1", connection).await);
    }
    assert!(all.iter().all(|count| (2..=5).contains(count)) && all.iter().any(|count| *count != all[0]), "{all:?}");
    for (connection, count) in all.iter().enumerate() {
        assert_eq!(count_taken(&server, "id=b&drop-after=2-5&seed=1", connection as u64).await, *count);
    }
}

#[tokio::test]
async fn the_first_text_may_have_to_be_a_password() {
    let server = start().await;
    let path = "/stream?id=a&auth=first:open%20up&echo=1";
    let mut socket = open(&server, path).await;
    send(&mut socket, "open up").await;
    send(&mut socket, "hi").await;
    assert_eq!(next(&mut socket).await, Message::text("hi"), "the password is not sent back");
    let mut socket = open(&server, path).await;
    send(&mut socket, "hi").await;
    assert_eq!(next(&mut socket).await, Message::text("unauthorized"));
    assert_eq!(close_code(&mut socket).await, 4401);
    assert_eq!(get(&server, "/stream-record?id=a").await, "0 open up\n0 hi\n1 hi\n");
}

#[tokio::test]
async fn parameters_that_cannot_be_read_are_refused() {
    let server = start().await;
    for query in ["drop-after=x", "drop-after=3-2", "drop-after=1&seed=x", "how=dance", "how=close:x", "auth=last:x"] {
        let refusal = try_open(server.address(), &format!("/stream?{query}"), "").await;
        assert!(matches!(refusal, Err(Error::Http(response)) if response.status().as_u16() == 400), "{query}");
    }
}
