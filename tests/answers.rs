//! What natively is told of answers that open nothing, byte by byte; a browser hides all of it.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/mod.rs"]
mod support;

use eversocket::{Cause, HttpRefusal, OpenError, ReconnectingWebSocket, WebSocket, reconnect::Failure};
use std::time::Duration;
use support::*;
use tokio::{io::AsyncWriteExt, net::TcpListener};

fn raw(answer: &str) -> String {
    format!("raw:{}", hex(answer.as_bytes()))
}

async fn refused(answer: &str, then: &str) -> HttpRefusal {
    let script = Script::new(&format!("{};{then}", raw(answer)));
    match WebSocket::connect(&script.url).await {
        Err(OpenError::Failed(error)) => match error.cause() {
            Cause::Http(refusal) => refusal.clone(),
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_of_http_1_0_is_read() {
    let answer = "HTTP/1.0 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Type: text/html\r\n\r\n<h1>away</h1>";
    let refusal = refused(answer, "cut").await;
    assert_eq!((refusal.status(), refusal.header("retry-after")), (503, Some("7")));
    assert_eq!(refusal.body(), b"<h1>away</h1>");
}

#[tokio::test]
async fn a_body_in_chunks_is_told_without_them() {
    let answer = "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n{\"error\":\"no\"}\r\n0\r\n\r\n";
    let refusal = refused(answer, "hang").await;
    assert_eq!((refusal.status(), refusal.body()), (403, &b"{\"error\":\"no\"}"[..]));
}

#[tokio::test]
async fn an_answer_that_has_no_body_is_told_without_one() {
    let refusal = refused("HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n\r\n", "hang").await;
    assert_eq!((refusal.status(), refusal.body()), (304, &b""[..]));
}

/// The part that has come is told, although the server keeps the connection open.
#[tokio::test]
async fn a_body_that_stalls_does_not_keep_its_refusal() {
    let refusal = refused("HTTP/1.1 401 Unauthorized\r\nContent-Length: 100\r\n\r\ntoo short", "hang").await;
    assert_eq!((refusal.status(), refusal.body()), (401, &b"too short"[..]));
}

/// A deadline that passes while the body comes changes nothing: new credentials are asked for.
#[tokio::test]
async fn a_refusal_is_decided_at_its_head() {
    let stalls = raw("HTTP/1.1 401 Unauthorized\r\nContent-Length: 100\r\n\r\n");
    let script = Script::new(&format!("{stalls};hang"));
    let socket = WebSocket::builder(&script.url).connect_timeout(Duration::from_millis(250)).connect().await;
    let Err(OpenError::Failed(error)) = socket else { panic!("{socket:?}") };
    assert!(matches!(error.cause(), Cause::Http(refusal) if refusal.status() == 401), "{error}");

    let script = Script::new(&format!("{stalls};hang"));
    let builder = ReconnectingWebSocket::builder(&script.url).connect_timeout(Duration::from_millis(250));
    let mut socket = builder.open().expect("a valid URL");
    let error = socket.opened().await.expect_err("the credentials are refused");
    assert!(error.to_string().contains("401"), "{error}");
}

/// A token may be carried in a subprotocol, and a server send back all that was offered.
#[tokio::test]
async fn what_was_offered_is_in_no_text() {
    for answer in
        ["chat, bearer.SECRET", "chat,BEARER.SECRET", "x-bearer.SECRET", "other, bearer.secret", "SECRET", "x-SECRET"]
    {
        for header in ["Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"] {
            let script = Script::new(&format!("header:{header}:{answer};accept"));
            let builder = WebSocket::builder(&script.url).protocols(["chat", "bearer.SECRET"]);
            let Err(OpenError::Failed(error)) = builder.connect().await else { panic!("{answer}") };
            let failure = Failure::Connection(error.clone());
            let shown = format!("{error} {error:?} {failure} {failure:?}").to_ascii_lowercase();
            assert!(shown.contains("not offered") && !shown.contains("secret"), "{answer}: {shown}");
        }
    }
}

/// They count towards the length of the head.
#[tokio::test]
async fn hints_without_end_fail() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("ws://{}/", listener.local_addr().expect("an address"));
    let bytes: Vec<u8> = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(20_000).into_bytes();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        // until the client has had enough
        let _ended = stream.write_all(&bytes).await;
        std::future::pending::<()>().await;
    });
    let mut socket = WebSocket::new(&url).expect("a valid URL");
    assert_refused(&mut socket, "Handshake(TooLong").await;
}

/// As Firefox has it; Chromium sends them when it is asked for them.
#[tokio::test]
async fn credentials_of_the_url_are_basic_authorization() {
    for (headers, expected) in [(&[][..], "Basic dXNlcjpwQHNz"), (&[("authorization", "Bearer own")][..], "Bearer own")]
    {
        let script = Script::new("accept;close:1000");
        let url = script.url.replace("ws://", "ws://us%65r:p%40ss@");
        let builder =
            headers.iter().fold(WebSocket::builder(&url), |builder, (name, value)| builder.header(*name, *value));
        let mut socket = builder.connect().await.expect("it connects");
        assert!(closed(&mut socket).await.was_clean);
        assert_eq!(script.header("authorization").await.as_deref(), Some(expected));
    }
}

/// RFC 6761 section 6.3: no name server is asked.
#[tokio::test]
async fn names_below_localhost_are_this_machine() {
    for name in ["app.localhost", "localhost.", "a.b.localhost."] {
        let url = echo().replace(&host(), &host().replace("127.0.0.1", name));
        let mut socket = WebSocket::connect(&url).await.expect(name);
        socket.send(name).expect("it is open");
        assert_eq!(next_message(&mut socket).await, name.into());
    }
}

#[cfg(feature = "deflate")]
#[tokio::test]
async fn a_server_with_a_window_of_8_bits_is_sent_what_it_can_read() {
    let script = Script::new("accept-extension:permessage-deflate%3B client_max_window_bits=8;expect;close:1000");
    let options = eversocket::Deflate::default().threshold(0);
    let mut socket = WebSocket::builder(&script.url).deflate(options).connect().await.expect("it connects");
    let text = "again and ".repeat(6);
    socket.send(text.clone()).expect("it is open");
    assert!(closed(&mut socket).await.was_clean);
    assert!(script.frames().await.contains(&format!("text {text}")), "{:?}", script.frames().await);
}
