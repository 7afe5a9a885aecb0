//! Components of a program that is no page: Dioxus runs them in tokio.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

use dioxus::prelude::*;
use eversocket::{
    Event, Message, ReconnectingWebSocket, WebSocket,
    reconnect::{self, State},
};
use eversocket_dioxus::{use_events, use_messages, use_socket};
use eversocket_server::{Config, Server};
use std::{cell::RefCell, rc::Rc};

#[derive(Clone)]
struct Given {
    url: String,
    heard: Rc<RefCell<Vec<Message>>>,
}

fn app() -> Element {
    let Given { url, heard } = use_context::<Given>();
    let socket = use_socket(move || ReconnectingWebSocket::new(&url));
    use_messages(socket, move |message| heard.borrow_mut().push(message));
    use_effect(move || {
        if socket.state().read().is_open() {
            socket.send("hello").expect("it is open");
        }
    });
    rsx! {
        p { {socket.state().to_string()} }
        if socket.last_message().read().is_some() {
            b { "heard" }
        }
    }
}

#[tokio::test]
async fn a_component_connects_and_closes_with_its_program() {
    let server = Server::start(Config::default()).await.expect("a server");
    let heard = Rc::new(RefCell::new(Vec::new()));
    let given = Given { url: format!("ws://{}/echo", server.address()), heard: heard.clone() };
    let mut dom = VirtualDom::new(app).with_root_context(given);
    dom.rebuild_in_place();
    while heard.borrow().is_empty() {
        dom.wait_for_work().await;
        dom.render_immediate(&mut dioxus::core::NoOpMutations);
    }
    assert_eq!(*heard.borrow(), ["hello".into()]);
    assert_eq!(dioxus_ssr::render(&dom), "<p>open</p><b>heard</b>");
    assert_eq!(server.open_sockets(), 1);
    drop(dom);
    assert_eq!(none_open(&server).await, "0".into());
}

/// Sends two messages to a server that refuses, and then turns to another.
fn turning() -> Element {
    let Given { url, heard } = use_context::<Given>();
    let mut path = use_signal(|| "/script?do=http:503");
    let socket = use_socket(move || ReconnectingWebSocket::builder(&format!("{url}{path}")).open());
    use_events(socket, move |event| {
        if let reconnect::Event::Ended(ended) = event {
            heard.borrow_mut().extend(ended.unsent.iter().map(|(_, message)| message.clone()));
            socket.send("bye").expect("the other accepts it");
        }
    });
    use_effect(move || {
        if matches!(*socket.state().read(), State::Waiting(_)) && *path.peek() != "/echo" {
            socket.send("one").expect("it is queued");
            socket.send("two").expect("it is queued");
            path.set("/echo");
        }
    });
    rsx! { if socket.last_message().read().is_some() { "done" } }
}

#[tokio::test]
async fn what_waits_is_told_when_another_socket_is_opened() {
    let server = Server::start(Config::default()).await.expect("a server");
    let heard = Rc::new(RefCell::new(Vec::new()));
    let given = Given { url: format!("ws://{}", server.address()), heard: heard.clone() };
    let mut dom = VirtualDom::new(turning).with_root_context(given);
    dom.rebuild_in_place();
    while dioxus_ssr::render(&dom) != "done" {
        dom.wait_for_work().await;
        dom.render_immediate(&mut dioxus::core::NoOpMutations);
    }
    assert_eq!(*heard.borrow(), ["one".into(), "two".into()]);
    drop(dom);
    assert_eq!(none_open(&server).await, "0".into());
}

/// Waits until no socket is open.
async fn none_open(server: &Server) -> Message {
    let url = format!("ws://{}/wait-open-sockets?count=0", server.address());
    let mut socket = WebSocket::connect(&url).await.expect("the server answers");
    match socket.next_event().await {
        Some(Event::Message(count)) => count,
        other => panic!("{other:?} in place of a count"),
    }
}
