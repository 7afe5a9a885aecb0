//! Tokens, and the echo for those who show one.

use crate::support::{Socket, fetch, get, next, open, send, start, try_open};
use eversocket_server::Server;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest};

async fn with_token(value: &str) -> Server {
    let server = start().await;
    assert_eq!(get(&server, &format!("/token/set?name=n&value={value}")).await, "set");
    server
}

async fn dial(server: &Server, query: &str, protocols: &str) -> Result<(Socket, Option<String>), Error> {
    let (socket, response) = try_open(server.address(), &format!("/guarded?name=n&{query}"), protocols).await?;
    let protocol = response.headers().get("sec-websocket-protocol");
    Ok((socket, protocol.and_then(|value| value.to_str().ok()).map(str::to_owned)))
}

async fn expect_echo(mut socket: Socket) {
    send(&mut socket, "hi").await;
    assert_eq!(next(&mut socket).await, Message::text("hi"));
}

async fn expect_close(mut socket: Socket, code: u16) {
    let message = next(&mut socket).await;
    assert!(matches!(&message, Message::Close(Some(frame)) if frame.code == code.into()), "{message:?}");
}

fn is_401<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::Http(response)) if response.status().as_u16() == 401)
}

#[tokio::test]
async fn tokens_are_issued_and_counted() {
    let server = with_token("a%20b").await;
    assert_eq!(get(&server, "/token/issued?name=n").await, "0");
    assert_eq!(get(&server, "/token/issue?name=n").await, "a b");
    assert_eq!(get(&server, "/token/revoke?name=n&value=c").await, "revoked");
    let answer = fetch(&server, "GET /token/issue?name=n").await;
    assert!(answer.ends_with("\r\n\r\nc") && answer.contains("\r\nAccess-Control-Allow-Origin: *\r\n"), "{answer}");
    assert_eq!(get(&server, "/token/issued?name=n").await, "2");
    for (path, status) in [("/token/issue?name=other", 404), ("/token/set?name=n", 400), ("/token/dance", 404)] {
        let answer = fetch(&server, &format!("GET {path}")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_token_may_be_in_the_query() {
    let server = with_token("a%20b").await;
    expect_echo(dial(&server, "how=query&token=a%20b", "").await.expect("it is valid").0).await;
    assert!(is_401(dial(&server, "how=query&token=c", "").await));
    assert!(is_401(dial(&server, "how=query", "").await));
    expect_close(dial(&server, "how=query&token=c&code=4403", "").await.expect("it accepts").0, 4403).await;
}

#[tokio::test]
async fn a_token_may_be_in_a_header() {
    let server = with_token("t").await;
    let dial = async |value: &str| {
        let url = format!("ws://{}/guarded?name=n&how=header", server.address());
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("authorization", value.parse().expect("a header"));
        let stream = TcpStream::connect(server.address()).await?;
        tokio_tungstenite::client_async(request, stream).await.map(|(socket, _)| socket)
    };
    expect_echo(dial("Bearer t").await.expect("it is valid")).await;
    assert!(is_401(dial("Bearer u").await));
    assert!(is_401(dial("t").await));
}

#[tokio::test]
async fn a_token_may_be_a_subprotocol() {
    let server = with_token("t").await;
    let (socket, protocol) = dial(&server, "how=protocol", "other, token.t, app").await.expect("it is valid");
    assert_eq!(protocol.as_deref(), Some("app"));
    expect_echo(socket).await;
    let (_socket, protocol) = dial(&server, "how=protocol", "other, token.t").await.expect("it is valid");
    assert_eq!(protocol.as_deref(), Some("other"));
    assert!(is_401(dial(&server, "how=protocol", "token.u, app").await));
    let (socket, protocol) = dial(&server, "how=protocol&code=4401", "token.u, app").await.expect("it accepts");
    assert_eq!(protocol.as_deref(), Some("app"));
    expect_close(socket, 4401).await;
}

#[tokio::test]
async fn a_token_may_be_the_first_text() {
    let server = with_token("t").await;
    let (mut socket, _) = dial(&server, "how=first", "").await.expect("it accepts");
    send(&mut socket, "t").await;
    expect_echo(socket).await;
    for wrong in [Message::text("u"), Message::binary(b"t".to_vec())] {
        let (mut socket, _) = dial(&server, "how=first", "").await.expect("it accepts");
        send(&mut socket, wrong).await;
        assert_eq!(next(&mut socket).await, Message::text("unauthorized"));
        expect_close(socket, 4401).await;
    }
}

#[tokio::test]
async fn who_was_let_in_leaves_when_the_token_is_revoked() {
    let server = with_token("t").await;
    get(&server, "/token/set?name=other&value=t").await;
    let (socket, _) = dial(&server, "how=query&token=t", "").await.expect("it is valid");
    let other = open(&server, "/guarded?name=other&how=query&token=t").await;
    get(&server, "/token/set?name=n&value=u").await;
    assert_eq!(get(&server, "/token/revoke?name=n&value=v").await, "revoked");
    expect_close(socket, 4401).await;
    expect_echo(other).await;
    assert!(is_401(dial(&server, "how=query&token=t", "").await));
    expect_echo(dial(&server, "how=query&token=v", "").await.expect("it is valid").0).await;
}

#[tokio::test]
async fn somebody_must_say_where_the_token_is() {
    let server = with_token("t").await;
    let refusal = dial(&server, "how=dance", "").await;
    assert!(matches!(refusal, Err(Error::Http(response)) if response.status().as_u16() == 400));
}
