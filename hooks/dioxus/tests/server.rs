//! Components that are rendered on a server, where nothing may be connected to.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

use dioxus::prelude::*;
use eversocket::{
    Event, Message, ReconnectingWebSocket, WebSocket,
    reconnect::{SendError, State},
};
use eversocket_dioxus::{Socket, use_events, use_messages, use_socket};
use eversocket_server::{Config, Server};
use std::{cell::Cell, rc::Rc};

#[derive(Clone)]
struct Page {
    url: String,
    /// Whether something ran that must not.
    called: Rc<Cell<bool>>,
}

fn app() -> Element {
    let Page { url, called } = use_context::<Page>();
    let flag = called.clone();
    let socket = use_socket(move || {
        flag.set(true);
        ReconnectingWebSocket::new(&url)
    });
    let on_event = called.clone();
    use_messages(socket, move |_| called.set(true));
    use_events(socket, move |_| on_event.set(true));
    assert_eq!(socket.last_message()(), None);
    assert_eq!(socket.send("too early").map_err(SendError::into_message), Err(Message::from("too early")));
    assert!(socket.handle().is_none());
    socket.reconnect_now();
    socket.pause();
    socket.resume();
    socket.close();
    use_context_provider(|| socket);
    rsx! {
        p { {socket.state().to_string()} }
        Child {}
    }
}

#[component]
fn Child() -> Element {
    let socket = use_context::<Socket>();
    assert_eq!(*socket.state().read(), State::Connecting { attempt: 1 });
    rsx! { b { {socket.state().to_string()} } }
}

#[tokio::test]
async fn the_first_state_is_rendered_and_nothing_is_opened() {
    let server = Server::start(Config::default()).await.expect("a server");
    let called = Rc::new(Cell::new(false));
    let page = Page { url: format!("ws://{}/echo", server.address()), called: called.clone() };
    let mut dom = VirtualDom::new(app).with_root_context(page);
    dom.rebuild_in_place();
    dom.wait_for_suspense().await;
    assert_eq!(dioxus_ssr::render(&dom), "<p>connecting (attempt 1)</p><b>connecting (attempt 1)</b>");
    drop(dom);
    assert!(!called.get(), "a closure ran on the server");
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
