//! Many connections, and big messages.

use crate::support::{ask, next, open, send, start, try_open};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn many_connections_are_open_at_once() {
    let server = start().await;
    // both ends are in this process, whose descriptors are limited
    let opening = (0..300).map(|_| try_open(server.address(), "/echo", ""));
    let sockets = futures::future::join_all(opening).await;
    assert!(sockets.iter().all(Result::is_ok));
    assert_eq!(server.open_sockets(), 300);
    drop(sockets);
    assert_eq!(ask(&server, "/wait-open-sockets?count=0").await, "0");
}

#[tokio::test]
async fn many_connections_come_one_after_the_other() {
    let server = start().await;
    for _ in 0..1000 {
        let mut socket = open(&server, "/echo").await;
        send(&mut socket, "x").await;
        assert_eq!(next(&mut socket).await, Message::text("x"));
    }
    assert_eq!(ask(&server, "/wait-open-sockets?count=0").await, "0");
}

#[tokio::test]
async fn a_big_message_comes_back_unchanged() {
    let server = start().await;
    let mut socket = open(&server, "/echo").await;
    let message = Message::binary((0..16 << 20).map(|index: u32| (index % 251) as u8).collect::<Vec<_>>());
    send(&mut socket, message.clone()).await;
    assert!(next(&mut socket).await == message);
}
