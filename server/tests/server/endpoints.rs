//! The endpoints but for scripts.

use crate::support::{ask, fetch, frames, next, open, read_to, send, start, try_open, upgrade};
use futures::StreamExt;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::{Bytes, Message, protocol::CloseFrame};

#[tokio::test]
async fn echo_sends_messages_back_and_answers_pings_and_closes() {
    let server = start().await;
    let mut socket = open(&server, "/echo").await;
    for message in [Message::text("grüße"), Message::text(""), Message::binary(vec![7; 300])] {
        send(&mut socket, message.clone()).await;
        assert_eq!(next(&mut socket).await, message);
    }
    send(&mut socket, Message::Ping(Bytes::from_static(b"\x09"))).await;
    assert_eq!(next(&mut socket).await, Message::Pong(Bytes::from_static(b"\x09")));
    let frame = CloseFrame { code: 4000.into(), reason: "bye".into() };
    send(&mut socket, Message::Close(Some(frame.clone()))).await;
    assert_eq!(next(&mut socket).await, Message::Close(Some(frame)));
    assert!(socket.next().await.is_none(), "and the connection ends");
}

#[tokio::test]
async fn echo_joins_fragments() {
    let server = start().await;
    let mut stream = upgrade(&server, "/echo").await;
    read_to(&mut stream, b"\r\n\r\n").await;
    // "he" and "llo" around a ping, with a mask of zeros
    stream.write_all(b"\x01\x82\0\0\0\0he\x89\x81\0\0\0\0p\x80\x83\0\0\0\0llo").await.expect("it reads");
    assert_eq!(read_to(&mut stream, b"hello").await, b"\x8a\x01p\x81\x05hello");
}

#[tokio::test]
async fn echo_chooses_the_first_protocol() {
    let server = start().await;
    let (_socket, response) = try_open(server.address(), "/echo", "b, a").await.expect("it accepts");
    assert_eq!(response.headers()["sec-websocket-protocol"], "b");
}

#[tokio::test]
async fn a_frame_beyond_all_bounds_ends_only_its_connection() {
    let server = start().await;
    let mut stream = upgrade(&server, "/script?id=long&do=echo").await;
    read_to(&mut stream, b"\r\n\r\n").await;
    stream.write_all(b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0").await.expect("it reads");
    assert_eq!(frames(&server, "long").await, ["too-long 9223372036854775807"]);
}

#[tokio::test]
async fn a_record_is_waited_for() {
    let server = start().await;
    let mut waiting = open(&server, "/record?id=later").await;
    let script = async {
        let mut socket = open(&server, "/script?id=later&do=close:1000").await;
        next(&mut socket).await;
        let _closed = socket.next().await;
    };
    let (record, ()) = tokio::join!(next(&mut waiting), script);
    assert!(record.to_text().expect("a text").starts_with("request /script?id=later&do=close:1000\nheader host: "));
    assert!(matches!(next(&mut waiting).await, Message::Close(Some(frame)) if frame.code == 1000.into()));
}

#[tokio::test]
async fn somebody_can_wait_for_a_script_to_start() {
    let server = start().await;
    let waiting = fetch(&server, "GET /wait-started?id=a");
    let (answer, _hanging) = tokio::join!(waiting, upgrade(&server, "/script?id=a&do=hang"));
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nstarted"), "{answer}");
    assert!(answer.contains("\r\nAccess-Control-Allow-Origin: *\r\n"), "pages of other ports may ask");
}

#[tokio::test]
async fn traces_are_kept() {
    let server = start().await;
    for (seed, trace) in [("10", "ten"), ("9", "line\nline")] {
        let mut socket = open(&server, &format!("/traces?target=web&seed={seed}")).await;
        send(&mut socket, trace).await;
        assert_eq!(next(&mut socket).await, Message::text("stored"));
    }
    let answer = fetch(&server, "GET /traces-of?target=web").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n9\tline\\nline\n10\tten\n"), "{answer}");
}

#[tokio::test]
async fn a_plain_request_to_a_socket_is_told_to_upgrade() {
    let server = start().await;
    for path in [
        "/echo",
        "/script?do=accept",
        "/record",
        "/open-sockets",
        "/wait-open-sockets",
        "/traces",
        "/stream",
        "/room",
        "/pair",
        "/apart",
        "/rpc",
        "/guarded",
    ] {
        let answer = fetch(&server, &format!("GET {path}")).await;
        assert!(answer.starts_with("HTTP/1.1 426 "), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_stopped_server_ends_its_connections() {
    let server = start().await;
    let address = server.address();
    let mut socket = open(&server, "/echo").await;
    assert_eq!(ask(&server, "/wait-open-sockets?count=1").await, "1");
    drop(server);
    assert!(!matches!(socket.next().await, Some(Ok(_))));
    assert!(try_open(address, "/echo", "").await.is_err());
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let server = start().await;
    let config = eversocket_server::Config { address: server.address(), ..Default::default() };
    let error = eversocket_server::Server::start(config).await.expect_err("it is taken");
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&server.address().to_string()), "{error}");
}
