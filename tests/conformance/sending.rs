//! Sending: what goes out, in which order, and what is said when it cannot.

use crate::{calls_back::CallsBack, rules, support::*};
use bytes::Bytes;
use eversocket::{BinaryType, Blob, Message, ReadyState, SendError, Unsupported, WebSocket};
use futures::{FutureExt, Sink, SinkExt, StreamExt, join, stream};
use std::{
    pin::{Pin, pin},
    sync::Arc,
    task::Context,
};

/// Sends a message and asserts that it comes back the same.
async fn assert_round_trip(socket: &mut WebSocket, message: Message) {
    socket.send(message.clone()).expect("it is open");
    assert!(next_message(socket).await == message, "{} bytes came back changed", message.len());
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| b'a' + (index % 26) as u8).collect()
}

rules! {
    async fn sending_while_connecting_is_an_error() {
        let script = Script::new("accept;close:1000");
        let mut socket = script.open();
        assert_eq!(socket.send("early"), Err(SendError::NotOpen { state: ReadyState::Connecting }));
        assert_eq!(socket.buffered_amount(), 0);
        closed(&mut socket).await;
        assert!(!script.frames().await.iter().any(|line| line.contains("early")));
    }

    // A browser says nothing, and discards the message; ours says so.
    async fn sending_while_closing_is_an_error() {
        let script = Script::new("accept;expect-close;end");
        let mut socket = script.connect().await;
        socket.close().expect("it closes");
        assert_eq!(socket.send("late"), Err(SendError::NotOpen { state: ReadyState::Closing }));
        assert_eq!(socket.buffered_amount(), 0);
        closed(&mut socket).await;
        assert!(!script.frames().await.iter().any(|line| line.contains("late")));
    }

    async fn sending_when_closed_is_an_error() {
        let mut socket = Script::new("accept;close:1000").open();
        closed(&mut socket).await;
        assert_eq!(socket.send("late"), Err(SendError::NotOpen { state: ReadyState::Closed }));
    }

    async fn text_of_any_unicode_round_trips() {
        let mut socket = connect(&echo()).await.expect("it connects");
        for text in ["", "ascii", "grüße", "日本語", "🦀🧵", "a\0b", "\u{feff}mark", "\u{10ffff}", "line\r\nline"] {
            assert_round_trip(&mut socket, text.into()).await;
        }
    }

    // Where the length of a frame changes its form (RFC 6455 section 5.2).
    async fn text_of_every_length_form_round_trips() {
        let mut socket = connect(&echo()).await.expect("it connects");
        for length in [1, 125, 126, 127, 65_535, 65_536, 16 << 20] {
            let text = String::from_utf8(pattern(length)).expect("ASCII");
            assert_round_trip(&mut socket, text.into()).await;
        }
    }

    async fn binary_of_every_byte_round_trips() {
        let mut socket = connect(&echo()).await.expect("it connects");
        assert_round_trip(&mut socket, Message::Binary(Bytes::new())).await;
        assert_round_trip(&mut socket, (0..=255).collect::<Vec<u8>>().into()).await;
    }

    async fn binary_of_every_length_form_round_trips() {
        let mut socket = connect(&echo()).await.expect("it connects");
        for length in [1, 125, 126, 127, 65_535, 65_536, 16 << 20] {
            assert_round_trip(&mut socket, pattern(length).into()).await;
        }
    }

    async fn a_view_of_a_larger_buffer_sends_only_the_view() {
        let mut socket = connect(&echo()).await.expect("it connects");
        let buffer = Bytes::from_static(b"0123456789");
        socket.send(buffer.slice(3..6)).expect("it is open");
        assert_eq!(next_message(&mut socket).await.as_binary(), Some(&b"345"[..]));
    }

    async fn a_blob_sends_its_bytes_in_order_with_what_is_around_it() {
        let mut socket = builder(&echo()).binary_type(BinaryType::Blob).connect().await.expect("it connects");
        socket.send(b"incoming").expect("it is open");
        let Message::Blob(incoming) = next_message(&mut socket).await else { panic!("a blob was asked for") };

        socket.set_binary_type(BinaryType::ArrayBuffer);
        socket.send("before").expect("it is open");
        socket.send(Blob::new("own")).expect("it is open");
        socket.send(incoming.clone()).expect("it is open");
        socket.send(incoming.slice(2..4)).expect("it is open");
        socket.send("after").expect("it is open");
        let mut received = Vec::new();
        for _ in 0..5 {
            received.push(next_message(&mut socket).await);
        }
        let expected: [Message; 5] =
            ["before".into(), b"own".into(), b"incoming".into(), b"co".into(), "after".into()];
        assert_eq!(received, expected);
    }

    async fn the_order_of_text_and_binary_is_kept() {
        let mut socket = connect(&echo()).await.expect("it connects");
        let message = |index: u32| -> Message {
            if index.is_multiple_of(2) { index.to_string().into() } else { index.to_be_bytes().to_vec().into() }
        };
        (0..1000).for_each(|index| socket.send(message(index)).expect("it is open"));
        for index in 0..1000 {
            assert_eq!(next_message(&mut socket).await, message(index));
        }
    }

    async fn buffered_amount_counts_payload_bytes_and_falls_to_zero() {
        let mut socket = connect(&echo()).await.expect("it connects");
        socket.send("grüße").expect("it is open");
        socket.send(b"1234").expect("it is open");
        let buffered = socket.buffered_amount();
        // natively the driver may run at once, on a runtime with several threads
        assert!(buffered == 11 || !is_browser() && buffered == 0, "{buffered}");
        SinkExt::<Message>::flush(&mut socket).await.expect("it flushes");
        assert_eq!(socket.buffered_amount(), 0);
    }

    async fn buffered_amount_is_not_reset_by_closing() {
        let script = Script::new("accept;stop-reading");
        let mut socket = builder(&script.url)
            .close_timeout(std::time::Duration::from_millis(200))
            .connect().await.expect("it connects");
        // more than any system buffers for a peer that does not read
        for _ in 0..12 {
            socket.send(vec![0; 4 << 20]).expect("it is open");
        }
        assert!(socket.buffered_amount() > 0);
        socket.close().expect("it closes");
        closed(&mut socket).await;
        assert!(socket.buffered_amount() > 0);
    }

    async fn a_full_buffer_is_an_error_and_nothing_is_sent() {
        let script = Script::new("accept;stop-reading");
        let mut socket = builder(&script.url).max_buffered_amount(1 << 20).connect().await.expect("it connects");
        socket.send(vec![0; 32 << 20]).expect("one message of any size can wait");
        match socket.send(vec![0; 1 << 20]) {
            Err(SendError::BufferFull { buffered, limit }) => assert!(buffered > 0 && limit == 1 << 20),
            other => panic!("{other:?}"),
        }
    }

    async fn messages_sent_right_before_close_still_arrive() {
        let script = Script::new("accept;expect:3;expect-close;end");
        let mut socket = script.connect().await;
        for text in ["one", "two", "three"] {
            socket.send(text).expect("it is open");
        }
        socket.close_with(1000, "done").expect("it closes");
        assert!(closed(&mut socket).await.was_clean);
        assert_eq!(script.frames().await, ["text one", "text two", "text three", "close 1000 done", "eof"]);
    }

    async fn pings_and_pongs_are_sent_and_seen_natively_and_a_typed_error_in_a_browser() {
        let script = Script::new("accept;expect-ping;ping:0102;expect-pong;pong:0304;close:1000");
        match builder(&script.url).control_frames(true).open() {
            Err(error) => {
                assert!(is_browser(), "{error}");
                let socket = connect(&echo()).await.expect("it connects");
                assert_eq!(socket.ping("x"), Err(SendError::Unsupported(Unsupported::ControlFrames)));
                assert_eq!(socket.pong("x"), Err(SendError::Unsupported(Unsupported::ControlFrames)));
            }
            Ok(mut socket) => {
                assert!(!is_browser());
                socket.next_event().await;
                socket.ping(&b"\x09"[..]).expect("it is open");
                let events = format!("{:?}", all_events(&mut socket).await);
                assert!(events.starts_with(r#"[Ping(b"\x01\x02"), Pong(b"\x03\x04"), Close("#), "{events}");
                assert_eq!(script.frames().await, ["ping 09", "pong 0102", "close 1000", "eof"]);
            }
        }
    }

    async fn a_ping_of_126_bytes_is_refused() {
        let socket = connect(&echo()).await.expect("it connects");
        assert_eq!(socket.ping(vec![0; 126]), Err(SendError::ControlTooLong { length: 126 }));
    }

    async fn the_sink_waits_for_the_open_connection() {
        let mut socket = begin(&echo()).expect("a valid URL");
        SinkExt::send(&mut socket, Message::from("patient")).await.expect("it opens");
        assert!(socket.next_event().await.is_some(), "the open event is still there");
        assert_eq!(next_message(&mut socket).await, "patient".into());
    }

    async fn the_sink_of_a_failed_connection_is_an_error() {
        let mut socket = Script::new("http:404").open();
        let result = SinkExt::send(&mut socket, Message::from("lost")).await;
        assert_eq!(result, Err(SendError::NotOpen { state: ReadyState::Closed }));
    }

    async fn the_sink_waits_while_the_buffer_is_full() {
        let mut socket = builder(&echo()).high_water_mark(1000).connect().await.expect("it connects");
        let mut messages = stream::iter((0..100_u8).map(|index| Ok(Message::from(vec![index; 900]))));
        socket.send_all(&mut messages).await.expect("it waits");
        for index in 0..100 {
            assert_eq!(next_message(&mut socket).await, vec![index; 900].into());
        }
    }

    async fn ready_waits_from_the_high_mark_down_to_the_low_one() {
        let builder = builder(&echo()).high_water_mark(10_000).low_water_mark(2_000);
        let mut socket = builder.connect().await.expect("it connects");
        let (handle, mut sent, mut waits) = (socket.handle(), 0, 0);
        while waits < 3 {
            let before = handle.buffered_amount();
            handle.ready().await.expect("it is open");
            let now = handle.buffered_amount();
            assert!(now < 10_000, "{now} with {before} before");
            if before >= 10_000 {
                waits += 1;
                assert!(now <= 2_000, "{now} with {before} before");
            }
            handle.send(vec![sent; 900]).expect("it is open");
            sent += 1;
        }
        for index in 0..sent {
            assert_eq!(next_message(&mut socket).await, vec![index; 900].into());
        }
    }

    async fn all_who_wait_for_the_buffer_to_drain_are_woken() {
        let socket = builder(&echo()).high_water_mark(1000).connect().await.expect("it connects");
        let (first, second) = (socket.handle(), socket.handle());
        first.send(vec![0; 1 << 20]).expect("it is open");
        let (one, two, three, four) = join!(first.ready(), second.ready(), first.flushed(), second.flushed());
        assert_eq!([one, two, three, four], [const { Ok(()) }; 4]);
        assert_eq!(socket.buffered_amount(), 0);
    }

    async fn ready_waits_for_the_opening_and_says_when_there_is_none() {
        let socket = begin(&echo()).expect("a valid URL");
        socket.ready().await.expect("it opens");
        assert_eq!(socket.ready_state(), ReadyState::Open);
        let refused = Script::new("http:404").open();
        assert_eq!(refused.ready().await, Err(SendError::NotOpen { state: ReadyState::Closed }));
    }

    // A peer that never reads: who waits is told when the connection is given up.
    async fn ready_is_an_error_when_the_connection_closes_meanwhile() {
        let script = Script::new("accept;stop-reading");
        let mut socket = builder(&script.url)
            .close_timeout(std::time::Duration::from_millis(200))
            .connect().await.expect("it connects");
        let handle = socket.handle();
        // more than any system buffers for a peer that does not read
        for _ in 0..12 {
            handle.send(vec![0; 4 << 20]).expect("it is open");
        }
        assert_eq!(handle.ready().now_or_never(), None);
        let (ready, flushed, ()) = join!(handle.ready(), handle.flushed(), async { socket.close().expect("it closes") });
        assert_eq!(ready, Err(SendError::NotOpen { state: ReadyState::Closed }));
        assert_eq!(flushed, Err(SendError::NotOpen { state: ReadyState::Closed }));
    }

    async fn who_waits_in_vain_for_the_opening_leaves_nothing() {
        let mut socket = begin(&echo()).expect("a valid URL");
        assert_leaves_nothing(|| socket.ready());
        let alive = poll_as_a_crowd(|context| Pin::new(&mut socket).poll_ready(context).is_pending());
        assert!(Arc::strong_count(&alive) <= 2, "the sink is one, and has one place");
        socket.ready().await.expect("it opens");
        assert_eq!(Arc::strong_count(&alive), 1);
    }

    async fn who_waits_in_vain_for_the_buffer_leaves_nothing() {
        let script = Script::new("accept;stop-reading");
        let mut socket = script.connect().await;
        let handle = socket.handle();
        // more than any system buffers for a peer that does not read
        for _ in 0..12 {
            handle.send(vec![0; 4 << 20]).expect("it is open");
        }
        assert_leaves_nothing(|| handle.ready());
        assert_leaves_nothing(|| handle.flushed());
        assert_leaves_nothing(|| socket.ready());
        assert_leaves_nothing(|| socket.flushed());
        let alive = [
            poll_as_a_crowd(|context| Pin::new(&mut socket).poll_ready(context).is_pending()),
            poll_as_a_crowd(|context| Pin::new(&mut socket).poll_flush(context).is_pending()),
            poll_as_a_crowd(|context| Pin::new(&mut socket).poll_close(context).is_pending()),
        ];
        drop(socket);
        assert_eq!(alive.map(|alive| Arc::strong_count(&alive)), [1; 3], "its places are gone, though a handle remains");
        assert_leaves_nothing(|| handle.flushed());
    }

    // Whoever made a payload or a waker may do anything when it is dropped.
    async fn what_is_dropped_may_call_back() {
        if crashes_when_clogged() {
            return;
        }
        let script = Script::new("accept;stop-reading");
        let mut socket = builder(&script.url)
            .close_timeout(std::time::Duration::from_millis(200))
            .connect().await.expect("it connects");
        let handle = socket.handle();
        // more than any system buffers for a peer that does not read
        for _ in 0..12 {
            handle.send(vec![0; 4 << 20]).expect("it is open");
        }
        // natively the driver has taken those by then, and takes no more
        connect(&echo()).await.expect("it connects");
        let alive = Arc::new(());
        handle.send(CallsBack::payload(&handle, &alive)).expect("it is open");
        for _ in 0..2 {
            let waker = CallsBack::waker(&handle, &alive);
            let mut context = Context::from_waker(&waker);
            assert!(pin!(handle.ready()).poll(&mut context).is_pending());
            assert!(pin!(handle.flushed()).poll(&mut context).is_pending());
            assert!(Pin::new(&mut socket).poll_flush(&mut context).is_pending());
        }
        socket.close().expect("it closes");
        closed(&mut socket).await;
        drop(socket);
        assert_eq!(Arc::strong_count(&alive), 1);
    }

    async fn closing_the_sink_waits_for_the_end() {
        let mut socket = connect(&echo()).await.expect("it connects");
        SinkExt::<Message>::close(&mut socket).await.expect("it closes");
        assert_eq!(socket.ready_state(), ReadyState::Closed);
        assert!(closed(&mut socket).await.was_clean, "the owner still finds the close event");
    }

    async fn both_halves_of_a_split_socket_work() {
        let socket = connect(&echo()).await.expect("it connects");
        let (mut sink, mut stream) = socket.split();
        SinkExt::send(&mut sink, Message::from("halves")).await.expect("it is open");
        match stream.next().await {
            Some(eversocket::Event::Message(message)) => assert_eq!(message, "halves".into()),
            other => panic!("{other:?}"),
        }
    }
}
