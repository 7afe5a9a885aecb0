//! The backend without a window: its standard input and output are the window.

use crate::{
    programs,
    room::{Room, soon},
};
use serde_json::{Value, json};
use std::process::{ExitStatus, Stdio};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

struct Backend {
    process: Child,
    commands: ChildStdin,
    events: Lines<BufReader<ChildStdout>>,
}

impl Backend {
    fn start(url: &str) -> Self {
        let mut program = Command::new(programs::example("tokio"));
        program.args([url, "bob"]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = program.spawn().expect("it runs");
        let commands = process.stdin.take().expect("its input");
        let events = BufReader::new(process.stdout.take().expect("its output")).lines();
        Self { process, commands, events }
    }

    async fn order(&mut self, command: Value) {
        self.commands.write_all(format!("{command}\n").as_bytes()).await.expect("it reads");
    }

    async fn say(&mut self, text: &str) {
        self.order(json!({ "command": "say", "text": text })).await;
    }

    async fn next(&mut self) -> Option<Value> {
        let line = soon("an event", self.events.next_line()).await.expect("its output");
        line.map(|line| serde_json::from_str(&line).expect("JSON"))
    }

    /// The next event but for states.
    async fn news(&mut self) -> Value {
        loop {
            let event = self.next().await.expect("it goes on");
            if event["event"] != "state" {
                return event;
            }
        }
    }

    /// The next event but for states, which must be of this kind and of this own message.
    async fn fate(&mut self, kind: &str, id: &Value) {
        let event = self.news().await;
        assert_eq!((&event["event"], &event["id"]), (&json!(kind), id), "{event}");
    }

    /// Says something, and returns its id once it is pending.
    async fn pending(&mut self, text: &str) -> Value {
        self.say(text).await;
        let event = self.news().await;
        assert_eq!((&event["event"], &event["text"]), (&json!("pending"), &json!(text)), "{event}");
        event["id"].clone()
    }

    async fn state(&mut self, beginning: &str) {
        loop {
            let event = self.next().await.expect("it goes on");
            assert_eq!(event["event"], "state", "{event} before {beginning}");
            if event["state"].as_str().is_some_and(|state| state.starts_with(beginning)) {
                return;
            }
        }
    }

    /// Everything that it still tells, and how it ends.
    async fn quit(mut self) -> (Vec<Value>, ExitStatus) {
        self.order(json!({ "command": "quit" })).await;
        let mut last = Vec::new();
        while let Some(event) = self.next().await {
            last.push(event);
        }
        (last, soon("it quits", self.process.wait()).await.expect("it ran"))
    }
}

#[tokio::test]
async fn what_is_said_while_the_server_is_away_is_delivered_once() {
    let mut room = Room::start().await;
    let mut backend = Backend::start(&room.url("ws", "/room?name=lobby"));
    backend.state("connected").await;

    let hello = backend.pending("hello").await;
    let said = backend.news().await;
    assert_eq!(said, json!({ "event": "said", "from": "bob", "text": "hello", "id": hello }));
    backend.fate("delivered", &hello).await;
    assert_eq!(room.hear().await, "hello");
    room.say("hello bob");
    assert_eq!(room.hear().await, "hello bob");
    let said = backend.news().await;
    assert_eq!(said, json!({ "event": "said", "from": "ann", "text": "hello bob", "id": "ann-hello bob" }));

    room.order("stop").await;
    backend.state("reconnecting (attempt ").await;
    let away = backend.pending("while away").await;
    room.order("start").await;
    backend.fate("said", &away).await;
    backend.fate("delivered", &away).await;
    let last = backend.pending("last").await;
    backend.fate("said", &last).await;
    backend.fate("delivered", &last).await;
    // one's messages keep their order, so that a second "while away" would come before "last"
    assert_eq!((room.hear().await, room.hear().await), ("while away".to_owned(), "last".to_owned()));

    let (events, status) = backend.quit().await;
    assert!(status.success(), "{status}");
    let last = events.last().expect("an end");
    assert!(last["state"].as_str().is_some_and(|state| state.starts_with("closed: ")), "{events:?}");
}

#[tokio::test]
async fn a_message_of_unknown_fate_is_sent_again_only_when_asked_for() {
    let room = Room::start().await;
    // drops a connection as soon as it has its second text, which it does not send back
    let mut backend = Backend::start(&room.url("ws", "/stream?id=unknown&drop-after=2&echo=1"));
    let first = backend.pending("first").await;
    backend.fate("said", &first).await;
    backend.fate("delivered", &first).await;
    let second = backend.pending("second").await;
    backend.fate("unknown", &second).await;

    backend.order(json!({ "command": "say_again", "id": first })).await;
    assert_eq!(backend.news().await["event"], "refused");
    backend.order(json!({ "command": "say_again", "id": second })).await;
    backend.fate("pending", &second).await;
    backend.fate("said", &second).await;
    backend.fate("delivered", &second).await;

    let record = room.ask("/stream-record?id=unknown").await;
    let texts: Vec<&str> = record
        .lines()
        .map(|line| ["first", "second"].into_iter().find(|text| line.contains(text)).expect(line))
        .collect();
    assert_eq!(texts, ["first", "second", "second"]);
}

#[tokio::test]
async fn a_pause_lets_go_and_what_is_said_meanwhile_waits() {
    let mut room = Room::start().await;
    let mut backend = Backend::start(&room.url("ws", "/room?name=lobby"));
    backend.state("connected").await;
    backend.order(json!({ "command": "reconnect" })).await;
    backend.state("reconnecting (attempt ").await;
    backend.state("connected").await;
    backend.order(json!({ "command": "pause" })).await;
    backend.state("paused").await;
    let waits = backend.pending("said in a pause").await;
    backend.order(json!({ "command": "resume" })).await;
    backend.fate("said", &waits).await;
    backend.fate("delivered", &waits).await;
    assert_eq!(room.hear().await, "said in a pause");

    backend.order(json!({ "command": "pause" })).await;
    backend.state("paused").await;
    let unsent = backend.pending("never sent").await;
    backend.say(" ").await;
    assert_eq!(backend.news().await["event"], "refused");
    backend.order(json!({ "command": "sing" })).await;
    assert_eq!(backend.news().await["event"], "refused");
    let (events, status) = backend.quit().await;
    assert!(status.success(), "{status}");
    assert!(events.iter().any(|event| event["event"] == "failed" && event["id"] == unsent), "{events:?}");
}

#[tokio::test]
async fn it_quits_with_a_clean_close() {
    let room = Room::start().await;
    let mut backend = Backend::start(&room.url("ws", "/script?id=quit&do=accept;expect"));
    backend.state("connected").await;
    backend.pending("last words").await;
    let (_, status) = backend.quit().await;
    assert!(status.success(), "{status}");
    let record = room.record("quit").await;
    let texts: Vec<&String> = record.iter().filter(|line| line.starts_with("text ")).collect();
    assert!(texts.len() == 1 && texts[0].contains("last words"), "{record:?}");
    assert!(record.contains(&"close 1000".to_owned()), "{record:?}");
}
