//! A fault, and the two sockets that it befalls.

use crate::{
    row::{Row, Watch},
    support::{Script, echo, is_browser, reconnecting::*},
};
use eversocket::{
    Event as PlainEvent, ReadyState, SendError, Tls, WebSocket,
    reconnect::{self, Attempt, Backoff, BoxError, Builder, Event, Heartbeat, State},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Connecting and closing have so much time. Long enough that a busy machine does not take what
/// works for what does not.
pub const LIMIT: std::time::Duration = std::time::Duration::from_secs(2);
const LARGEST: usize = 64 * 1024;
/// A server may ask for a longer wait than a test has time for.
const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_secs(3);

/// What the user does once a connection is open.
pub enum Act<'gate> {
    /// Sends a message, upon which the script goes on.
    Send,
    Close,
    /// Sends a message and closes without waiting.
    SendAndClose,
    /// Nothing comes through this gate any more; the user of a plain socket, which has no
    /// heartbeat, waits for an answer for as long as he likes, and closes.
    Freeze(&'gate Gate),
    /// The connections of this gate are reset.
    Cut(&'gate Gate),
    /// Sends until no more is taken, and closes.
    Fill,
}

/// A fault that befalls the first connection; the next one is good.
pub struct Fault<'gate> {
    pub name: &'static str,
    /// Where the first connection leads.
    pub url: String,
    pub act: Act<'gate>,
    /// An authority to trust, natively.
    pub authority: Option<String>,
}

impl<'gate> Fault<'gate> {
    pub fn new(name: &'static str, url: String, act: Act<'gate>) -> Self {
        Self { name, url, act, authority: None }
    }

    /// By what the server does on a connection.
    pub fn scripted(name: &'static str, steps: &str) -> Self {
        Self::new(name, Script::new(steps).url, Act::Send)
    }

    /// By what the server does once a message has come.
    pub fn once_open(name: &'static str, steps: &str) -> Self {
        Self::scripted(name, &format!("accept;expect;{steps}"))
    }

    fn tls(&self) -> Option<Tls> {
        self.authority.clone().filter(|_| !is_browser()).map(Tls::with_root_certificates)
    }

    /// Both sockets meet it, one after the other; the fault is made anew for each.
    pub async fn befall(&self) {
        self.befall_plain().await;
        self.befall_staying().await;
    }

    pub async fn befall_plain(&self) {
        let mut builder = WebSocket::builder(&self.url)
            .connect_timeout(LIMIT)
            .close_timeout(LIMIT)
            .max_message_size(LARGEST)
            .max_buffered_amount(4 << 20);
        if let Some(tls) = self.tls() {
            builder = builder.tls(tls);
        }
        let mut socket = builder.open().expect("a URL that is allowed");
        let (mut watch, mut seen) = (Watch::start(), Seen::default());
        while let Some(event) = socket.next_event().await {
            match event {
                PlainEvent::Open(_) => {
                    seen.opened = true;
                    watch = Watch::start();
                    self.act_on(&mut socket, &mut seen).await;
                }
                PlainEvent::Message(_) => seen.messages += 1,
                PlainEvent::Error(error) => seen.cause = Some(error.cause().to_string()),
                PlainEvent::Close(close) => {
                    let clean = if close.was_clean { "clean" } else { "not clean" };
                    seen.close = format!("{}, {clean}", close.code.0);
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(socket.ready_state(), ReadyState::Closed, "{}", self.name);
        assert!(!seen.close.is_empty(), "{} has an end", self.name);
        let row = Row {
            fault: self.name,
            socket: "plain",
            message: if seen.sent { "told by the close" } else { "–" },
            sees: seen.words(),
            noticed: Some(watch.elapsed()),
            recovered: None,
        };
        row.keep().await;
    }

    async fn act_on(&self, socket: &mut WebSocket, seen: &mut Seen) {
        match &self.act {
            Act::Send => seen.sent = socket.send("one").is_ok(),
            Act::Close => socket.close().expect("it is open"),
            Act::SendAndClose => {
                seen.sent = socket.send("one").is_ok();
                socket.close().expect("it is open");
            }
            Act::Freeze(gate) => {
                gate.freeze().await;
                seen.sent = socket.send("one").is_ok();
                socket.close().expect("it is open");
            }
            Act::Cut(gate) => gate.cut().await,
            Act::Fill => {
                let piece = vec![0; 1 << 20];
                let full = loop {
                    match socket.send(piece.clone()) {
                        Ok(()) => {}
                        Err(error) => break error,
                    }
                };
                assert!(matches!(full, SendError::BufferFull { .. }), "{full:?}");
                seen.noted = Some("`send` is refused, the buffer is full");
                socket.close().expect("it is open");
            }
        }
    }

    pub async fn befall_staying(&self) {
        let (first, then) = (self.url.clone(), echo());
        let fails = Arc::new(AtomicBool::new(true));
        let provide = move |_: Attempt| {
            let url = if fails.swap(false, Ordering::Relaxed) { first.clone() } else { then.clone() };
            async move { Ok::<_, BoxError>(url) }
        };
        let mut builder = eversocket::ReconnectingWebSocket::with_endpoint(provide)
            .backoff(Backoff::constant(ms(20)))
            .connect_timeout(LIMIT)
            .close_timeout(LIMIT)
            .max_message_size(LARGEST)
            .heartbeat(None);
        if matches!(self.act, Act::Freeze(_) | Act::Fill) {
            builder = with_heartbeat(builder);
        }
        if let Some(tls) = self.tls() {
            builder = builder.tls(tls);
        }
        let mut socket = builder.open().expect("options that are allowed");
        let mut story = Story::default();
        if !matches!(self.act, Act::Cut(_) | Act::Freeze(_)) {
            socket.send("one").expect("accepted");
            story.sent = true;
        }
        while !story.is_over() {
            let event = socket.next_event().await.expect("it goes on, or tells that it does not");
            let opened = matches!(event, Event::State(State::Open)) && story.noticed.is_none();
            if let Event::State(State::Waiting(waiting)) = &event
                && waiting.delay > LONGEST_WAIT
            {
                story.cut_short = true;
                socket.handle().reconnect_now();
            }
            story.note(event);
            if opened {
                story.watch = Watch::start();
                self.act_on_staying(&mut socket, &mut story).await;
            }
            if story.recovered.is_some() && !story.probed {
                story.probed = true;
                socket.send("two").expect("accepted");
            }
        }
        story.row(self.name).keep().await;
    }

    async fn act_on_staying(&self, socket: &mut eversocket::ReconnectingWebSocket, story: &mut Story) {
        match &self.act {
            // what was accepted before it was open goes now
            Act::Send => {}
            Act::Close | Act::SendAndClose => socket.close(),
            Act::Freeze(gate) => {
                gate.freeze().await;
                socket.send("one").expect("accepted");
                story.sent = true;
            }
            Act::Cut(gate) => gate.cut().await,
            Act::Fill => {}
        }
    }
}

/// An echo answers it by itself.
fn with_heartbeat(builder: Builder) -> Builder {
    let heartbeat = Heartbeat::default().period(ms(500)).dead_after(ms(500));
    builder.heartbeat(heartbeat.message(|| "beat", |answer| answer.as_text() == Some("beat")))
}

/// What a plain socket told.
#[derive(Default)]
struct Seen {
    opened: bool,
    sent: bool,
    messages: usize,
    noted: Option<&'static str>,
    cause: Option<String>,
    close: String,
}

impl Seen {
    fn words(&self) -> String {
        let opened = if self.opened { "open" } else { "" };
        let messages = match self.messages {
            0 => String::new(),
            1 => "1 message".to_owned(),
            count => format!("{count} messages"),
        };
        let cause = self.cause.as_ref().map(|cause| format!("error: {cause}")).unwrap_or_default();
        let close = format!("close {}", self.close);
        let parts = [opened, &messages, self.noted.unwrap_or_default(), &cause, &close];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
    }
}

/// What a reconnecting socket told, up to where it is known how it ends.
struct Story {
    watch: Watch,
    sent: bool,
    opened: bool,
    failure: Option<String>,
    /// The wait before the next attempt was.
    cut_short: bool,
    noticed: Option<std::time::Duration>,
    recovered: Option<std::time::Duration>,
    probed: bool,
    probe_came: bool,
    delivered: bool,
    unknown: bool,
    unsent: bool,
    ended: Option<String>,
}

impl Default for Story {
    fn default() -> Self {
        Self {
            watch: Watch::start(),
            sent: false,
            opened: false,
            failure: None,
            cut_short: false,
            noticed: None,
            recovered: None,
            probed: false,
            probe_came: false,
            delivered: false,
            unknown: false,
            unsent: false,
            ended: None,
        }
    }
}

impl Story {
    fn is_over(&self) -> bool {
        self.ended.is_some() || self.probe_came && (!self.sent || self.delivered || self.unknown)
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::State(State::Open) if self.noticed.is_some() => {
                self.recovered.get_or_insert(self.watch.elapsed());
            }
            Event::State(State::Open) => self.opened = true,
            Event::State(State::Waiting(waiting)) => self.fail(&waiting.failure),
            Event::Interrupted(interruption) => {
                self.unknown |= numbers(&interruption.unknown).contains(&1);
                self.fail(&interruption.failure);
            }
            Event::Message(message) => match message.as_text() {
                Some("one") => {
                    self.delivered = true;
                    // nothing went wrong
                    if self.noticed.is_none() {
                        self.noticed = Some(self.watch.elapsed());
                        self.recovered = self.noticed;
                    }
                }
                Some("two") => self.probe_came = true,
                _ => {}
            },
            Event::Ended(ended) => {
                self.unknown |= numbers(&ended.unknown).contains(&1);
                self.unsent = ended.unsent.iter().any(|(number, _)| number.get() == 1);
                self.noticed.get_or_insert(self.watch.elapsed());
                self.ended = Some(ended.cause.to_string());
            }
            _ => {}
        }
    }

    fn fail(&mut self, failure: &reconnect::Failure) {
        if self.noticed.is_none() {
            self.noticed = Some(self.watch.elapsed());
            // since the failure
            self.watch = Watch::start();
            self.failure = Some(match failure {
                reconnect::Failure::Connection(error) => error.cause().to_string(),
                other => other.to_string(),
            });
        }
    }

    fn row(self, fault: &'static str) -> Row {
        let message = match (self.sent, self.delivered, self.unknown, self.unsent) {
            (false, ..) => "–",
            (true, true, ..) => "delivered",
            (true, _, true, _) => "told as unknown",
            (true, _, _, true) => "given back",
            (true, false, false, false) if self.ended.is_some() => {
                panic!("{fault}: the message is lost without a word")
            }
            (true, false, false, false) => panic!("{fault}: nobody knows where the message is"),
        };
        let opened = if self.opened { "open; " } else { "" };
        let wait = if self.cut_short { "waits 5 to 30 s, here cut short" } else { "waits" };
        let sees = match (&self.failure, &self.ended) {
            (Some(failure), None) => format!("{opened}{wait}: {failure}"),
            (_, Some(ended)) => format!("{opened}ended: {}", without_url(ended)),
            (None, None) => "nothing goes wrong".to_owned(),
        };
        Row { fault, socket: "reconnecting", sees, noticed: self.noticed, recovered: self.recovered, message }
    }
}

/// The port in it is another each time.
fn without_url(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    words.retain(|word| !word.contains("://"));
    words.join(" ")
}
