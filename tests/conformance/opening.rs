//! The opening handshake, and every way in which it can fail.

use crate::{rules, support::*};
use eversocket::{Cause, Event, OpenError, ReadyState};
use futures::channel::oneshot;
use std::time::Duration;

/// An answer to the upgrade request that must fail the connection.
async fn assert_answer_fails(steps: &str, cause: &str) {
    assert_refused(&mut Script::new(steps).open(), cause).await;
}

/// A plain HTTP answer: natively the status is told.
async fn assert_status_fails(status: u16) {
    let script = Script::new(&format!("header:X-Why:because;http:{status}:the body"));
    let mut socket = script.open();
    let events = all_events(&mut socket).await;
    let [Event::Error(error), Event::Close(close)] = &events[..] else { panic!("{events:?}") };
    assert_close(close, 1006, "", false);
    match error.cause() {
        Cause::Http(answer) => {
            assert_eq!(
                (answer.status(), answer.header("x-why"), answer.body()),
                (status, Some("because"), &b"the body"[..])
            );
        }
        cause => assert!(is_browser() && *cause == Cause::Hidden, "{cause:?}"),
    }
    assert!(!error.to_string().contains("do="), "the query may hold secrets: {error}");
}

rules! {
    async fn open_comes_once_and_first() {
        let script = Script::new("accept;text:one;close:1000");
        let events = all_events(&mut script.open()).await;
        assert!(matches!(&events[..], [Event::Open(_), Event::Message(_), Event::Close(_)]), "{events:?}");
    }

    async fn the_state_is_open_inside_the_open_event() {
        let socket = begin(&echo()).expect("a valid URL");
        let (handle, (sender, receiver)) = (socket.handle(), oneshot::channel());
        let mut sender = Some(sender);
        let _guard = socket.on_open(move |_| {
            sender.take().map(|sender| sender.send(handle.ready_state()));
        });
        assert_eq!(receiver.await, Ok(ReadyState::Open));
    }

    async fn connect_resolves_when_open() {
        let socket = connect(&echo()).await.expect("it connects");
        assert_eq!(socket.ready_state(), ReadyState::Open);
    }

    async fn connect_gives_the_reason_when_it_fails() {
        match connect(&Script::new("http:403").url).await {
            Err(OpenError::Failed(error)) => assert_cause(error.cause(), "Http"),
            other => panic!("{other:?}"),
        }
    }

    async fn the_protocol_is_what_the_server_chose() {
        let script = Script::new("accept:b");
        let mut socket = builder(&script.url).protocols(["a", "b"]).open().expect("valid");
        match socket.next_event().await {
            Some(Event::Open(open)) => assert_eq!(open.protocol, "b"),
            other => panic!("{other:?}"),
        }
        assert_eq!(socket.protocol(), "b");
    }

    async fn a_protocol_that_was_not_offered_fails() {
        let script = Script::new("accept:other");
        let mut socket = builder(&script.url).protocols(["a", "b"]).open().expect("valid");
        assert_refused(&mut socket, "Handshake(UnofferedProtocol").await;
    }

    async fn a_protocol_of_another_case_than_offered_fails() {
        let script = Script::new("accept:CHAT");
        let mut socket = builder(&script.url).protocols(["chat"]).open().expect("valid");
        assert_refused(&mut socket, "Handshake(UnofferedProtocol").await;
    }

    // Firefox ignores the header, and shows no protocol.
    async fn a_protocol_when_none_was_offered_fails() {
        if is_firefox() {
            let socket = Script::new("accept:other").connect().await;
            return assert_eq!(socket.protocol(), "");
        }
        assert_answer_fails("accept:other", "Handshake(UnofferedProtocol").await;
    }

    async fn none_chosen_of_the_protocols_offered_fails() {
        let script = Script::new("accept");
        let mut socket = builder(&script.url).protocols(["a", "b"]).open().expect("valid");
        assert_refused(&mut socket, "Handshake(NoProtocolChosen").await;
    }

    async fn an_extension_that_was_not_offered_fails() {
        assert_answer_fails("accept-extension:x-unknown", "Handshake(UnofferedExtension").await;
    }

    async fn a_wrong_accept_key_fails() {
        assert_answer_fails("accept-wrong-key", "Handshake(WrongAcceptKey").await;
    }

    async fn a_missing_upgrade_header_fails() {
        assert_answer_fails("accept-no-upgrade", "Handshake(MissingUpgrade").await;
    }

    async fn a_missing_connection_header_fails() {
        assert_answer_fails("accept-no-connection", "Handshake(MissingConnection").await;
    }

    async fn a_connection_header_with_several_tokens_opens() {
        let script = Script::new("header:Connection:keep-alive, Upgrade;accept-no-connection;close:1000");
        assert_close(&closed(&mut script.open()).await, 1000, "", true);
    }

    // RFC 6455 section 4.1: its value is `websocket`, and no list. Firefox looks for it in one.
    async fn an_upgrade_header_with_several_tokens_fails() {
        if is_firefox() {
            return drop(Script::new("header:Upgrade:h2c, websocket;accept-no-upgrade").connect().await);
        }
        assert_answer_fails("header:Upgrade:h2c, websocket;accept-no-upgrade", "Handshake(MissingUpgrade").await;
    }

    async fn a_second_upgrade_header_fails() {
        if is_firefox() {
            return drop(Script::new("header:Upgrade:h2c;accept").connect().await);
        }
        assert_answer_fails("header:Upgrade:h2c;accept", "Handshake(MissingUpgrade").await;
    }

    // RFC 6455 section 11.3.3: once.
    async fn a_second_accept_key_fails() {
        let steps = "header:Sec-WebSocket-Accept:AAAAAAAAAAAAAAAAAAAAAAAAAAA=;accept";
        assert_answer_fails(steps, "Handshake(WrongAcceptKey").await;
    }

    async fn an_empty_protocol_header_fails() {
        let script = Script::new("header:Sec-WebSocket-Protocol:;accept");
        let mut socket = builder(&script.url).protocols(["a"]).open().expect("valid");
        assert_refused(&mut socket, "Handshake(UnofferedProtocol").await;
    }

    async fn an_empty_extension_header_fails() {
        if is_firefox() {
            return drop(Script::new("header:Sec-WebSocket-Extensions:;accept").connect().await);
        }
        assert_answer_fails("header:Sec-WebSocket-Extensions:;accept", "Handshake(UnofferedExtension").await;
    }

    // RFC 9110 section 15.2: answers that others follow. Chrome takes them for the answer.
    async fn answers_before_the_last_are_passed_over() {
        let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
        for interim in ["HTTP/1.1 100 Continue\r\n\r\n", hints] {
            let script = Script::new(&format!("raw:{};accept;close:1000", hex(interim.as_bytes())));
            match is_chrome() {
                true => assert_refused(&mut script.open(), "Http").await,
                false => assert_close(&closed(&mut script.open()).await, 1000, "", true),
            }
        }
    }

    // RFC 9112 section 5.2
    async fn a_folded_header_opens() {
        let script = Script::new("header:X-Note:a value%0d%0a  that goes on;accept;close:1000");
        assert_close(&closed(&mut script.open()).await, 1000, "", true);
    }

    async fn two_hundred_headers_open() {
        let headers: String = (0..200).map(|index| format!("header:X-{index}:{index};")).collect();
        let script = Script::new(&format!("{headers}accept;close:1000"));
        assert_close(&closed(&mut script.open()).await, 1000, "", true);
    }

    // RFC 6455 section 4.1 asks for 1.1 or higher; Chrome does not look.
    async fn an_answer_of_http_1_0_fails() {
        if is_chrome() {
            return drop(Script::new("accept-http10").connect().await);
        }
        assert_answer_fails("accept-http10", "Handshake(NotHttp").await;
    }

    async fn an_answer_that_is_not_http_fails() {
        assert_answer_fails("raw:6e6f7420687474700d0a0d0a;cut", "Handshake").await;
    }

    async fn an_answer_byte_by_byte_opens() {
        let script = Script::new("slow-accept;text:hello;close:1000");
        let events = all_events(&mut script.open()).await;
        assert!(matches!(&events[..], [Event::Open(_), Event::Message(_), Event::Close(_)]), "{events:?}");
    }

    async fn status_200_fails() { assert_status_fails(200).await }
    async fn status_401_fails_without_a_prompt() { assert_status_fails(401).await }
    async fn status_403_fails() { assert_status_fails(403).await }
    async fn status_404_fails() { assert_status_fails(404).await }
    async fn status_503_fails() { assert_status_fails(503).await }

    async fn a_redirect_is_not_followed() {
        let target = Script::new("accept");
        let script = Script::new(&format!("header:Location:{};http:302", field(&target.url)));
        assert_refused(&mut script.open(), "Http").await;
    }

    async fn a_refused_connection_fails() {
        assert_refused(&mut begin("ws://127.0.0.1:4/").expect("a valid URL"), "Refused").await;
    }

    async fn an_unknown_host_fails() {
        let mut socket = begin("ws://no-such-host.invalid/").expect("a valid URL");
        assert_refused(&mut socket, "Dns").await;
    }

    async fn an_untrusted_certificate_fails() {
        let mut socket = begin(&format!("wss://{}/echo", tls_host())).expect("a valid URL");
        assert_refused(&mut socket, "Tls").await;
    }

    async fn plain_http_on_a_secure_url_fails() {
        let mut socket = begin(&echo().replace("ws:", "wss:")).expect("a valid URL");
        assert_refused(&mut socket, "Tls").await;
    }

    async fn a_cut_in_the_handshake_fails() {
        assert_answer_fails("cut", "Handshake(Incomplete").await;
    }

    async fn a_reset_in_the_handshake_fails() {
        assert_answer_fails("reset", "Network").await;
    }

    async fn a_server_that_never_answers_meets_the_deadline() {
        let script = Script::new("hang");
        let after = Duration::from_millis(300);
        let mut socket = builder(&script.url).connect_timeout(after).open().expect("valid");
        let events = all_events(&mut socket).await;
        let [Event::Error(error), Event::Close(close)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(*error.cause(), Cause::ConnectTimeout { after }, "known on both targets");
        assert_close(close, 1006, "", false);
        // Firefox keeps the byte stream of a closed attempt until its own deadline
        assert!(is_firefox() || script.record().await.contains(&"eof".to_owned()), "the attempt was abandoned");
    }

    async fn a_message_in_the_packet_of_the_answer_comes_after_open() {
        let script = Script::new("hold;accept;text:eager;close:1000;flush");
        let events = all_events(&mut script.open()).await;
        assert!(matches!(&events[..], [Event::Open(_), Event::Message(message), Event::Close(_)]
            if message.as_text() == Some("eager")), "{events:?}");
    }
}
