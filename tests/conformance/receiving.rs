//! Receiving: what comes in, and what breaks the protocol.

use crate::{rules, support::*};
use eversocket::{BinaryType, Event, Message};
use futures::{
    StreamExt,
    channel::{mpsc, oneshot},
};
use std::sync::{Arc, Mutex};

/// Frames that must fail an open connection.
async fn assert_frames_fail(steps: &str, cause: &str) {
    let script = Script::new(&format!("accept;expect;{steps};end"));
    assert_failed(&mut script.start().await, cause).await;
}

/// The messages of a script that then closes.
async fn messages(steps: &str) -> Vec<Message> {
    let mut socket = Script::new(&format!("accept;{steps};close:1000")).connect().await;
    let mut events = all_events(&mut socket).await;
    let Some(Event::Close(close)) = events.pop() else { panic!("{events:?}") };
    assert_close(&close, 1000, "", true);
    let message = |event| match event {
        Event::Message(message) => message,
        other => panic!("{other:?}"),
    };
    events.into_iter().map(message).collect()
}

rules! {
    async fn text_is_text_and_binary_is_binary() {
        let received = messages(&format!("text:{};binary:00ff", field("grüße; 日本"))).await;
        assert_eq!(received, ["grüße; 日本".into(), b"\x00\xff".into()]);
    }

    async fn empty_messages_are_messages() {
        assert_eq!(messages("text:;binary:").await, ["".into(), Message::Binary(Default::default())]);
    }

    async fn binary_type_blob_gives_blobs() {
        let script = Script::new("accept;binary:68656c6c6f;close:1000");
        let mut socket = builder(&script.url).binary_type(BinaryType::Blob).connect().await.expect("it connects");
        let Message::Blob(blob) = next_message(&mut socket).await else { panic!("a blob was asked for") };
        assert_eq!((blob.size(), blob.content_type()), (5, ""));
        assert_eq!(blob.bytes().await.expect("readable"), "hello");
        assert_eq!(blob.slice(1..3).text().await.expect("readable"), "el");
        assert_eq!(blob.slice(3..99).size(), 2);
    }

    async fn a_changed_binary_type_takes_effect_for_the_next_message() {
        let mut socket = connect(&echo()).await.expect("it connects");
        for (binary_type, is_blob) in [(BinaryType::Blob, true), (BinaryType::ArrayBuffer, false), (BinaryType::Blob, true)] {
            socket.set_binary_type(binary_type);
            assert_eq!(socket.binary_type(), binary_type);
            socket.send(b"x").expect("it is open");
            assert_eq!(matches!(next_message(&mut socket).await, Message::Blob(_)), is_blob);
        }
    }

    async fn a_fragmented_message_arrives_as_one() {
        let received = messages("frame:0:0:1:0:6865;frame:0:0:0:0:6c6c;frame:1:0:0:0:6f;frame:0:0:2:0:01;frame:1:0:0:0:").await;
        assert_eq!(received, ["hello".into(), b"\x01".into()]);
    }

    async fn a_character_split_between_fragments_is_whole_again() {
        assert_eq!(messages("frame:0:0:1:0:67c3;frame:1:0:0:0:bc").await, ["gü".into()]);
    }

    async fn control_frames_between_fragments_disturb_nothing() {
        let received = messages("frame:0:0:1:0:6865;ping:aa;pong:bb;frame:1:0:0:0:6c6c6f").await;
        assert_eq!(received, ["hello".into()]);
    }

    async fn a_ping_is_answered_with_its_payload() {
        let script = Script::new("accept;ping:0102ff;expect-pong;ping:;expect-pong;close:1000");
        closed(&mut script.open()).await;
        assert_eq!(script.frames().await[..2], ["pong 0102ff", "pong "].map(str::trim_end).map(String::from));
    }

    async fn an_unsolicited_pong_is_ignored() {
        assert_eq!(messages("pong:0102;text:after").await, ["after".into()]);
    }

    async fn invalid_utf8_fails() { assert_frames_fail("frame:1:0:1:0:ff", "InvalidUtf8").await }
    async fn utf8_cut_short_fails() { assert_frames_fail("frame:1:0:1:0:c3", "InvalidUtf8").await }
    async fn a_surrogate_in_utf8_fails() { assert_frames_fail("frame:1:0:1:0:eda080", "InvalidUtf8").await }
    async fn invalid_utf8_in_a_fragment_fails() {
        assert_frames_fail("frame:0:0:1:0:61;frame:1:0:0:0:ff", "InvalidUtf8").await;
    }
    async fn reserved_bit_1_fails() { assert_frames_fail("frame:1:4:1:0:61", "Protocol").await }
    async fn reserved_bit_2_fails() { assert_frames_fail("frame:1:2:1:0:61", "Protocol").await }
    async fn reserved_bit_3_fails() { assert_frames_fail("frame:1:1:1:0:61", "Protocol").await }
    async fn an_unknown_data_opcode_fails() { assert_frames_fail("frame:1:0:3:0:61", "Protocol").await }
    async fn an_unknown_control_opcode_fails() { assert_frames_fail("frame:1:0:11:0:61", "Protocol").await }
    async fn a_fragmented_control_frame_fails() { assert_frames_fail("frame:0:0:9:0:61", "Protocol").await }
    async fn a_control_frame_of_126_bytes_fails() {
        assert_frames_fail(&format!("frame:1:0:9:0:{}", "61".repeat(126)), "Protocol").await;
    }
    // RFC 6455 section 5.1; Firefox unmasks it and goes on.
    async fn a_masked_frame_of_the_server_fails() {
        if is_firefox() {
            return assert_eq!(messages("frame:1:0:1:1:61").await, ["a".into()]);
        }
        assert_frames_fail("frame:1:0:1:1:61", "Protocol").await;
    }
    async fn a_continuation_without_a_start_fails() { assert_frames_fail("frame:1:0:0:0:61", "Protocol").await }
    async fn a_new_message_inside_a_fragmented_one_fails() {
        assert_frames_fail("frame:0:0:1:0:61;frame:1:0:1:0:62", "Protocol").await;
    }

    // What the peer is told differs by nature: a browser lets no script send 1009.
    async fn a_message_over_the_limit_fails() {
        let script = Script::new("accept;fill:binary:1000;fill:binary:1001;end");
        let mut socket = builder(&script.url).max_message_size(1000).connect().await.expect("it connects");
        assert_eq!(next_message(&mut socket).await.len(), 1000);
        assert_failed(&mut socket, "MessageTooBig { limit: 1000 }").await;
        let told = if is_browser() { "close 4009" } else { "close 1009" };
        assert!(script.frames().await.contains(&told.to_owned()));
    }

    async fn a_fragmented_message_over_the_limit_fails() {
        let script = Script::new("accept;frame:0:0:1:0:616161;frame:1:0:0:0:616161;end");
        let mut socket = builder(&script.url).max_message_size(5).connect().await.expect("it connects");
        assert_failed(&mut socket, "MessageTooBig { limit: 5 }").await;
    }

    async fn a_message_of_16_mib_arrives() {
        let received = messages(&format!("fill:binary:{}", 16 << 20)).await;
        let bytes = received[0].as_binary().expect("binary");
        assert_eq!(bytes.len(), 16 << 20);
        assert!(bytes.iter().enumerate().all(|(index, byte)| *byte == b'a' + (index % 26) as u8));
    }

    async fn a_hundred_thousand_messages_at_once_arrive_in_order() {
        let mut socket = Script::new("accept;flood:100000:8;close:1000").connect().await;
        for index in 0..100_000_u64 {
            assert_eq!(next_message(&mut socket).await.as_binary(), Some(&index.to_be_bytes()[..]));
        }
        assert!(closed(&mut socket).await.was_clean);
    }

    async fn a_callback_gets_its_kind_whoever_reads_meanwhile() {
        let mut socket = Script::new("accept;flood:20000:8;close:1000").open();
        let (sender, seen) = mpsc::unbounded();
        let guard = socket.on_message(move |message| sender.unbounded_send(message).expect("the test listens"));
        let read = all_events(&mut socket).await;
        assert!(matches!(&read[..], [Event::Open(_), Event::Close(_)]), "{} events", read.len());
        drop(guard);
        let seen: Vec<Message> = seen.collect().await;
        assert_eq!(seen.len(), 20_000);
        assert!((0_u64..).zip(&seen).all(|(index, message)| message.as_binary() == Some(&index.to_be_bytes()[..])));
    }

    async fn a_callback_that_comes_late_gets_what_the_reader_has_taken() {
        let mut socket = Script::new("accept;text:one;text:two;close:1000").open();
        let (closed, has_closed) = oneshot::channel::<()>();
        // freed at the end
        socket.on_error(move |_| assert!(!closed.is_canceled())).forget();
        assert!(has_closed.await.is_err());
        assert!(matches!(socket.next_event().await, Some(Event::Open(_))));
        let (sender, seen) = mpsc::unbounded();
        let guard = socket.on_message(move |message| sender.unbounded_send(message).expect("the test listens"));
        assert_eq!(seen.collect::<Vec<Message>>().await, ["one".into(), "two".into()]);
        assert!(matches!(&all_events(&mut socket).await[..], [Event::Close(_)]));
        drop(guard);
    }

    async fn what_a_callback_leaves_goes_to_the_reader_in_order() {
        let mut socket = Script::new("accept;text:1;text:2;text:3;text:4;close:1000").open();
        let own = Arc::new(Mutex::new(None));
        let guard = own.clone();
        *own.lock().expect("whole") = Some(socket.on_message(move |message| {
            if message == "2".into() {
                guard.lock().expect("whole").take();
            }
        }));
        let read = all_events(&mut socket).await;
        let [Event::Open(_), Event::Message(three), Event::Message(four), Event::Close(_)] = &read[..] else { panic!("{read:?}") };
        assert_eq!((three, four), (&"3".into(), &"4".into()));
    }
}
