//! Messages as values in JSON.

use crate::{
    stage::{Report, Reports, Stage},
    support::{echo, reconnecting::quick},
    watcher::use_after_rendering,
};
use dioxus::prelude::*;
use eversocket::{
    Message,
    reconnect::{Event, JsonError, SendError},
};
use eversocket_dioxus::{Socket, use_events, use_json_socket, use_messages};
use serde::{Deserialize, Serialize};
use wasm_bindgen_test::wasm_bindgen_test;

#[derive(Serialize)]
struct Say {
    text: &'static str,
    id: u32,
}

#[derive(Deserialize, Clone, PartialEq, Debug)]
struct Said {
    text: String,
}

enum Seen {
    Rendered(Socket<Said, Say>, bool),
    Message(Said),
    /// A message as it came, and why the last that could not be read could not.
    Raw(Message, Option<JsonError>),
    Gone,
}

fn talk(report: &Report<Seen>) -> Element {
    let socket: Socket<Said, Say> = use_json_socket(|| quick(&echo()).open());
    let told = report.clone();
    use_messages(socket, move |said| told.tell(Seen::Message(said)));
    let told = report.clone();
    use_events(socket, move |event| {
        if let Event::Message(message) = event {
            told.tell(Seen::Raw(message.clone(), socket.unreadable().peek().clone()));
        }
    });
    let (told, is_open) = (report.clone(), socket.state().read().is_open());
    use_after_rendering(move || told.tell(Seen::Rendered(socket, is_open)));
    let report = report.clone();
    use_drop(move || report.tell(Seen::Gone));
    rsx! { p { {socket.last_message()().map(|said| said.text)} } }
}

fn said(text: &str) -> Said {
    Said { text: text.to_owned() }
}

async fn message(reports: &mut Reports<Seen>) -> Said {
    reports.until(|seen| if let Seen::Message(said) = seen { Some(said) } else { None }).await
}

async fn raw(reports: &mut Reports<Seen>) -> (Message, Option<JsonError>) {
    reports.until(|seen| if let Seen::Raw(message, error) = seen { Some((message, error)) } else { None }).await
}

#[wasm_bindgen_test]
async fn values_go_both_ways_and_what_cannot_be_read_is_told() {
    let (report, mut reports) = Reports::new();
    let stage = Stage::mount(move || talk(&report));
    let is_open = |seen| match seen {
        Seen::Rendered(socket, true) => Some(socket),
        _ => None,
    };
    let socket = reports.until(is_open).await;
    socket.send_json(&Say { text: "hello", id: 1 }).expect("it is open");
    assert_eq!(message(&mut reports).await, said("hello"));
    assert_eq!(raw(&mut reports).await, (r#"{"text":"hello","id":1}"#.into(), None));

    socket.send("no JSON").expect("it is open");
    socket.send_json(&Say { text: "and on", id: 2 }).expect("it is open");
    let (text, error) = raw(&mut reports).await;
    assert_eq!(text, "no JSON".into());
    assert!(matches!(error, Some(JsonError::Decode(unreadable)) if unreadable.message == text));
    assert_eq!(message(&mut reports).await, said("and on"));

    drop(stage);
    reports.until(|seen| matches!(seen, Seen::Gone).then_some(())).await;
    let error = socket.send_json(&Say { text: "after", id: 3 }).expect_err("it is gone");
    let JsonError::Send(SendError::Ended { message }) = error else { panic!("{error:?}") };
    assert_eq!(*message, r#"{"text":"after","id":3}"#.into());
}
