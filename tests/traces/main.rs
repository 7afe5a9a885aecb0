//! Two hundred and fifty scripted conversations, generated from the seeds 1 to 250. Each leaves
//! a trace of everything the application and the server saw, at the server; `cargo xtask test`
//! then compares the traces of all targets. Here each trace is held against the rules that all
//! of them keep.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "../support/mod.rs"]
mod support;

mod conversation;
mod random;

use conversation::{Conversation, Ending, Turn};
use eversocket::{BinaryType, Blob, Event, Handle, Message, ReadyState, WebSocket};
use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, unbounded},
};
use std::sync::{Arc, Mutex};
use support::*;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const SEEDS: std::ops::RangeInclusive<u64> = 1..=250;

rules! {
    async fn conversations_leave_the_same_traces() {
        for seed in SEEDS {
            let trace = converse(&Conversation::generate(seed)).await;
            assert_sound(seed, &trace);
            keep("", seed, trace.join("\n")).await;
        }
    }
}

/// What happened, a line each, in order.
#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    fn note(&self, line: String) {
        self.0.lock().expect("whole").push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().expect("whole").clone()
    }
}

/// Holds a conversation, with callbacks that note each event and the state inside it.
async fn converse(conversation: &Conversation) -> Vec<String> {
    let script = Script::new(&conversation.script());
    let mut socket =
        builder(&script.url).protocols(conversation.protocols.clone()).open().expect("a valid conversation");
    let trace = Trace::default();
    let (events, mut happened) = unbounded();
    let guards = {
        let tell = |socket: &WebSocket| {
            let (trace, handle, events) = (trace.clone(), socket.handle(), events.clone());
            move |event: Event| {
                trace.note(format!("{} {:?}", describe(&event), handle.ready_state()));
                events.unbounded_send(event).expect("the test listens");
            }
        };
        let (open, message, error, close) = (tell(&socket), tell(&socket), tell(&socket), tell(&socket));
        [
            socket.on_open(move |event| open(Event::Open(event))),
            socket.on_message(move |event| message(Event::Message(event))),
            socket.on_error(move |event| error(Event::Error(event))),
            socket.on_close(move |event| close(Event::Close(event))),
        ]
    };
    drop(events);
    trace.note(format!("new {:?}", socket.ready_state()));
    if conversation.is_accepted() {
        assert!(matches!(happened.next().await, Some(Event::Open(_))));
        for turn in &conversation.turns {
            take_turn(turn, &mut socket, &trace, &mut happened).await;
        }
        end(&conversation.ending, &mut socket, &trace);
    }
    while happened.next().await.is_some() {}
    try_when_closed(&socket.handle(), &trace);
    drop(guards);
    let mut lines = trace.lines();
    let frames = script.frames().await.into_iter().filter(|frame| is_comparable(frame, conversation));
    lines.extend(frames.map(|frame| format!("server saw {frame}")));
    lines
}

/// Whether a line of the server's record must be the same for every client. Not how the byte
/// stream ended, which is the system's affair; nor, when a client fails the connection, whether
/// and how it says so: Chrome sends code 1002 for every fault, Firefox sends nothing.
fn is_comparable(frame: &str, conversation: &Conversation) -> bool {
    let is_farewell = matches!(conversation.ending, Ending::Break(_)) && frame.starts_with("close ");
    !is_farewell && !matches!(frame, "eof" | "reset")
}

async fn take_turn(turn: &Turn, socket: &mut WebSocket, trace: &Trace, happened: &mut UnboundedReceiver<Event>) {
    match turn {
        Turn::Tell(messages) => messages.iter().for_each(|message| send(socket, message, trace)),
        Turn::Echo(messages) => {
            messages.iter().for_each(|message| send(socket, message, trace));
            expect_messages(messages.len(), happened).await;
        }
        Turn::Listen(steps) => expect_messages(steps.iter().filter(|step| step.is_message).count(), happened).await,
        Turn::Binary(binary_type) => {
            socket.set_binary_type(*binary_type);
            send(socket, &"changed".into(), trace);
        }
    }
}

async fn expect_messages(count: usize, happened: &mut UnboundedReceiver<Event>) {
    for _ in 0..count {
        match happened.next().await {
            Some(Event::Message(_)) => {}
            other => panic!("{other:?} in place of a message"),
        }
    }
}

fn send(socket: &mut WebSocket, message: &Message, trace: &Trace) {
    let result = socket.send(message.clone());
    trace.note(format!("send {} {result:?}", describe_message(message)));
}

fn end(ending: &Ending, socket: &mut WebSocket, trace: &Trace) {
    match ending {
        Ending::Close(None) => {
            let result = socket.close();
            trace.note(format!("close {result:?} {:?}", socket.ready_state()));
        }
        Ending::Close(Some((code, reason))) => {
            let result = socket.close_with(*code, reason.as_str());
            trace.note(format!("close {code} {result:?} {:?}", socket.ready_state()));
            trace.note(format!("send after close {:?}", socket.send("late")));
            trace.note(format!("close again {:?}", socket.close_with(3999, "again")));
        }
        Ending::Drop | Ending::Refused(_) | Ending::ServerClose(_) => {}
        Ending::Cut | Ending::Break(_) => send(socket, &"go".into(), trace),
    }
}

fn try_when_closed(handle: &Handle, trace: &Trace) {
    assert_eq!(handle.ready_state(), ReadyState::Closed);
    trace.note(format!("send when closed {:?}", handle.send("late")));
    trace.note(format!("close when closed {:?}", handle.close_with(1006, "")));
    trace.note(format!("buffered {} protocol {:?}", handle.buffered_amount(), handle.protocol()));
}

fn describe(event: &Event) -> String {
    match event {
        Event::Open(open) => format!("open {:?} {:?}", open.protocol, open.extensions),
        Event::Message(message) => format!("message {}", describe_message(message)),
        // a browser hides the cause
        Event::Error(_) => "error".to_owned(),
        Event::Close(close) => format!("{close:?}"),
        other => format!("{other:?}"),
    }
}

fn describe_message(message: &Message) -> String {
    match message {
        Message::Text(text) if text.len() <= 40 => format!("text {text:?}"),
        Message::Text(text) => format!("text of {} bytes, sum {}", text.len(), sum(text.as_bytes())),
        Message::Binary(bytes) => format!("binary of {} bytes, sum {}", bytes.len(), sum(bytes)),
        Message::Blob(blob) => format!("blob of {} bytes", blob.size()),
    }
}

/// A checksum that sees order.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(1, |sum, byte| sum.rotate_left(5).wrapping_add(u32::from(*byte)))
}

/// The rules that every trace keeps.
fn assert_sound(seed: u64, trace: &[String]) {
    let count = |start: &str| trace.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(count("CloseEvent"), 1, "seed {seed}: {trace:#?}");
    assert!(count("open") <= 1 && count("error") <= 1, "seed {seed}: {trace:#?}");
    let at = |start: &str| trace.iter().position(|line| line.starts_with(start));
    let last_message = trace.iter().rposition(|line| line.starts_with("message"));
    assert!(last_message < at("CloseEvent"), "seed {seed}: {trace:#?}");
    assert!(last_message.is_none() || at("open") < at("message"), "seed {seed}: {trace:#?}");
}

/// For the conversations.
pub fn blob(bytes: Vec<u8>) -> Message {
    Message::Blob(Blob::new(bytes))
}

/// For the conversations.
pub const BINARY_TYPES: [BinaryType; 2] = [BinaryType::Blob, BinaryType::ArrayBuffer];
