//! A page in a browser, and the server that both the page and its socket come from.

use eversocket::{Event, Message, WebSocket};
use eversocket_server::{Config, Server};
use eversocket_webdriver::{Browser, get};
use serde_json::{Value, json};
use std::path::Path;

/// What chromedriver adds so that pages that nobody sees run as if somebody did.
const THROTTLE_LESS: [&str; 3] =
    ["disable-background-timer-throttling", "disable-backgrounding-occluded-windows", "disable-renderer-backgrounding"];

/// Makes Chrome keep the connections of pages that it freezes, as it did before, and others do.
pub const KEEP_CONNECTIONS: &str = "--disable-features=DisconnectWebSocketOnBFCache";

/// A line of the page's log.
#[derive(Debug, Clone)]
pub struct Note {
    /// Milliseconds since the page began.
    pub at: f64,
    pub text: String,
}

pub struct Page {
    pub browser: Browser,
    server: Server,
    /// How many lines of the log have been looked at.
    seen: usize,
}

impl Page {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With more arguments for the browser.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let www = Path::new(env!("CARGO_MANIFEST_DIR")).to_owned();
        assert!(www.join("pkg").exists(), "the page is not built; `cargo xtask test --chrome` builds it");
        let config = Config { tls_address: None, www: Some(www), ..Config::default() };
        let server = Server::start(config).await.expect("a server");
        let mut page = Self { browser: Browser::start(arguments, &THROTTLE_LESS).await, server, seen: 0 };
        page.browser.visit(&page.url("/")).await;
        page.await_note("page ready").await;
        page
    }

    pub fn port(&self) -> u16 {
        self.server.address().port()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// What the server answers to a plain GET.
    pub async fn ask(&self, path: &str) -> String {
        get(self.port(), path).await
    }

    pub async fn new_gate(&self) -> Gate {
        Gate { port: self.port(), own: self.ask("/gate/new").await }
    }

    /// The lines of a script's record once it has ended.
    pub async fn record(&self, id: &str) -> Vec<String> {
        let url = format!("ws://{}/record?id={id}", self.server.address());
        let mut socket = WebSocket::connect(&url).await.expect("the server answers");
        match socket.next_event().await {
            Some(Event::Message(Message::Text(text))) => text.lines().map(str::to_owned).collect(),
            other => panic!("{other:?} in place of a record"),
        }
    }

    /// Opens the page's socket.
    pub async fn open(&self, url: &str, options: Value) {
        self.browser.evaluate("socket.open(...arguments)", json!([url, options])).await;
    }

    pub async fn send(&self, text: &str) {
        self.browser.evaluate("socket.send(...arguments)", json!([text])).await;
    }

    pub async fn state(&self) -> String {
        let state = self.browser.evaluate("return socket.state()", json!([])).await;
        state.as_str().expect("a socket").to_owned()
    }

    /// Milliseconds since the page began.
    pub async fn now(&self) -> f64 {
        self.browser.evaluate("return performance.now()", json!([])).await.as_f64().expect("a number")
    }

    /// Waits until the page has lived for so much longer.
    pub async fn let_pass(&self, milliseconds: f64) {
        let then = self.now().await + milliseconds;
        self.browser.until("return performance.now() >= arguments[0]", json!([then])).await;
    }

    /// The whole log.
    pub async fn notes(&self) -> Vec<Note> {
        let notes = self.browser.evaluate("return notes", json!([])).await;
        let note = |note: &Value| Note {
            at: note["at"].as_f64().expect("a time"),
            text: note["text"].as_str().expect("a text").to_owned(),
        };
        notes.as_array().expect("a list").iter().map(note).collect()
    }

    /// Whether no line of the log begins so.
    pub async fn has_no(&self, beginning: &str) -> bool {
        self.notes().await.iter().all(|note| !note.text.starts_with(beginning))
    }

    /// Whether nothing was logged after the line that was awaited last.
    pub async fn is_quiet(&self) -> bool {
        self.notes().await.len() == self.seen
    }

    /// Waits for the next line that begins so, after the one that was awaited last; so that what
    /// is awaited in some order has come in that order.
    pub async fn await_note(&mut self, beginning: &str) -> Note {
        let script = "return window.notes?.slice(arguments[0]).some(note => note.text.startsWith(arguments[1]))";
        self.browser.until(script, json!([self.seen, beginning])).await;
        let notes = self.notes().await;
        let found = notes[self.seen..].iter().position(|note| note.text.starts_with(beginning));
        self.seen += found.expect("it was seen") + 1;
        notes[self.seen - 1].clone()
    }
}

/// A gate of the server.
pub struct Gate {
    /// Of the server.
    port: u16,
    own: String,
}

impl Gate {
    /// A WebSocket's address through it.
    pub fn url(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.own)
    }

    /// Stops, starts, freezes, thaws or drops, and returns when it is done.
    pub async fn order(&self, order: &str) {
        get(self.port, &format!("/gate/{order}?port={}", self.own)).await;
    }

    /// How many connections were made through it.
    pub async fn count(&self) -> u64 {
        get(self.port, &format!("/gate/count?port={}", self.own)).await.parse().expect("a number")
    }
}
