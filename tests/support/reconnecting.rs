//! Gates of the test server, and what tests look for in the events of reconnecting sockets.

use super::{Script, fetch, host, unique, with_backpressure};
use eversocket::{
    Message, ReconnectingWebSocket,
    reconnect::{Backoff, Builder, Dropped, Event, Gap, Interruption, Sequences, State, Waiting},
};
use std::time::Duration;

/// Longer than any test.
pub const NEVER: Duration = Duration::from_secs(3600);

pub fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// One more port of the server, which the test stops, starts and misconfigures.
pub struct Gate {
    port: u16,
}

impl Gate {
    pub async fn new() -> Self {
        Self { port: fetch("/gate/new").await.parse().expect("a port") }
    }

    pub fn url(&self, path_and_query: &str) -> String {
        format!("ws://{}{path_and_query}", self.host())
    }

    fn host(&self) -> String {
        format!("{}:{}", host().rsplit_once(':').expect("host:port").0, self.port)
    }

    pub fn echo(&self) -> String {
        self.url("/echo")
    }

    pub fn stream(&self, id: &str, parameters: &str) -> String {
        self.url(&format!("/stream?id={id}{parameters}"))
    }

    /// A script that is run through this gate.
    pub fn script(&self, steps: &str) -> Script {
        let mut script = Script::new(steps);
        script.url = script.url.replace(&host(), &self.host());
        script
    }

    async fn order(&self, order: &str, answer: &str) {
        assert_eq!(fetch(&format!("/gate/{order}port={}", self.port)).await, answer);
    }

    pub async fn stop(&self) {
        self.order("stop?", "stopped").await;
    }

    pub async fn start(&self) {
        self.order("start?", "started").await;
    }

    /// Dials are not even refused.
    pub async fn blackhole(&self) {
        self.order("blackhole?", "dug").await;
    }

    pub async fn freeze(&self) {
        self.order("freeze?", "frozen").await;
    }

    pub async fn thaw(&self) {
        self.order("thaw?", "thawed").await;
    }

    /// Resets its connections.
    pub async fn cut(&self) {
        self.order("drop?", "dropped").await;
    }

    pub async fn set(&self, mode: &str) {
        self.order(&format!("set?mode={}&", super::encode(mode)), "set").await;
    }

    /// How many connections it has accepted.
    pub async fn count(&self) -> u64 {
        fetch(&format!("/gate/count?port={}", self.port)).await.parse().expect("a number")
    }

    /// When it has accepted so many.
    pub async fn wait_for(&self, count: u64) {
        let reached: u64 =
            fetch(&format!("/gate/wait?port={}&count={count}", self.port)).await.parse().expect("a number");
        assert!(reached >= count, "{reached} connections in place of {count}");
    }
}

/// What a server records of a socket that sends these texts and closes: natively a ping goes before
/// the close frame, whose answer proves that they arrived.
pub fn frames_to_the_close(texts: &[&str], close: &str) -> Vec<String> {
    let ping = (!super::is_browser()).then(|| "ping 0000000000000001".to_owned());
    let texts = texts.iter().map(|text| format!("text {text}"));
    texts.chain(ping).chain([close.to_owned(), "eof".to_owned()]).collect()
}

/// A socket that does not wait for long.
pub fn quick(url: &str) -> Builder {
    ReconnectingWebSocket::builder(url).backpressure(with_backpressure()).backoff(Backoff::constant(ms(20)))
}

/// A socket that stays where it is after a failure, to be looked at.
pub fn slow(url: &str) -> Builder {
    ReconnectingWebSocket::builder(url).backpressure(with_backpressure()).backoff(Backoff::constant(NEVER))
}

/// Reads events until one is what is looked for.
pub async fn until<T>(socket: &mut ReconnectingWebSocket, mut look: impl FnMut(&Event) -> Option<T>) -> T {
    loop {
        let event = socket.next_event().await.expect("it is not over");
        if let Some(found) = look(&event) {
            return found;
        }
        assert!(!matches!(event, Event::Ended(_)), "{event:?} before what was looked for");
    }
}

/// Reads events until a state is what is looked for.
pub async fn until_state<T>(socket: &mut ReconnectingWebSocket, mut look: impl FnMut(&State) -> Option<T>) -> T {
    until(socket, |event| if let Event::State(state) = event { look(state) } else { None }).await
}

pub async fn open(socket: &mut ReconnectingWebSocket) {
    until_state(socket, |state| state.is_open().then_some(())).await;
}

pub async fn waiting(socket: &mut ReconnectingWebSocket) -> Waiting {
    until_state(socket, |state| if let State::Waiting(waiting) = state { Some(waiting.clone()) } else { None }).await
}

pub async fn interrupted(socket: &mut ReconnectingWebSocket) -> Interruption {
    until(socket, |event| if let Event::Interrupted(it) = event { Some(it.clone()) } else { None }).await
}

pub async fn gap(socket: &mut ReconnectingWebSocket) -> Gap {
    until(socket, |event| if let Event::Gap(gap) = event { Some(gap.clone()) } else { None }).await
}

pub async fn dropped(socket: &mut ReconnectingWebSocket) -> Dropped {
    until(socket, |event| if let Event::Dropped(dropped) = event { Some(dropped.clone()) } else { None }).await
}

/// The next message, a text.
pub async fn text(socket: &mut ReconnectingWebSocket) -> String {
    match socket.next_message().await {
        Some(Message::Text(text)) => text.to_string(),
        other => panic!("{other:?} in place of a text"),
    }
}

/// All events from now on, to the end.
pub async fn rest(socket: &mut ReconnectingWebSocket) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(event) = socket.next_event().await {
        events.push(event);
    }
    events
}

pub fn numbers(sequences: &Sequences) -> Vec<u64> {
    sequences.iter().map(|number| number.get()).collect()
}

/// What `/stream` has recorded, once there are so many lines: connection and text.
pub async fn stream_record(id: &str, lines: usize) -> Vec<(u64, String)> {
    let record = fetch(&format!("/stream-record?id={id}&wait={lines}")).await;
    let parse = |line: &str| {
        let (connection, text) = line.split_once(' ').unwrap_or((line, ""));
        (connection.parse().expect("a number"), text.to_owned())
    };
    record.lines().map(parse).collect()
}

/// As a record has it.
pub fn lines(expected: &[(u64, &str)]) -> Vec<(u64, String)> {
    expected.iter().map(|(connection, text)| (*connection, (*text).to_owned())).collect()
}

/// A name of which the server keeps tokens, with its first one.
pub async fn token_name(first: &str) -> String {
    let name = unique();
    assert_eq!(fetch(&format!("/token/set?name={name}&value={first}")).await, "set");
    name
}

/// How often the server has issued a token.
pub async fn issued(name: &str) -> u64 {
    fetch(&format!("/token/issued?name={name}")).await.parse().expect("a number")
}
