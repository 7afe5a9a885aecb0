//! Components that are rendered on a server, where nothing may be connected to.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

use eversocket::{
    Event, Message, ReconnectingWebSocket, WebSocket,
    reconnect::{SendError, State},
};
use eversocket_server::{Config, Server};
use eversocket_yew::{Socket, use_events, use_messages, use_socket};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use yew::prelude::*;

#[derive(Properties, PartialEq, Clone)]
struct Page {
    url: String,
    #[prop_or_default]
    called: Flag,
}

/// Whether something ran that must not.
#[derive(Clone, Default)]
struct Flag(Arc<AtomicBool>);

impl PartialEq for Flag {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Flag {
    fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[component]
fn App(page: &Page) -> Html {
    let flag = page.called.clone();
    let socket = use_socket(page.url.clone(), move |url| {
        flag.raise();
        ReconnectingWebSocket::new(url)
    });
    let (on_message, on_event) = (page.called.clone(), page.called.clone());
    use_messages(&socket, move |_| on_message.raise());
    use_events(&socket, move |_| on_event.raise());
    assert_eq!(socket.last_message(), None);
    assert_eq!(socket.send("too early").map_err(SendError::into_message), Err(Message::from("too early")));
    assert!(socket.handle().is_none());
    socket.reconnect_now();
    socket.pause();
    socket.resume();
    socket.close();
    html! {
        <ContextProvider<Socket> context={&socket}>
            <p>{ socket.state().to_string() }</p>
            <Child />
        </ContextProvider<Socket>>
    }
}

#[component]
fn Child() -> Html {
    let socket = use_context::<Socket>().expect("a parent provides it");
    assert_eq!(socket.state(), State::Connecting { attempt: 1 });
    html! { <b>{ socket.state().to_string() }</b> }
}

#[tokio::test]
async fn the_first_state_is_rendered_and_nothing_is_opened() {
    let server = Server::start(Config::default()).await.expect("a server");
    let page = Page { url: format!("ws://{}/echo", server.address()), called: Flag::default() };
    let given = page.clone();
    let markup = yew::ServerRenderer::<App>::with_props(move || given).hydratable(false).render().await;
    assert_eq!(markup, "<p>connecting (attempt 1)</p><b>connecting (attempt 1)</b>");
    assert!(!page.called.0.load(Ordering::Relaxed), "a closure ran on the server");
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
