//! Rooms.

use crate::support::{Socket, next, open, send, start};
use futures::StreamExt;
use tokio_tungstenite::tungstenite::{Message, protocol::CloseFrame};

async fn hears(socket: &mut Socket, text: &str) {
    assert_eq!(next(socket).await, Message::text(text));
}

#[tokio::test]
async fn everybody_in_a_room_hears_all_in_one_order() {
    let server = start().await;
    let (mut ann, mut ben) = (open(&server, "/room?name=a").await, open(&server, "/room?name=a").await);
    let mut elsewhere = open(&server, "/room?name=b").await;
    send(&mut ann, "one").await;
    hears(&mut ann, "one").await;
    hears(&mut ben, "one").await;
    send(&mut ben, "two").await;
    send(&mut ben, Message::binary(vec![1])).await;
    send(&mut ben, "three").await;
    for text in ["two", "three"] {
        hears(&mut ann, text).await;
        hears(&mut ben, text).await;
    }
    send(&mut elsewhere, "here").await;
    hears(&mut elsewhere, "here").await;

    ben.close(None).await.expect("it closes");
    assert_eq!(next(&mut ben).await, Message::Close(None));
    send(&mut ann, "alone").await;
    hears(&mut ann, "alone").await;
}

#[tokio::test]
async fn who_is_too_slow_is_sent_away() {
    let server = start().await;
    let (mut slow, mut fast) = (open(&server, "/room?name=a").await, open(&server, "/room?name=a").await);
    // more than the network holds, so that the slow one falls behind
    let text = "x".repeat(64 * 1024);
    for _ in 0..2_000 {
        send(&mut fast, text.clone()).await;
        hears(&mut fast, &text).await;
    }
    let close = loop {
        match slow.next().await.expect("a close").expect("a message") {
            Message::Close(close) => break close,
            message => assert_eq!(message, Message::text(text.clone())),
        }
    };
    assert!(matches!(close, Some(CloseFrame { code, .. }) if u16::from(code) == 1013), "{close:?}");
}
