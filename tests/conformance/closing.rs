//! The closing handshake, from either side.

use crate::{rules, support::*};
use eversocket::{Cause, CloseError, Event, ReadyState, WebSocket};
use std::time::Duration;

/// A server that sends this close; the event must carry it.
async fn assert_server_close(step: &str, code: u16, reason: &str) {
    let script = Script::new(&format!("accept;{step}"));
    let mut socket = script.connect().await;
    let events = all_events(&mut socket).await;
    let [Event::Close(close)] = &events[..] else { panic!("{events:?}") };
    assert_close(close, code, reason, true);
    assert_eq!(socket.ready_state(), ReadyState::Closed);
}

/// A close frame that breaks the protocol.
async fn assert_bad_close(step: &str, cause: &str) {
    let script = Script::new(&format!("accept;expect;{step};end"));
    assert_failed(&mut script.start().await, cause).await;
}

rules! {
    async fn close_sends_an_empty_frame_and_gives_1005() {
        let script = Script::new("accept;expect-close;end");
        let mut socket = script.connect().await;
        socket.close().expect("it closes");
        assert_close(&closed(&mut socket).await, 1005, "", true);
        assert_eq!(script.frames().await, ["close empty", "eof"]);
    }

    async fn allowed_codes_and_reasons_reach_the_peer_and_come_back() {
        for (code, reason) in [(1000, ""), (1000, "done"), (3000, "grüße"), (4401, "x"), (4999, "")] {
            let script = Script::new("accept;expect-close;end");
            let mut socket = script.connect().await;
            socket.close_with(code, reason).expect("it is allowed");
            assert_close(&closed(&mut socket).await, code, reason, true);
            assert_eq!(script.frames().await, [format!("close {code} {reason}").trim_end(), "eof"]);
        }
    }

    async fn the_peers_code_is_the_one_in_the_event() {
        let mut socket = Script::new("accept;expect-close;close:4002:theirs").connect().await;
        socket.close_with(4001, "ours").expect("it is allowed");
        assert_close(&closed(&mut socket).await, 4002, "theirs", true);
    }

    async fn codes_that_are_not_allowed_are_refused_and_change_nothing() {
        let mut socket = connect(&echo()).await.expect("it connects");
        for code in [0, 999, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1015, 1016, 2000, 2999, 5000, 65_535] {
            assert_eq!(socket.close_with(code, ""), Err(CloseError::InvalidCode { code: code.into() }));
        }
        assert_eq!(socket.ready_state(), ReadyState::Open);
        socket.send("still here").expect("it is open");
        assert_eq!(next_message(&mut socket).await, "still here".into());
    }

    async fn a_reason_of_123_bytes_is_accepted_and_of_124_refused() {
        for (accepted, refused) in [("x".repeat(123), "x".repeat(124)), ("ü".repeat(61) + "x", "ü".repeat(62))] {
            assert_eq!((accepted.len(), refused.len()), (123, 124));
            let mut socket = connect(&echo()).await.expect("it connects");
            assert_eq!(socket.close_with(1000, refused.as_str()), Err(CloseError::ReasonTooLong { length: 124 }));
            assert_eq!(socket.ready_state(), ReadyState::Open);
            socket.close_with(1000, accepted.as_str()).expect("it is allowed");
            assert_close(&closed(&mut socket).await, 1000, &accepted, true);
        }
    }

    async fn a_bad_close_is_refused_in_every_state() {
        let mut socket = Script::new("hang").open();
        assert!(socket.close_with(1006, "").is_err(), "CONNECTING");
        assert_eq!(socket.ready_state(), ReadyState::Connecting);
        socket.close().expect("it closes");
        assert!(socket.close_with(1006, "").is_err(), "CLOSING");
        closed(&mut socket).await;
        assert!(socket.close_with(1006, "").is_err(), "CLOSED");
    }

    async fn closing_while_connecting_abandons_the_attempt() {
        let script = Script::new("hang");
        let mut socket = script.open();
        socket.close().expect("it closes");
        assert_eq!(socket.ready_state(), ReadyState::Closing);
        let events = all_events(&mut socket).await;
        let [Event::Error(error), Event::Close(close)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(*error.cause(), Cause::Abandoned, "known on both targets");
        assert_close(close, 1006, "", false);
    }

    async fn the_state_is_closing_right_after_close_and_closed_in_the_event() {
        let mut socket = connect(&echo()).await.expect("it connects");
        socket.close().expect("it closes");
        assert_eq!(socket.ready_state(), ReadyState::Closing);
        closed(&mut socket).await;
        assert_eq!(socket.ready_state(), ReadyState::Closed);
    }

    async fn closing_again_changes_nothing() {
        let script = Script::new("accept;expect-close;end");
        let mut socket = script.connect().await;
        socket.close_with(4000, "first").expect("it is allowed");
        socket.close_with(4001, "second").expect("nothing happens");
        let events = all_events(&mut socket).await;
        let [Event::Close(close)] = &events[..] else { panic!("{events:?}") };
        assert_close(close, 4000, "first", true);
        socket.close_with(4001, "third").expect("nothing happens");
        assert_eq!(socket.next_event().await, None);
        assert_eq!(script.frames().await, ["close 4000 first", "eof"]);
    }

    // WHATWG "when a WebSocket message has been received", step 1.
    async fn messages_that_arrive_after_close_are_discarded() {
        let script = Script::new("accept;expect-close;text:late;close:1000");
        let mut socket = script.connect().await;
        socket.close().expect("it closes");
        let events = all_events(&mut socket).await;
        let [Event::Close(close)] = &events[..] else { panic!("{events:?}") };
        assert_close(close, 1000, "", true);
    }

    async fn a_server_close_1000_is_clean() { assert_server_close("close:1000", 1000, "").await }
    async fn a_server_close_1001_is_clean() { assert_server_close("close:1001:leaving", 1001, "leaving").await }
    async fn a_server_close_1002_is_clean() { assert_server_close("close:1002:Protocol%20violation", 1002, "Protocol violation").await }
    async fn a_server_close_1003_is_clean() { assert_server_close("close:1003", 1003, "").await }
    async fn a_server_close_1007_is_clean() { assert_server_close("close:1007", 1007, "").await }
    async fn a_server_close_1008_is_clean() { assert_server_close("close:1008", 1008, "").await }
    async fn a_server_close_1009_is_clean() { assert_server_close("close:1009", 1009, "").await }
    async fn a_server_close_1011_is_clean() { assert_server_close("close:1011:oops", 1011, "oops").await }
    async fn a_server_close_1012_is_clean() { assert_server_close("close:1012", 1012, "").await }
    async fn a_server_close_1013_is_clean() { assert_server_close("close:1013", 1013, "").await }
    async fn a_server_close_1014_is_clean() { assert_server_close("close:1014", 1014, "").await }
    async fn a_server_close_3000_is_clean() { assert_server_close("close:3000", 3000, "").await }
    async fn a_server_close_4000_is_clean() {
        assert_server_close(&format!("close:4000:{}", field("grüße")), 4000, "grüße").await;
    }
    async fn a_server_close_without_a_code_gives_1005() { assert_server_close("close", 1005, "").await }
    async fn a_server_close_with_123_bytes_of_reason_is_whole() {
        let reason = "r".repeat(123);
        assert_server_close(&format!("close:1000:{reason}"), 1000, &reason).await;
    }

    async fn the_close_of_the_server_is_answered_with_its_code() {
        let script = Script::new("accept;close:4321:bye");
        closed(&mut script.open()).await;
        assert_eq!(script.frames().await[0].split(' ').take(2).collect::<Vec<_>>(), ["close", "4321"]);
    }

    // RFC 6455 gives these no meaning; browsers hand them on, and so do we.
    async fn a_server_close_0_is_handed_on() { assert_server_close("close:0", 0, "").await }
    async fn a_server_close_999_is_handed_on() { assert_server_close("close:999", 999, "").await }
    async fn a_server_close_1004_is_handed_on() { assert_server_close("close:1004", 1004, "").await }
    async fn a_server_close_2999_is_handed_on() { assert_server_close("close:2999", 2999, "").await }
    async fn a_server_close_5000_is_handed_on() { assert_server_close("close:5000", 5000, "").await }

    // RFC 6455 section 7.4.1: never on the wire.
    async fn a_close_code_1006_on_the_wire_fails() { assert_bad_close("close:1006", "Protocol").await }
    async fn a_close_code_1015_on_the_wire_fails() { assert_bad_close("close:1015", "Protocol").await }
    // Firefox takes it, and it looks as the empty close frame that it stands for.
    async fn a_close_code_1005_on_the_wire_fails() {
        if is_firefox() {
            return assert_server_close("close:1005", 1005, "").await;
        }
        assert_bad_close("close:1005", "Protocol").await;
    }
    // Firefox takes it for an empty one.
    async fn a_close_frame_of_one_byte_fails() {
        if is_firefox() {
            return assert_server_close("close-raw:03", 1005, "").await;
        }
        assert_bad_close("close-raw:03", "Protocol").await;
    }
    async fn a_close_reason_that_is_not_utf8_fails() { assert_bad_close("close-raw:03e8ff", "InvalidUtf8").await }

    async fn an_end_without_a_close_frame_gives_1006() {
        let mut socket = Script::new("accept;expect;text:last;cut").start().await;
        assert_eq!(next_message(&mut socket).await, "last".into());
        assert_failed(&mut socket, "Disconnected").await;
    }

    async fn a_reset_gives_1006() {
        assert_failed(&mut Script::new("accept;expect;reset").start().await, "Network").await;
    }

    async fn an_end_in_the_middle_of_a_frame_gives_1006() {
        assert_failed(&mut Script::new("accept;expect;raw:810568;cut").start().await, "Disconnected").await;
    }

    async fn a_peer_that_never_answers_a_close_meets_the_deadline() {
        let script = Script::new("accept;hang");
        let after = Duration::from_millis(200);
        let mut socket = builder(&script.url).close_timeout(after).connect().await.expect("it connects");
        socket.close_with(1000, "bye").expect("it is allowed");
        let events = all_events(&mut socket).await;
        let [Event::Error(error), Event::Close(close)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(*error.cause(), Cause::CloseTimeout { after }, "known on both targets");
        assert_close(close, 1006, "", false);
    }

    async fn a_close_has_its_deadline_while_the_peer_takes_nothing() {
        if crashes_when_clogged() {
            return;
        }
        let script = Script::new("accept;stop-reading");
        let mut socket = builder(&script.url)
            .close_timeout(Duration::from_millis(200))
            .connect().await.expect("it connects");
        // more than any system buffers for a peer that does not read
        for _ in 0..12 {
            socket.send(vec![0; 4 << 20]).expect("it is open");
        }
        // natively the driver has begun with those by then
        connect(&echo()).await.expect("it connects");
        socket.close().expect("it closes");
        assert_failed(&mut socket, "CloseTimeout { after: 200ms }").await;
    }

    async fn a_close_within_the_open_callback_has_its_deadline_too() {
        let script = Script::new("accept;hang");
        let after = Duration::from_millis(200);
        let mut socket = builder(&script.url).close_timeout(after).open().expect("a valid URL");
        let mut handle = Some(socket.handle());
        let _guard = socket.on_open(move |_| {
            if let Some(handle) = handle.take() {
                handle.close().expect("it closes");
            }
        });
        let events = all_events(&mut socket).await;
        let [Event::Error(error), Event::Close(close)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(*error.cause(), Cause::CloseTimeout { after });
        assert_close(close, 1006, "", false);
    }

    async fn two_closes_that_cross_are_clean() {
        // the server closes at the message, before it reads the close that follows it
        let script = Script::new("accept;expect;close:4001:theirs");
        let mut socket = script.connect().await;
        socket.send("now").expect("it is open");
        socket.close_with(4002, "ours").expect("it is allowed");
        assert_close(&closed(&mut socket).await, 4001, "theirs", true);
        // ours, or the answer to theirs if that came before ours was on the wire; never both
        let frames = script.frames().await;
        let closes: Vec<&String> = frames.iter().filter(|frame| frame.starts_with("close")).collect();
        assert!(matches!(closes[..], [one] if one == "close 4002 ours" || one == "close 4001 theirs"), "{closes:?}");
    }

    async fn dropping_the_socket_closes_with_1000() {
        let script = Script::new("accept;expect-close;end");
        let mut socket = script.connect().await;
        socket.send("parting").expect("it is open");
        let handle = socket.handle();
        drop(socket);
        assert_eq!(handle.ready_state(), ReadyState::Closing, "a handle keeps nothing open");
        assert!(handle.send("more").is_err());
        assert_eq!(script.frames().await, ["text parting", "close 1000", "eof"]);
    }

    async fn dropping_while_connecting_abandons_the_attempt() {
        let script = Script::new("hang");
        drop(ask_open(&script).await);
        assert_abandoned(&script).await;
    }

    async fn dropping_the_future_of_connect_abandons_the_attempt() {
        let script = Script::new("hang");
        {
            let mut attempt = Box::pin(connect(&script.url));
            let poll = futures::poll!(&mut attempt);
            assert!(poll.is_pending());
            reached(&script).await;
        }
        assert_abandoned(&script).await;
    }
}

/// Asserts that the client has given up an attempt that the server lets hang.
async fn assert_abandoned(script: &Script) {
    // Firefox keeps the byte stream of a closed attempt until its own deadline
    if !is_firefox() {
        assert!(script.record().await.last().is_some_and(|line| line == "eof" || line == "reset"));
    }
}

/// A socket whose request has reached the server.
async fn ask_open(script: &Script) -> WebSocket {
    let socket = script.open();
    reached(script).await;
    socket
}

/// Waits until the request of a script has reached the server.
async fn reached(script: &Script) {
    assert_eq!(fetch(&format!("/wait-started?id={}", script.id())).await, "started");
}
