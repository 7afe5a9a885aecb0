//! How many sockets are open.

use crate::support::{ask, fetch, next, open, send, start, upgrade};
use futures::StreamExt;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn open_sockets_are_counted_until_they_end() {
    let server = start().await;
    let mut counter = open(&server, "/open-sockets").await;
    let mut first = open(&server, "/echo").await;
    let second = open(&server, "/script?do=accept;stop-reading").await;
    send(&mut counter, "?").await;
    assert_eq!(next(&mut counter).await, Message::text("2"));
    assert_eq!(server.open_sockets(), 2);

    assert_eq!(ask(&server, "/wait-open-sockets?count=1&of=echo").await, "1", "the script is no echo");

    drop(second);
    assert_eq!(ask(&server, "/wait-open-sockets?count=1").await, "1", "the end is seen without reading");
    first.close(None).await.expect("it closes");
    while first.next().await.is_some() {}
    drop(first);
    assert_eq!(ask(&server, "/wait-open-sockets?count=0").await, "0");
    send(&mut counter, "?").await;
    assert_eq!(next(&mut counter).await, Message::text("0"));
}

#[tokio::test]
async fn what_was_never_upgraded_does_not_count() {
    let server = start().await;
    let _hanging = upgrade(&server, "/script?id=a&do=hang").await;
    assert!(fetch(&server, "GET /wait-started?id=a").await.ends_with("started"));
    assert_eq!(server.open_sockets(), 0);
}

#[tokio::test]
async fn when_the_record_is_there_the_connection_is_gone() {
    let server = start().await;
    for round in 0..50 {
        let _socket = upgrade(&server, &format!("/script?id={round}&do=accept;reset")).await;
        ask(&server, &format!("/record?id={round}")).await;
        assert_eq!(server.open_sockets(), 0);
    }
}
