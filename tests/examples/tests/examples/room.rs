//! A room, the way to it, and somebody in it who listens.

use eversocket::{ReconnectingWebSocket, WebSocket, reconnect::Json};
use eversocket_server::{Config, Server};
use eversocket_webdriver::get;
use serde_json::Value;
use std::{future::Future, path::Path, time::Duration};

/// How long something may take that the test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let outcome = tokio::time::timeout(PATIENCE, future).await;
    outcome.unwrap_or_else(|_| panic!("{what}: not in {} s", PATIENCE.as_secs()))
}

/// The example under test comes through a gate of the server, the listener does not.
pub struct Room {
    server: Server,
    gate: String,
    listener: Json<Value>,
}

impl Room {
    pub async fn start() -> Self {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        let config = Config { tls_address: None, www: Some(examples), ..Config::default() };
        let server = Server::start(config).await.expect("a server");
        let gate = get(server.address().port(), "/gate/new").await;
        let url = format!("ws://{}/room?name=lobby", server.address());
        let mut listener = ReconnectingWebSocket::new(&url).expect("a valid URL");
        soon("the listener enters", listener.opened()).await.expect("open");
        Self { server, gate, listener: listener.json() }
    }

    /// An address behind the gate.
    pub fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://127.0.0.1:{}{path}", self.gate)
    }

    /// Stops or starts the gate, and returns when it is done.
    pub async fn order(&self, order: &str) {
        self.ask(&format!("/gate/{order}?port={}", self.gate)).await;
    }

    /// What the server answers to a plain GET.
    pub async fn ask(&self, path: &str) -> String {
        get(self.server.address().port(), path).await
    }

    /// The text that is said next.
    pub async fn hear(&mut self) -> String {
        let said = soon("somebody says something", self.listener.next()).await;
        let said = said.expect("the listener stays").expect("JSON");
        said["text"].as_str().expect("a text").to_owned()
    }

    /// Says something to all in the room.
    pub fn say(&mut self, text: &str) {
        let said = serde_json::json!({ "from": "ann", "text": text, "id": format!("ann-{text}") });
        self.listener.send(&said).expect("accepted");
    }

    /// The lines of a script's record once it has ended.
    pub async fn record(&self, id: &str) -> Vec<String> {
        let url = format!("ws://{}/record?id={id}", self.server.address());
        let mut socket = WebSocket::connect(&url).await.expect("the server answers");
        match soon("a record", socket.next_event()).await {
            Some(eversocket::Event::Message(record)) => {
                record.as_text().expect("a text").lines().map(str::to_owned).collect()
            }
            other => panic!("{other:?} in place of a record"),
        }
    }
}
