//! Applications that read later than their WebSocket layer.

use crate::support::{Socket, ask, get, next, open, send, start, try_open};
use eversocket_server::Server;
use futures::StreamExt;
use std::{io::ErrorKind, net::SocketAddr};
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

async fn send_all(socket: &mut Socket, texts: &[&str]) {
    for text in texts {
        send(socket, *text).await;
    }
}

/// The layer answers at once, before anything that the application has not said yet.
async fn expect_pong_of_the_layer(socket: &mut Socket) {
    let payload = Bytes::from_static(b"\x09");
    send(socket, Message::Ping(payload.clone())).await;
    assert_eq!(next(socket).await, Message::Pong(payload));
}

async fn expect_ack(mut socket: Socket, text: &str) {
    send(&mut socket, text).await;
    assert_eq!(next(&mut socket).await, Message::text(format!("ack {text}")));
}

/// How the connection ends, after nothing more.
async fn end(socket: Socket) -> Result<usize, ErrorKind> {
    socket.into_inner().read_to_end(&mut Vec::new()).await.map_err(|error| error.kind())
}

/// What is read leaves the queue first, so that the number in it is certain afterwards.
async fn expect_read(server: &Server, record: &str) {
    assert_eq!(get(server, &format!("/apart/record?name=a&wait={}", record.lines().count())).await, record);
}

async fn expect_queued(server: &Server, number: usize) {
    assert_eq!(get(server, &format!("/apart/queued?name=a&wait={number}")).await, number.to_string());
}

#[tokio::test]
async fn the_layer_reads_and_answers_pings_while_the_application_stands_still() {
    let server = start().await;
    let mut socket = open(&server, "/apart?name=a&reads=2").await;
    send_all(&mut socket, &["a", "b", "c\n"]).await;
    send(&mut socket, Message::binary(vec![0, 255])).await;
    expect_pong_of_the_layer(&mut socket).await;
    expect_read(&server, "0 0 text a\n0 1 text b\n").await;
    expect_queued(&server, 2).await;
    assert_eq!(get(&server, "/apart/read?name=a&count=1").await, "reading");
    expect_read(&server, "0 0 text a\n0 1 text b\n0 2 text c\\n\n").await;
    get(&server, "/apart/read?name=a").await;
    expect_read(&server, "0 0 text a\n0 1 text b\n0 2 text c\\n\n0 3 binary 00ff\n").await;
    assert_eq!(get(&server, "/apart/queued?name=a").await, "0");
}

#[tokio::test]
async fn all_is_read_at_once_unless_told_otherwise() {
    let server = start().await;
    let mut socket = open(&server, "/apart?name=a").await;
    send_all(&mut socket, &["a", "b"]).await;
    expect_read(&server, "0 0 text a\n0 1 text b\n").await;
}

#[tokio::test]
async fn what_the_application_has_not_read_dies_with_its_process() {
    let server = start().await;
    let mut sockets = [open(&server, "/apart?name=a&reads=1").await, open(&server, "/apart?name=a&reads=0").await];
    let other = open(&server, "/apart?name=b&acks=text").await;
    for socket in &mut sockets {
        send_all(socket, &["a", "b"]).await;
        expect_pong_of_the_layer(socket).await;
    }
    expect_read(&server, "0 0 text a\n").await;
    expect_queued(&server, 3).await;
    assert_eq!(get(&server, "/apart/kill?name=a").await, "killed");
    for socket in sockets {
        assert_eq!(end(socket).await, Err(ErrorKind::ConnectionReset));
    }
    assert_eq!(get(&server, "/apart/queued?name=a").await, "0");
    assert_eq!(ask(&server, "/wait-open-sockets?count=1").await, "1");
    expect_ack(other, "x").await;

    // what nobody has used is left for those who come back
    get(&server, "/apart/read?name=a&count=1").await;
    let mut socket = open(&server, "/apart?name=a&reads=1").await;
    send_all(&mut socket, &["c", "d", "e"]).await;
    expect_read(&server, "0 0 text a\n2 0 text c\n2 1 text d\n").await;
    expect_queued(&server, 1).await;
}

#[tokio::test]
async fn a_gate_kills_it_too() {
    let server = start().await;
    let port = get(&server, "/gate/new").await;
    let gate: SocketAddr = format!("127.0.0.1:{port}").parse().expect("an address");
    let mut record = String::new();
    for (connection, action) in ["drop", "stop"].into_iter().enumerate() {
        let (mut socket, _) = try_open(gate, "/apart?name=a&reads=1", "").await.expect("it accepts");
        send_all(&mut socket, &[action, "lost"]).await;
        record += &format!("{connection} 0 text {action}\n");
        expect_read(&server, &record).await;
        expect_queued(&server, 1).await;
        get(&server, &format!("/gate/{action}?port={port}")).await;
        assert_eq!(end(socket).await, Err(ErrorKind::ConnectionReset));
        assert_eq!(get(&server, "/apart/queued?name=a").await, "0");
    }
    get(&server, "/apart/read?name=a").await;
    expect_read(&server, &record).await;
}

#[tokio::test]
async fn what_is_not_read_is_lost_with_a_connection_that_ends_without_a_close() {
    let server = start().await;
    let mut socket = open(&server, "/apart?name=a&reads=1").await;
    send_all(&mut socket, &["a", "lost"]).await;
    expect_read(&server, "0 0 text a\n").await;
    expect_queued(&server, 1).await;
    drop(socket);
    assert_eq!(ask(&server, "/wait-open-sockets?count=0").await, "0");
    assert_eq!(get(&server, "/apart/queued?name=a").await, "0");
}

#[tokio::test]
async fn a_killed_process_may_leave_what_it_has_sent() {
    let server = start().await;
    let mut socket = open(&server, "/apart?name=a&reads=1&acks=number").await;
    send_all(&mut socket, &["a", "b"]).await;
    expect_read(&server, "0 0 text a\n").await;
    expect_queued(&server, 1).await;
    get(&server, "/apart/kill?name=a&how=fin").await;
    assert_eq!(next(&mut socket).await, Message::text("ack 0"));
    assert_eq!(end(socket).await, Ok(0));
}

#[tokio::test]
async fn the_application_answers_heartbeats_in_their_turn() {
    let server = start().await;
    let mut socket = open(&server, "/apart?name=a&reads=2&acks=number").await;
    send_all(&mut socket, &["a", "ping", "b", "ping"]).await;
    for answer in ["ack 0", "pong", "ack 1"] {
        assert_eq!(next(&mut socket).await, Message::text(answer));
    }
    // the second waits for an application that reads
    expect_pong_of_the_layer(&mut socket).await;
    send(&mut socket, "c").await;
    expect_queued(&server, 1).await;
    get(&server, "/apart/read?name=a&count=1").await;
    for answer in ["pong", "ack 2"] {
        assert_eq!(next(&mut socket).await, Message::text(answer));
    }
    expect_read(&server, "0 0 text a\n0 1 text b\n0 2 text c\n").await;
}

#[tokio::test]
async fn messages_may_be_acknowledged_by_their_text() {
    let server = start().await;
    let socket = open(&server, "/apart?name=a&acks=text").await;
    expect_ack(socket, "grüße").await;
}

#[tokio::test]
async fn a_close_is_answered_at_once_and_what_came_before_it_is_read_later() {
    let server = start().await;
    for then in ["/apart/read?name=a&count=2", "/apart/kill?name=a"] {
        let mut socket = open(&server, "/apart?name=a&reads=0").await;
        send_all(&mut socket, &["a", "b"]).await;
        socket.close(None).await.expect("it closes");
        assert_eq!(next(&mut socket).await, Message::Close(None));
        assert!(socket.next().await.is_none());
        drop(socket);
        assert_eq!(ask(&server, "/wait-open-sockets?count=0").await, "0");
        assert_eq!(get(&server, "/apart/queued?name=a").await, "2");
        get(&server, then).await;
        assert_eq!(get(&server, "/apart/record?name=a&wait=2").await, "0 0 text a\n0 1 text b\n", "{then}");
        assert_eq!(get(&server, "/apart/queued?name=a").await, "0");
    }
}

#[tokio::test]
async fn parameters_that_cannot_be_read_are_refused() {
    let server = start().await;
    for query in ["reads=x", "reads=-1", "acks=1"] {
        let refusal = try_open(server.address(), &format!("/apart?{query}"), "").await;
        assert!(matches!(refusal, Err(Error::Http(response)) if response.status().as_u16() == 400), "{query}");
    }
    assert_eq!(get(&server, "/apart/kill?how=dance").await, "`how` is none of reset, fin");
    assert_eq!(get(&server, "/apart/read?count=x").await, "`count` is no number");
    assert_eq!(get(&server, "/apart/dance").await, "nothing here");
}

/// The queue is bounded, so the rest waits in the network.
#[tokio::test]
async fn a_layer_that_holds_too_much_goes_on_when_the_application_reads_and_sees_a_reset() {
    let server = start().await;
    let port = get(&server, "/gate/new").await;
    let gate: SocketAddr = format!("127.0.0.1:{port}").parse().expect("an address");
    let (mut socket, _) = try_open(gate, "/apart?name=a&reads=0", "").await.expect("it accepts");
    for _ in 0..4 {
        send(&mut socket, Message::binary(vec![0; 16 << 20])).await;
    }
    expect_queued(&server, 4).await;
    send(&mut socket, "a").await;
    get(&server, "/apart/read?name=a&count=1").await;
    expect_queued(&server, 4).await;
    expect_pong_of_the_layer(&mut socket).await;
    send(&mut socket, Message::binary(vec![0; 16 << 20])).await;
    expect_queued(&server, 5).await;
    get(&server, &format!("/gate/drop?port={port}")).await;
    assert_eq!(end(socket).await, Err(ErrorKind::ConnectionReset));
    assert_eq!(get(&server, "/apart/queued?name=a").await, "0");
    assert_eq!(get(&server, "/apart/record?name=a").await.lines().count(), 1);
}
