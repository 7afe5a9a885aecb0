//! Somebody else in the room, whose own connection is never cut.

use eversocket::{ReconnectingWebSocket, reconnect::Json};
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};

/// How long something may take to be heard.
const PATIENCE: Duration = Duration::from_secs(20);
const NAME: &str = "bob";

pub struct Companion {
    socket: Json<Value>,
    /// How many messages it has sent.
    said: u32,
}

impl Companion {
    /// Returns once it is in the room.
    pub async fn enter(server: SocketAddr, room: &str) -> Self {
        let url = format!("ws://{server}/room?name={room}");
        let mut socket = ReconnectingWebSocket::new(&url).expect("a URL").json();
        socket.socket_mut().opened().await.expect("the server is there");
        Self { socket, said: 0 }
    }

    pub fn say(&mut self, text: &str) {
        self.said += 1;
        let said = json!({ "from": NAME, "text": text, "id": format!("{NAME}-{}", self.said) });
        self.socket.send(&said).expect("it is accepted");
    }

    /// Says what no chat can read.
    pub fn mumble(&mut self) {
        for noise in ["mumble", "{}", r#"{"from":1}"#, ""] {
            self.socket.handle().send(noise).expect("it is accepted");
        }
    }

    /// The next that can be read, as `NAME: TEXT`.
    pub async fn hear(&mut self) -> String {
        let next = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(said)) if said["text"].is_string() => return said,
                    Some(_) => {}
                    None => panic!("the room is closed"),
                }
            }
        };
        let said = tokio::time::timeout(PATIENCE, next).await.expect("nothing more is heard");
        let field = |name: &str| said[name].as_str().unwrap_or_else(|| panic!("no {name} in {said}")).to_owned();
        assert!(!field("id").is_empty(), "{said}");
        format!("{}: {}", field("from"), field("text"))
    }

    /// All that has been said in the room and was not heard yet. It says something itself, which
    /// comes after that, and is returned too as what others see of it.
    pub async fn catch_up(&mut self) -> (Vec<String>, String) {
        let mark = format!("that was all, {}", self.said + 1);
        self.say(&mark);
        let mark = format!("{NAME}: {mark}");
        let mut heard = Vec::new();
        loop {
            match self.hear().await {
                said if said == mark => return (heard, mark),
                said => heard.push(said),
            }
        }
    }
}
