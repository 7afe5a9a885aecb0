//! The steps of scripts that answer, send and read.

use crate::support::{ask, fetch, frames, next, open, read_to, send, start, try_open, upgrade};
use futures::StreamExt;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, error::ProtocolError};

#[tokio::test]
async fn a_close_carries_code_and_reason() {
    let server = start().await;
    let mut socket = open(&server, "/script?id=a&do=accept;text:hi%2525;close:4001:g%25C3%25BC;end").await;
    assert_eq!(next(&mut socket).await, Message::text("hi%"));
    let Message::Close(Some(close)) = next(&mut socket).await else { panic!("no close") };
    assert_eq!((u16::from(close.code), close.reason.as_str()), (4001, "gü"));
    let _ended = socket.next().await;
    drop(socket);
    assert_eq!(frames(&server, "a").await, ["close 4001 gü", "eof"]);
}

#[tokio::test]
async fn all_that_comes_is_recorded() {
    let server = start().await;
    let mut socket = open(&server, "/script?id=a&do=expect:4;expect-ping;expect-close").await;
    for message in [Message::text("a\\b\n "), Message::text("x".repeat(257)), Message::binary(vec![0, 255])] {
        send(&mut socket, message).await;
    }
    send(&mut socket, Message::binary(vec![])).await;
    send(&mut socket, Message::Ping(Bytes::from_static(b"\x09"))).await;
    send(&mut socket, Message::Pong(Bytes::new())).await;
    socket.close(None).await.expect("it closes");
    while socket.next().await.is_some() {}
    drop(socket);
    let seen = frames(&server, "a").await;
    assert_eq!(seen[..2], ["text a\\\\b\\n ", "text-long 257 0796067748b6b0c2af864656a399f7722ef9283a"]);
    assert_eq!(seen[2..], ["binary 00ff", "binary", "ping 09", "pong", "close empty", "eof"]);
}

#[tokio::test]
async fn a_status_is_answered_with_headers_and_body() {
    let server = start().await;
    let path = "/script?id=a&do=header:X-Why:because;http:503:not%2520now";
    let Err(Error::Http(response)) = try_open(server.address(), path, "").await else { panic!("no status") };
    assert_eq!((response.status().as_u16(), &response.headers()["x-why"]), (503, &"because".parse().expect("a value")));
    let mut stream = upgrade(&server, path).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.contains("\r\nContent-Length: 7\r\n") && answer.ends_with("\r\n\r\nnot now"), "{answer}");
}

#[tokio::test]
async fn what_is_held_leaves_in_one_packet() {
    let server = start().await;
    let mut stream = upgrade(&server, "/script?do=hold;accept;text:one;close:1000;flush").await;
    let mut buffer = [0; 4096];
    let count = stream.read(&mut buffer).await.expect("an answer");
    assert!(buffer[..count].starts_with(b"HTTP/1.1 101 "));
    assert!(buffer[..count].ends_with(b"\r\n\r\n\x81\x03one\x88\x02\x03\xe8"));
}

#[tokio::test]
async fn a_slow_answer_is_whole() {
    let server = start().await;
    // tungstenite's own client takes single bytes for an attack
    let mut stream = upgrade(&server, "/script?do=slow-accept;text:one").await;
    let answer = read_to(&mut stream, b"\r\n\r\n\x81\x03one").await;
    let key = b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
    assert!(answer.starts_with(b"HTTP/1.1 101 ") && answer.windows(key.len()).any(|part| part == key));
}

#[tokio::test]
async fn faults_are_noticed() {
    let server = start().await;
    let refusal = async |steps: &str| {
        let answer = try_open(server.address(), &format!("/script?do={steps}"), "a, b").await;
        answer.map(|_| ()).expect_err("it is refused")
    };
    let key = refusal("accept-wrong-key").await;
    assert!(matches!(key, Error::Protocol(ProtocolError::SecWebSocketAcceptKeyMismatch)), "{key:?}");
    let upgrade = refusal("accept-no-upgrade").await;
    assert!(matches!(upgrade, Error::Protocol(ProtocolError::MissingUpgradeWebSocketHeader)), "{upgrade:?}");
    let connection = refusal("accept-no-connection").await;
    assert!(matches!(connection, Error::Protocol(ProtocolError::MissingConnectionUpgradeHeader)), "{connection:?}");
    let protocol = refusal("accept:other").await;
    assert!(matches!(protocol, Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(_))), "{protocol:?}");
}

#[tokio::test]
async fn answers_are_written_as_told() {
    let server = start().await;
    let answer = async |steps: &str| {
        let mut stream = upgrade(&server, &format!("/script?do={steps}")).await;
        String::from_utf8(read_to(&mut stream, b"\r\n\r\n").await).expect("ASCII")
    };
    assert!(answer("accept-http10").await.starts_with("HTTP/1.0 101 "));
    assert!(answer("accept-extension:x-one").await.contains("\r\nSec-WebSocket-Extensions: x-one\r\n"));
    assert!(answer("accept:other").await.contains("\r\nSec-WebSocket-Protocol: other\r\n"));
    assert!(answer("header:X-A:b:c;accept").await.contains("\r\nX-A: b:c\r\n"));
    assert_eq!(answer("raw:68690d0a0d0a").await, "hi\r\n\r\n");
}

#[tokio::test]
async fn frames_are_sent_as_told() {
    let server = start().await;
    let sent = async |steps: &str, end: &[u8]| {
        let mut stream = upgrade(&server, &format!("/script?do={steps}")).await;
        read_to(&mut stream, b"\r\n\r\n").await;
        read_to(&mut stream, end).await
    };
    assert_eq!(sent("frame:0:5:11:0:0aff", b"\xff").await, b"\x5b\x02\x0a\xff");
    assert_eq!(sent("frame:1:0:1:1:6869;ping:07", b"\x07").await.len(), 8 + 3);
    assert_eq!(sent("frame-header:2:5;ping:07", b"\x07").await, b"\x82\x7f\0\0\0\0\0\0\0\x05\x89\x01\x07");
    assert_eq!(sent("close-raw:03e8ff", b"\xff").await, b"\x88\x03\x03\xe8\xff");
    assert_eq!(sent("fill:text:28", b"zab").await, b"\x81\x1cabcdefghijklmnopqrstuvwxyzab");
    assert_eq!(sent("flood:2:8", b"\x01").await, b"\x82\x08\0\0\0\0\0\0\0\0\x82\x08\0\0\0\0\0\0\0\x01");
}

#[tokio::test]
async fn an_echo_without_a_number_is_the_last_step() {
    let server = start().await;
    let mut socket = open(&server, "/script?id=a&do=echo:1;text:between;echo;text:never").await;
    send(&mut socket, "one").await;
    assert_eq!(next(&mut socket).await, Message::text("one"));
    assert_eq!(next(&mut socket).await, Message::text("between"));
    send(&mut socket, "two").await;
    assert_eq!(next(&mut socket).await, Message::text("two"));
    socket.close(None).await.expect("it closes");
    assert_eq!(next(&mut socket).await, Message::Close(None));
    assert!(socket.next().await.is_none());
    drop(socket);
    assert_eq!(frames(&server, "a").await, ["text one", "text two", "close empty", "eof"]);
}

#[tokio::test]
async fn a_script_that_cannot_be_read_is_refused() {
    let server = start().await;
    let Err(Error::Http(response)) = try_open(server.address(), "/script?id=a&do=dance", "").await else {
        panic!("no status")
    };
    assert_eq!(response.status().as_u16(), 400);
    let record = ask(&server, "/record?id=a").await;
    assert!(record.contains("\nstep-error cannot read the step `dance`"), "{record}");
    assert!(fetch(&server, "GET /script?do=dance").await.starts_with("HTTP/1.1 426 "));
}
