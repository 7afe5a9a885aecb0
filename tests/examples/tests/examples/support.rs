//! A page of the examples in a browser, and the gate that all it has passes through.

use eversocket_server::{Config, Server};
use eversocket_webdriver::{Browser, get};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long the server may take to notice something.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);

/// Runs in each page before its own scripts: notes each state that it shows, and what goes wrong.
const WATCH: &str = "
    window.states = [];
    window.complaints = [];
    new MutationObserver(() => {
        const state = document.querySelector('#state')?.textContent.trim();
        if (state && state !== states.at(-1)) states.push(state);
    }).observe(document, { subtree: true, childList: true, characterData: true });
    addEventListener('error', event => complaints.push(String(event.message)));
    addEventListener('unhandledrejection', event => complaints.push(String(event.reason)));
    const tell = console.error;
    console.error = (...words) => { complaints.push(words.join(' ')); tell(...words); };";

/// How a message on the page is marked, but for those that have come back from the room.
pub const PENDING: &str = "pending";
pub const UNKNOWN: &str = "unknown";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub struct Page {
    pub browser: Browser,
    pub gate: Gate,
    server: Server,
    name: String,
}

impl Page {
    /// Starts a server that refuses the page's socket at first, and visits the page.
    pub async fn visit(name: &str) -> Self {
        let examples = workspace().join("examples");
        let is_built = examples.join(name).join("pkg").exists();
        assert!(is_built, "examples/{name} is not built; `cargo xtask examples` builds it");
        let server = Server::start(Config { tls_address: None, www: Some(examples), ..Config::default() });
        let server = server.await.expect("a server");
        let gate = Gate::new(server.address()).await;
        gate.order("set", "&mode=status:503").await;
        let browser = Browser::start(&["--window-size=720,860"], &[]).await;
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await;
        let page = Self { browser, gate, server, name: name.to_owned() };
        page.return_to().await;
        page
    }

    /// Visits it again, from elsewhere.
    pub async fn return_to(&self) {
        self.browser.visit(&format!("http://127.0.0.1:{}/{}/", self.gate.port, self.name)).await;
        self.browser.until("return document.querySelector('#send') !== null", json!([])).await;
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Waits until it shows a state that begins so; `connected` is the whole of one.
    pub async fn await_state(&self, beginning: &str) {
        let script = "const state = document.querySelector('#state').textContent.trim();
            return arguments[0] === 'connected' ? state === 'connected' : state.startsWith(arguments[0])";
        self.browser.until(script, json!([beginning])).await;
    }

    /// All states that it has shown.
    pub async fn states(&self) -> Vec<String> {
        let states = self.browser.evaluate("return states", json!([])).await;
        texts(&states)
    }

    pub async fn say(&self, text: &str) {
        self.browser.enter("#text", text).await;
        self.browser.click("#send").await;
    }

    /// Waits for a message, as `NAME: TEXT`, that is marked so; the empty mark is that it has none.
    pub async fn await_message(&self, message: &str, mark: &str) {
        let script = "const [message, mark] = arguments, marks = ['pending', 'unknown', 'failed'];
            return [...document.querySelectorAll('ol#messages > li')].some(item => {
                const text = item.textContent.replace(/\\s+/g, ' ').trim();
                return marks.every(one => item.classList.contains(one) === (one === mark))
                    && (mark ? text.startsWith(message) : text === message);
            })";
        self.browser.until(script, json!([message, mark])).await;
    }

    /// All messages that are not marked, in order.
    pub async fn messages(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('#messages > li:not(.pending, .unknown, .failed)')]
            .map(item => item.textContent.replace(/\\s+/g, ' ').trim())";
        texts(&self.browser.evaluate(script, json!([])).await)
    }

    /// How many elements there are.
    pub async fn count(&self, selector: &str) -> u64 {
        let count = self.browser.evaluate("return document.querySelectorAll(arguments[0]).length", json!([selector]));
        count.await.as_u64().expect("a number")
    }

    /// Waits until none of the messages is marked so.
    pub async fn await_none(&self, mark: &str) {
        let script = "return document.querySelector(arguments[0]) === null";
        self.browser.until(script, json!([format!("#messages > li.{mark}")])).await;
    }

    /// Waits until the server has so many open sockets.
    pub async fn await_sockets(&self, count: usize) {
        let all = async {
            while self.server.open_sockets() != count {
                tokio::time::sleep(LOOK_AGAIN_AFTER).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, all).await;
        assert!(in_time.is_ok(), "{} sockets are open in place of {count}", self.server.open_sockets());
    }

    /// Whether nothing is cut off at the right at this width in CSS pixels.
    pub async fn fits(&self, width: u32) -> bool {
        let metrics = json!({ "width": width, "height": 740, "deviceScaleFactor": 1, "mobile": true });
        self.browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let script = "return document.documentElement.scrollWidth <= arguments[0]";
        let fits = self.browser.evaluate(script, json!([width])).await;
        self.browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await;
        fits == json!(true)
    }

    /// Saves what it shows to `target/examples`.
    pub async fn picture(&self) {
        let folder = workspace().join("target/examples");
        std::fs::create_dir_all(&folder).expect("a folder");
        self.browser.picture(&folder.join(format!("{}.png", self.name))).await;
    }

    /// Fails if something went wrong in the page that nobody caught, or that it told the console.
    pub async fn assert_content(&self) {
        let complaints = self.browser.evaluate("return complaints", json!([])).await;
        assert_eq!(texts(&complaints), Vec::<String>::new());
    }
}

fn texts(list: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    list.as_array().expect("a list").iter().map(text).collect()
}

/// A gate of the server.
pub struct Gate {
    server: u16,
    pub port: String,
}

impl Gate {
    async fn new(server: SocketAddr) -> Self {
        Self { server: server.port(), port: get(server.port(), "/gate/new").await }
    }

    /// Stops, starts, sets, freezes or drops, and returns when it is done.
    pub async fn order(&self, order: &str, more: &str) -> String {
        get(self.server, &format!("/gate/{order}?port={}{more}", self.port)).await
    }

    /// Waits until a frozen connection has brought something.
    pub async fn await_held_back(&self) {
        let some = async {
            while self.order("held-back", "").await == "0" {
                tokio::time::sleep(LOOK_AGAIN_AFTER).await;
            }
        };
        tokio::time::timeout(PATIENCE, some).await.expect("nothing was sent");
    }
}
