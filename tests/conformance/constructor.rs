//! Construction: what is refused before anything is sent.

use crate::{rules, support::*};
use eversocket::{BinaryType, OpenError, ReadyState};

/// URLs, and whether the standard accepts them.
const URLS: [(&str, bool); 22] = [
    ("ws://127.0.0.1:9/", true),
    ("wss://127.0.0.1:9/", true),
    ("WS://127.0.0.1:9/", true),
    ("http://127.0.0.1:9/", true),
    ("https://127.0.0.1:9/", true),
    ("ws://127.0.0.1:9/a path", true),
    ("ws://127.0.0.1:9/?query=a b", true),
    ("ws://user:word@127.0.0.1:9/", true),
    ("ws://[::1]:9/", true),
    ("  ws://127.0.0.1:9/  ", true),
    ("ftp://127.0.0.1:9/", false),
    ("file:///etc/hosts", false),
    ("mailto:somebody@example.com", false),
    ("about:blank", false),
    ("data:text/plain,hi", false),
    ("wss:", false),
    ("ws://", false),
    ("ws://exa mple:9/", false),
    ("ws://127.0.0.1:65536/", false),
    ("ws://127.0.0.1:9/#fragment", false),
    ("ws://127.0.0.1:9/#", false),
    ("ws://[::1:9/", false),
];

/// Lists of subprotocols, and whether the standard accepts them.
const PROTOCOLS: [(&[&str], bool); 15] = [
    (&[], true),
    (&["chat"], true),
    (&["chat.v1", "chat.v2"], true),
    (&["chat", "Chat"], true),
    (&["!#$%&'*+-.^_`|~"], true),
    (&[""], false),
    (&["a b"], false),
    (&["a,b"], false),
    (&["a/b"], false),
    (&["a\tb"], false),
    (&["a\u{7f}"], false),
    (&["a\u{0}b"], false),
    (&["grüße"], false),
    (&["chat", "chat"], false),
    (&["(a)"], false),
];

/// Port 9 is blocked, so that nothing is ever dialled; here another that nobody listens on.
fn unused(url: &str) -> String {
    url.replace(":9/", ":4/")
}

/// What the browser's own constructor says, where there is one.
fn browser_accepts(url: &str, protocols: &[&str]) -> Option<bool> {
    #[cfg(target_arch = "wasm32")]
    {
        let list: js_sys::Array = protocols.iter().map(|protocol| wasm_bindgen::JsValue::from_str(protocol)).collect();
        match web_sys::WebSocket::new_with_str_sequence(url, &list) {
            Ok(socket) => {
                socket.close().expect("closing needs no arguments");
                Some(true)
            }
            Err(_) => Some(false),
        }
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _needs_a_browser = (url, protocols);
        None
    }
}

rules! {
    async fn every_url_is_judged_as_the_browser_judges_it() {
        for (url, accepted) in URLS {
            let url = unused(url);
            let ours = begin(&url);
            assert_eq!(ours.is_ok(), accepted, "{url}: {ours:?}");
            // Chrome percent-encodes a space in a host, which the URL standard forbids
            let lags = is_chrome() && url.contains("exa mple");
            if let Some(theirs) = browser_accepts(&url, &[]) {
                assert_eq!(theirs, accepted || lags, "the browser on {url}");
            }
        }
    }

    async fn every_list_of_subprotocols_is_judged_as_the_browser_judges_it() {
        let url = unused("ws://127.0.0.1:9/");
        for (protocols, accepted) in PROTOCOLS {
            let ours = builder(&url).protocols(protocols.iter().copied()).open();
            assert_eq!(ours.is_ok(), accepted, "{protocols:?}: {ours:?}");
            if let Some(theirs) = browser_accepts(&url, protocols) {
                assert_eq!(theirs, accepted, "the browser on {protocols:?}");
            }
        }
    }

    async fn ws_and_wss_are_accepted() {
        assert_eq!(begin("ws://127.0.0.1:4/").expect("ws").url(), "ws://127.0.0.1:4/");
        assert_eq!(begin("wss://127.0.0.1:4/").expect("wss").url(), "wss://127.0.0.1:4/");
    }

    async fn http_becomes_ws_and_https_becomes_wss() {
        assert_eq!(begin("http://127.0.0.1:4/a").expect("http").url(), "ws://127.0.0.1:4/a");
        assert_eq!(begin("https://127.0.0.1:4/a").expect("https").url(), "wss://127.0.0.1:4/a");
        let mut socket = connect(&echo().replace("ws:", "http:")).await.expect("it connects");
        socket.close().expect("it closes");
        assert!(closed(&mut socket).await.was_clean);
    }

    async fn another_scheme_is_refused_by_name() {
        let error = refused(begin("ftp://127.0.0.1/"));
        assert_eq!(error, OpenError::UnsupportedScheme { scheme: "ftp".to_owned() });
    }

    async fn a_fragment_is_refused_even_an_empty_one() {
        for url in ["ws://127.0.0.1:4/#a", "ws://127.0.0.1:4/#"] {
            assert!(matches!(refused(begin(url)), OpenError::Fragment { .. }), "{url}");
        }
    }

    async fn an_unparsable_url_is_refused() {
        assert!(matches!(refused(begin("ws://exa mple/")), OpenError::InvalidUrl { .. }));
    }

    // Differs by nature: only a page has a base to resolve against.
    async fn a_relative_url_is_resolved_against_the_page_or_refused() {
        for relative in ["/path", "path", "//127.0.0.1:4/path", "?query"] {
            match begin(relative) {
                Ok(socket) => {
                    assert!(is_browser(), "there is no page to resolve {relative} against");
                    assert!(socket.url().starts_with("ws://"), "{}", socket.url());
                }
                Err(error) => {
                    assert!(!is_browser(), "{error}");
                    assert!(matches!(error, OpenError::RelativeUrl { .. }), "{error}");
                }
            }
        }
    }

    async fn a_space_in_the_path_is_percent_encoded() {
        let script = Script::new("accept");
        let socket = connect(&format!("{}&note=a b", script.url)).await.expect("it connects");
        assert!(socket.url().ends_with("&note=a%20b"), "{}", socket.url());
        drop(socket);
        let record = script.record().await;
        assert!(record[0].starts_with("request /script?") && record[0].ends_with("&note=a%20b"), "{}", record[0]);
    }

    async fn the_default_port_is_dropped_and_another_is_kept() {
        for (given, shown) in [
            ("ws://localhost:80/", "ws://localhost/"),
            ("wss://localhost:443/", "wss://localhost/"),
            ("ws://localhost:443/", "ws://localhost:443/"),
            ("wss://localhost:80/", "wss://localhost:80/"),
            ("http://localhost:80/", "ws://localhost/"),
        ] {
            assert_eq!(begin(given).expect(given).url(), shown);
        }
    }

    async fn credentials_in_the_url_are_never_printed() {
        let secret = begin("ws://user:word@127.0.0.1:4/?token=word").expect("a valid URL");
        assert!(secret.url().contains("word"), "the getter gives what the standard says");
        assert!(!format!("{secret:?} {:?}", secret.handle()).contains("word"));
        let mut secret = secret;
        let events = all_events(&mut secret).await;
        assert!(!format!("{events:?}").contains("word"), "{events:?}");
    }

    // Browsers send them when they are asked for them; natively no challenge is answered, so at once.
    async fn credentials_in_the_url_are_basic_authorization_natively() {
        let script = Script::new("accept;close:1000");
        let mut socket = begin(&script.url.replace("ws://", "ws://user:word@")).expect("a valid URL");
        closed(&mut socket).await;
        let expected = (!is_browser()).then_some("Basic dXNlcjp3b3Jk");
        assert_eq!(script.header("authorization").await.as_deref(), expected);
    }

    async fn subprotocols_are_offered_in_their_order() {
        let script = Script::new("accept:first");
        let socket = builder(&script.url).protocols(["b", "a", "c"]).connect().await.expect("it connects");
        assert_eq!(socket.protocol(), "b");
        drop(socket);
        let offered = script.header("sec-websocket-protocol").await.expect("the header");
        assert_eq!(offered.replace(' ', ""), "b,a,c");
    }

    async fn an_empty_list_of_subprotocols_is_none() {
        let script = Script::new("accept");
        drop(builder(&script.url).protocols(Vec::<String>::new()).connect().await.expect("it connects"));
        assert_eq!(script.header("sec-websocket-protocol").await, None);
    }

    async fn an_illegal_subprotocol_is_named() {
        let error = refused(builder(&echo()).protocols(["good", "not good"]).open());
        assert_eq!(error, OpenError::InvalidProtocol { protocol: "not good".to_owned() });
        let error = refused(builder(&echo()).protocols(["twice", "twice"]).open());
        assert_eq!(error, OpenError::DuplicateProtocol { protocol: "twice".to_owned() });
    }

    // WHATWG "The WebSocket interface", initial values.
    async fn right_after_construction_it_is_connecting_and_empty() {
        let socket = begin(&echo()).expect("a valid URL");
        assert_eq!(socket.ready_state(), ReadyState::Connecting);
        assert_eq!((socket.protocol(), socket.extensions()), (String::new(), String::new()));
        assert_eq!(socket.buffered_amount(), 0);
        assert_eq!(socket.binary_type(), BinaryType::ArrayBuffer, "our default on both targets");
    }

    // Fetch standard, "port blocking".
    async fn a_blocked_port_is_refused() {
        for port in [25, 6000, 10080] {
            assert_eq!(refused(begin(&format!("ws://127.0.0.1:{port}/"))), OpenError::BlockedPort { port });
        }
    }

    async fn a_request_header_is_sent_natively_and_a_typed_error_in_a_browser() {
        let script = Script::new("accept");
        match builder(&script.url).header("X-Token", "grüße").open() {
            Err(error) => {
                assert!(is_browser(), "{error}");
                assert_eq!(error, OpenError::Unsupported(eversocket::Unsupported::RequestHeaders));
            }
            Ok(mut socket) => {
                assert!(!is_browser());
                socket.next_event().await;
                drop(socket);
                assert_eq!(script.header("x-token").await.as_deref(), Some("grüße"));
            }
        }
    }

    async fn a_header_that_could_smuggle_another_is_refused() {
        for (name, value) in [("X", "a\r\nY: b"), ("X: a\r\nY", "b"), ("X Y", "a"), ("Host", "a"), ("Sec-WebSocket-Key", "a")] {
            let error = refused(builder(&echo()).header(name, value).open());
            assert!(matches!(error, OpenError::InvalidHeader { .. }), "{error}");
        }
    }

    async fn tls_settings_are_taken_natively_and_a_typed_error_in_a_browser() {
        let result = builder(&echo()).tls(eversocket::Tls::platform()).open();
        match result {
            Ok(_) => assert!(!is_browser()),
            Err(error) => {
                assert!(is_browser(), "{error}");
                assert_eq!(error, OpenError::Unsupported(eversocket::Unsupported::TlsSettings));
            }
        }
    }
}
