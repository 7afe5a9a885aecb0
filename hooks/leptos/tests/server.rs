//! Components that are rendered on a server, where nothing may be connected to.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

use eversocket::{
    Event, Message, ReconnectingWebSocket, WebSocket,
    reconnect::{SendError, State},
};
use eversocket_leptos::{Socket, use_events, use_messages, use_socket};
use eversocket_server::{Config, Server};
use leptos::prelude::*;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether something ran that must not.
#[derive(Clone, Default)]
struct Flag(Arc<AtomicBool>);

impl Flag {
    fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[component]
fn App(url: String, called: Flag) -> impl IntoView {
    let flag = called.clone();
    let socket = use_socket(move || {
        flag.raise();
        ReconnectingWebSocket::new(&url)
    });
    let on_event = called.clone();
    use_messages(socket, move |_| called.raise());
    use_events(socket, move |_| on_event.raise());
    assert_eq!(socket.last_message().get_untracked(), None);
    assert_eq!(socket.send("too early").map_err(SendError::into_message), Err(Message::from("too early")));
    assert!(socket.handle().is_none());
    socket.reconnect_now();
    socket.pause();
    socket.resume();
    socket.close();
    provide_context(socket);
    view! {
        <p>{move || socket.state().get().to_string()}</p>
        <Child />
    }
}

#[component]
fn Child() -> impl IntoView {
    let socket = use_context::<Socket>().expect("a parent provides it");
    assert_eq!(socket.state().get_untracked(), State::Connecting { attempt: 1 });
    view! { <b>{move || socket.state().get().to_string()}</b> }
}

#[tokio::test]
async fn the_first_state_is_rendered_and_nothing_is_opened() {
    let server = Server::start(Config::default()).await.expect("a server");
    let (url, called) = (format!("ws://{}/echo", server.address()), Flag::default());
    let owner = Owner::new();
    let flag = called.clone();
    let markup = owner.with(|| view! { <App url called=flag /> }.to_html());
    assert_eq!(markup, "<p>connecting (attempt 1)</p><b>connecting (attempt 1)</b>");
    // a server may clean up on another thread than the one that has rendered
    std::thread::spawn(move || drop(owner)).join().expect("it may be dropped anywhere");
    assert!(!called.0.load(Ordering::Relaxed), "a closure ran on the server");
    assert_eq!(open_sockets(&server).await, "0".into());
}

async fn open_sockets(server: &Server) -> Message {
    let url = format!("ws://{}/open-sockets", server.address());
    let mut socket = WebSocket::connect(&url).await.expect("the server answers");
    socket.send("how many?").expect("it is open");
    match socket.next_event().await {
        Some(Event::Message(count)) => count,
        other => panic!("{other:?} in place of a count"),
    }
}
