//! How connections end.

use crate::support::{frames, open, read_to, send, start, upgrade};
use std::io::ErrorKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn a_cut_is_orderly() {
    let server = start().await;
    let mut stream = upgrade(&server, "/script?id=a&do=hold;accept;text:last;cut").await;
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.expect("an orderly end");
    assert!(all.ends_with(b"\x81\x04last"));
    drop(stream);
    assert_eq!(frames(&server, "a").await, ["eof"]);
}

#[tokio::test]
async fn a_reset_is_not() {
    let server = start().await;
    let mut stream = upgrade(&server, "/script?do=accept;expect;reset").await;
    read_to(&mut stream, b"\r\n\r\n").await;
    stream.write_all(b"\x81\x80\0\0\0\0").await.expect("it reads");
    let error = stream.read_to_end(&mut Vec::new()).await.expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_client_that_hangs_up_is_recorded() {
    let server = start().await;
    let mut socket = open(&server, "/script?id=hang&do=accept;hang").await;
    send(&mut socket, "unanswered").await;
    drop(socket);
    assert_eq!(frames(&server, "hang").await, ["text unanswered", "eof"]);

    let stream = upgrade(&server, "/script?id=reset&do=hang").await;
    stream.set_zero_linger().expect("it is connected");
    drop(stream);
    assert_eq!(frames(&server, "reset").await, ["reset"]);
}

#[tokio::test]
async fn a_server_that_does_not_read_sees_the_end() {
    let server = start().await;
    let mut socket = open(&server, "/script?id=eof&do=accept;stop-reading").await;
    send(&mut socket, "unread").await;
    drop(socket);
    assert_eq!(frames(&server, "eof").await, ["eof"]);

    let stream = upgrade(&server, "/script?id=reset&do=stop-reading").await;
    stream.set_zero_linger().expect("it is connected");
    drop(stream);
    assert_eq!(frames(&server, "reset").await, ["reset"]);
}

#[tokio::test]
async fn an_unmasked_frame_is_recorded() {
    let server = start().await;
    let mut stream = upgrade(&server, "/script?id=a&do=expect;cut").await;
    read_to(&mut stream, b"\r\n\r\n").await;
    stream.write_all(b"\x81\x01x\x88\x01\x03").await.expect("it reads");
    drop(stream);
    let seen = frames(&server, "a").await;
    assert_eq!(seen[..4], ["unmasked-frame", "text x", "unmasked-frame", "close-bad 03"]);
}

#[tokio::test]
async fn a_flood_nobody_drinks_is_recorded() {
    let server = start().await;
    let mut stream = upgrade(&server, "/script?id=a&do=flood:1000000:1000;close").await;
    read_to(&mut stream, b"\r\n\r\n").await;
    drop(stream);
    let seen = frames(&server, "a").await;
    let progress: u64 = seen[0].strip_prefix("flood-progress ").and_then(|count| count.parse().ok()).expect("progress");
    assert!(progress < 1_000_000);
    assert_eq!(seen[1], "write-failed");
}

#[tokio::test]
async fn a_flood_that_is_drunk_is_done() {
    let server = start().await;
    let mut stream = upgrade(&server, "/script?id=a&do=flood:100000:8;cut").await;
    read_to(&mut stream, b"\r\n\r\n").await;
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.expect("an orderly end");
    assert_eq!(all.len(), 100_000 * 10);
    drop(stream);
    assert_eq!(frames(&server, "a").await, ["flood-done", "eof"]);
}
