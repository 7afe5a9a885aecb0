//! What is told of a socket that another took the place of, or whose component went.

use crate::{
    stage::{Report, Reports, Stage, Theatre},
    support::{echo, reconnecting::*, url},
    watcher::{use_after_rendering, watch, watch_with},
};
use dioxus::prelude::*;
use eversocket::{
    Message, OpenError, ReconnectingWebSocket,
    reconnect::{Ended, Event, SequenceNumber, State},
    test_kit::Network,
};
use eversocket_dioxus::{Socket, use_events, use_socket};
use wasm_bindgen_test::wasm_bindgen_test;

/// A server that refuses, so that what is sent waits.
fn refusing() -> String {
    url("/script?do=http:404")
}

/// Stays where it is after a failure, and queues no more than two messages elsewhere.
fn patiently(url: String) -> Result<ReconnectingWebSocket, OpenError> {
    slow(&url).queue_capacity(if url == refusing() { 3 } else { 2 }, 1 << 20).open()
}

fn is_waiting(state: &State) -> bool {
    matches!(state, State::Waiting(_))
}

fn send(socket: &Socket, texts: &[&'static str]) -> Vec<(SequenceNumber, Message)> {
    texts.iter().map(|text| (socket.send(*text).expect("it is queued"), (*text).into())).collect()
}

fn ended(event: Event) -> Option<Ended> {
    if let Event::Ended(ended) = event { Some(ended) } else { None }
}

#[wasm_bindgen_test]
async fn what_waits_is_told_when_another_socket_is_opened() {
    let (stage, mut watched, mut reports) = watch(&refusing(), patiently);
    let socket = reports.state(is_waiting).await;
    let sent = send(&socket, &["one", "two"]);
    watched.url = echo();
    stage.update(watched.play());
    assert_eq!(reports.ended_once(&socket, "last").await.unsent, sent);
}

#[wasm_bindgen_test]
async fn what_waits_in_a_pause_is_told_when_another_socket_is_opened() {
    let (stage, mut watched, mut reports) = watch(&echo(), patiently);
    let socket = reports.open().await;
    socket.pause();
    reports.state(|state| matches!(state, State::Paused(_))).await;
    let sent = send(&socket, &["one", "two"]);
    watched.url = format!("{}?another", echo());
    stage.update(watched.play());
    assert_eq!(reports.ended_once(&socket, "last").await.unsent, sent);
}

#[wasm_bindgen_test]
async fn what_waits_is_carried_over_first() {
    let (stage, mut watched, mut reports) = watch_with(true, &Theatre::open(), &refusing(), patiently);
    let socket = reports.state(is_waiting).await;
    send(&socket, &["one", "two"]);
    watched.url = echo();
    stage.update(watched.play());
    assert_eq!(reports.event(ended).await.unsent, []);
    // with what it was given the queue is full, and so that came before whatever else is sent
    assert!(socket.send("too much").is_err());
    reports.open().await;
    socket.send("three").expect("it is open");
    for text in ["one", "two", "three"] {
        assert_eq!(reports.message().await.1, text.into());
    }
}

#[wasm_bindgen_test]
async fn what_cannot_be_carried_over_is_told() {
    let (stage, mut watched, mut reports) = watch_with(true, &Theatre::open(), &refusing(), patiently);
    let socket = reports.state(is_waiting).await;
    let sent = send(&socket, &["one", "two", "three"]);
    watched.url = echo();
    stage.update(watched.play());
    assert_eq!(reports.event(ended).await.unsent, sent[2..]);
    for text in ["one", "two"] {
        assert_eq!(reports.message().await.1, text.into());
    }
}

/// Where it is carried over the new socket does not have to wait for the old connection.
#[wasm_bindgen_test]
async fn what_an_open_connection_does_not_take_is_told_or_carried_over() {
    for carries_over in [false, true] {
        let (network, old) = (Network::new(), "wss://example.com/old");
        let wire = network.clone();
        let open = move |url: String| {
            let time = if carries_over { NEVER } else { ms(20) };
            slow(&url).network(wire.clone()).transport_buffer(1).close_timeout(time).open()
        };
        let (stage, mut watched, mut reports) = watch_with(carries_over, &Theatre::open(), old, open);
        let peer = network.accept().await;
        peer.open();
        let socket = reports.open().await;
        peer.pause();
        send(&socket, &["taken"]);
        let sent = send(&socket, &["one", "two"]);
        watched.url = "wss://example.com/new".to_owned();
        stage.update(watched.play());
        let mut peer = network.accept().await;
        peer.open();
        let unsent = reports.event(ended).await.unsent;
        if carries_over {
            assert_eq!(unsent, []);
            assert_eq!(peer.next().await, Some("one".into()));
            assert_eq!(peer.next().await, Some("two".into()));
        } else {
            assert_eq!(unsent, sent);
        }
    }
}

#[wasm_bindgen_test]
async fn where_no_other_can_be_opened_what_was_to_be_carried_over_is_told() {
    let (stage, mut watched, mut reports) = watch_with(true, &Theatre::open(), &refusing(), patiently);
    let socket = reports.state(is_waiting).await;
    let sent = send(&socket, &["one", "two"]);
    watched.url = "ws://a b".to_owned();
    stage.update(watched.play());
    assert_eq!(reports.event(ended).await.unsent, sent);
}

#[wasm_bindgen_test]
async fn who_is_gone_is_told_nothing() {
    for carries_over in [false, true] {
        let (stage, _, mut reports) = watch_with(carries_over, &Theatre::open(), &refusing(), patiently);
        send(&reports.state(is_waiting).await, &["one", "two"]);
        drop(stage);
        reports.gone().await;
        reports.freed().await;
    }
}

enum Told {
    Waiting(Socket),
    Event(Event),
}

/// What its child has opened, once it has, and whether there is that child.
fn parent(has_child: bool, report: &Report<Told>) -> Element {
    let opened = use_signal(|| None);
    rsx! {
        if has_child {
            Opening { opened }
        }
        if let Some(socket) = opened() {
            Listening { socket, report: report.clone() }
        }
    }
}

#[component]
fn Opening(opened: Signal<Option<Socket>>) -> Element {
    let socket = use_socket(|| patiently(refusing()));
    let mut opened = opened;
    use_effect(move || {
        if is_waiting(&socket.state().read()) {
            opened.set(Some(socket));
        }
    });
    VNode::empty()
}

#[component]
fn Listening(socket: Socket, report: Report<Told>) -> Element {
    let told = report.clone();
    use_events(socket, move |event| told.tell(Told::Event(event.clone())));
    use_after_rendering(move || report.tell(Told::Waiting(socket)));
    VNode::empty()
}

#[wasm_bindgen_test]
async fn what_waits_when_a_component_goes_is_told_to_one_that_stays() {
    let (report, mut reports) = Reports::new();
    let show = move |has_child: bool| {
        let report = report.clone();
        move || parent(has_child, &report)
    };
    let stage = Stage::mount(show(true));
    let socket = reports.until(|told| if let Told::Waiting(socket) = told { Some(socket) } else { None }).await;
    let sent = send(&socket, &["one", "two"]);
    stage.update(show(false));
    let end = reports.until(|told| if let Told::Event(event) = told { ended(event) } else { None }).await;
    assert_eq!(end.unsent, sent);
}
