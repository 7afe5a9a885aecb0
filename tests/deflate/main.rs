//! Compression against servers of other makers, natively: Node's `ws`, and Python's `websockets`.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(all(feature = "deflate", not(target_arch = "wasm32")))]

use eversocket::{Cause, Deflate, Event, Message, OpenError, WebSocket};
use eversocket_server::{Config, Server};
use std::{env, path::Path, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// The folder of the npm package `ws`. `cargo xtask test` sets it, so that one that is missing is a
/// failure there.
const NODE_WS: &str = "EVERSOCKET_NODE_WS";
/// A Python that has `websockets`.
const PYTHON: &str = "EVERSOCKET_PYTHON";
/// Each way and by each of seven sets of parameters: as many as a test run has time for, or as this says
/// (`EVERSOCKET_MESSAGES=2000` for more than ten thousand).
fn messages() -> usize {
    env::var("EVERSOCKET_MESSAGES").ok().and_then(|number| number.parse().ok()).unwrap_or(300)
}

struct Peer {
    url: String,
    _program: Child,
}

impl Peer {
    async fn start(mut command: Command) -> Self {
        let mut program =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("it starts");
        let mut lines = BufReader::new(program.stdout.take().expect("its output")).lines();
        let port = lines.next_line().await.expect("its output").expect("its port");
        Self { url: format!("ws://127.0.0.1:{port}/"), _program: program }
    }

    fn script(name: &str) -> String {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/deflate/peers").join(name).to_string_lossy().into_owned()
    }

    /// `None`, told, where there is none.
    async fn node(options: &str) -> Option<Self> {
        let Some(ws) = env::var_os(NODE_WS) else {
            println!("skipped: {NODE_WS} does not say where the npm package ws is");
            return None;
        };
        let mut command = Command::new("node");
        command.arg(Self::script("echo.js")).arg(ws).arg(options);
        Some(Self::start(command).await)
    }

    async fn python(options: &str) -> Option<Self> {
        let Some(python) = env::var_os(PYTHON) else {
            println!("skipped: {PYTHON} does not name a Python that has websockets");
            return None;
        };
        let mut command = Command::new(python);
        command.arg(Self::script("echo.py")).arg(options);
        Some(Self::start(command).await)
    }
}

/// Words of a small language, so that there is something to compress; or noise.
fn random_message(random: &mut fastrand::Rng) -> Message {
    const WORDS: [&str; 8] = ["grüße", "price", "bid", "ask", "0.99", "{\"id\":", "subscribe", "\u{1f980}"];
    let longest = [0, 40, 700, 9_000, 70_000][random.usize(0..5)];
    let length = random.usize(0..=longest);
    if random.bool() {
        let mut text = String::new();
        while text.len() < length {
            text.push_str(WORDS[random.usize(0..WORDS.len())]);
        }
        text.into()
    } else {
        let most = random.u8(1..=255);
        (0..length).map(|_| random.u8(0..most)).collect::<Vec<u8>>().into()
    }
}

async fn converse(url: &str, options: Deflate, agreed: &[&str]) {
    let mut socket = WebSocket::builder(url).deflate(options).connect().await.expect("it agrees");
    let extensions = socket.extensions();
    assert!(extensions.starts_with("permessage-deflate"), "{extensions}");
    for parameter in agreed {
        assert!(extensions.contains(parameter), "{extensions}");
    }
    let mut random = fastrand::Rng::with_seed(7);
    for index in 0..messages() {
        let message = random_message(&mut random);
        socket.send(message.clone()).expect("it is open");
        match socket.next_event().await {
            Some(Event::Message(echoed)) => assert!(echoed == message, "{extensions}: message {index} is another"),
            other => panic!("{extensions}: {other:?} in place of message {index}"),
        }
    }
}

/// What is asked for, and what must be agreed on.
fn sets() -> [(Deflate, &'static [&'static str]); 6] {
    let plain = Deflate::default();
    [
        (plain, &[]),
        (plain.threshold(0).level(9), &[]),
        (plain.server_no_context_takeover(true), &["server_no_context_takeover"]),
        (plain.client_no_context_takeover(true), &["client_no_context_takeover"]),
        (plain.server_max_window_bits(10), &["server_max_window_bits=10"]),
        (plain.client_max_window_bits(9).server_max_window_bits(9), &["server_max_window_bits=9"]),
    ]
}

#[tokio::test]
async fn nodes_ws_understands_and_is_understood() {
    let Some(peer) = Peer::node("{}").await else { return };
    for (options, agreed) in sets() {
        converse(&peer.url, options, agreed).await;
    }
    let narrow = r#"{"clientMaxWindowBits":9,"serverNoContextTakeover":true,"clientNoContextTakeover":true}"#;
    let Some(peer) = Peer::node(narrow).await else { return };
    let agreed = ["client_max_window_bits=9", "server_no_context_takeover", "client_no_context_takeover"];
    converse(&peer.url, Deflate::default(), &agreed).await;
}

#[tokio::test]
async fn pythons_websockets_understands_and_is_understood() {
    let Some(peer) = Peer::python("{}").await else { return };
    for (options, agreed) in sets() {
        converse(&peer.url, options, agreed).await;
    }
    let narrow = r#"{"client_max_window_bits":10,"server_max_window_bits":11,"server_no_context_takeover":true}"#;
    let Some(peer) = Peer::python(narrow).await else { return };
    let agreed = ["client_max_window_bits=10", "server_max_window_bits=11", "server_no_context_takeover"];
    converse(&peer.url, Deflate::default(), &agreed).await;
}

#[tokio::test]
async fn a_server_that_has_none_is_spoken_to_as_ever() {
    let server = Server::start(Config::default()).await.expect("a server");
    let url = format!("ws://{}/echo", server.address());
    let mut socket = WebSocket::builder(&url).deflate(Deflate::default()).connect().await.expect("it connects");
    assert_eq!(socket.extensions(), "");
    let text = "a".repeat(1_000);
    socket.send(text.clone()).expect("it is open");
    assert_eq!(socket.next_event().await, Some(Event::Message(text.into())));
}

async fn script(steps: &str) -> (Server, String) {
    let server = Server::start(Config::default()).await.expect("a server");
    let url = format!("ws://{}/script?do={}", server.address(), steps.replace(' ', "%2520"));
    (server, url)
}

#[tokio::test]
async fn what_was_not_offered_fails() {
    for extension in ["permessage-deflate; unknown", "permessage-deflate; server_max_window_bits=7", "x-other"] {
        let (_server, url) = script(&format!("accept-extension:{};hang", extension.replace(';', "%253B"))).await;
        let result = WebSocket::builder(&url).deflate(Deflate::default()).connect().await;
        let Err(OpenError::Failed(error)) = result else { panic!("{result:?}") };
        assert!(matches!(error.cause(), Cause::Handshake(_)), "{error}");
    }
}

#[tokio::test]
async fn what_is_compressed_wrongly_fails_the_connection() {
    // RFC 7692 section 7.2.3.1's "Hello", in two fragments and whole; then what is none
    let steps = "accept-extension:permessage-deflate;expect;frame:0:4:1:0:f248cd;frame:1:0:0:0:c9c90700;\
                 frame:1:4:2:0:f200110000;frame:1:4:1:0:ffffff;hang";
    let (_server, url) = script(steps).await;
    let mut socket = WebSocket::builder(&url).deflate(Deflate::default()).connect().await.expect("it agrees");
    socket.send("go").expect("it is open");
    assert_eq!(socket.next_event().await, Some(Event::Message("Hello".into())));
    assert_eq!(socket.next_event().await, Some(Event::Message(Message::Binary((&b"Hello"[..]).into()))));
    let Some(Event::Error(error)) = socket.next_event().await else { panic!("it fails") };
    assert!(matches!(error.cause(), Cause::Protocol { .. }), "{error}");
}

#[tokio::test]
async fn a_reserved_bit_without_agreement_is_refused() {
    let (_server, url) = script("accept;expect;frame:1:4:1:0:f248cdc9c90700;hang").await;
    let mut socket = WebSocket::builder(&url).deflate(Deflate::default()).connect().await.expect("it accepts");
    socket.send("go").expect("it is open");
    let Some(Event::Error(error)) = socket.next_event().await else { panic!("it fails") };
    assert!(matches!(error.cause(), Cause::Protocol { .. }), "{error}");
}

#[tokio::test]
async fn compressed_text_that_is_no_text_is_refused() {
    // a stored block of one byte ff
    let (_server, url) = script("accept-extension:permessage-deflate;expect;frame:1:4:1:0:000100feffff00;hang").await;
    let mut socket = WebSocket::builder(&url).deflate(Deflate::default()).connect().await.expect("it agrees");
    socket.send("go").expect("it is open");
    let Some(Event::Error(error)) = socket.next_event().await else { panic!("it fails") };
    assert_eq!(*error.cause(), Cause::InvalidUtf8);
}
