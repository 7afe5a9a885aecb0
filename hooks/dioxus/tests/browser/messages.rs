//! Every message, once and in order, for the newest closure.

use crate::{
    support::{Script, echo},
    watcher::{Seen, plainly, watch},
};
use eversocket::{Message, ReconnectingWebSocket, reconnect::Event, test_kit::Network};
use wasm_bindgen_test::wasm_bindgen_test;

const BURST: u64 = 1000;

fn index(message: &Message) -> u64 {
    let Message::Binary(bytes) = message else { panic!("{message:?} in place of an index") };
    u64::from_be_bytes(bytes[..].try_into().expect("8 bytes"))
}

#[wasm_bindgen_test]
async fn an_echo_comes_back() {
    let (_stage, _, mut reports) = watch(&echo(), plainly);
    reports.open().await.send("hello").expect("it is open");
    assert_eq!(reports.message().await, ("first", Message::from("hello")));
    reports.last_message("hello").await;
}

#[wasm_bindgen_test]
async fn a_burst_from_the_network_is_whole() {
    let script = Script::new(&format!("accept;flood:{BURST}:8;expect-close"));
    let (_stage, _, mut reports) = watch(&script.url, plainly);
    for wanted in 0..BURST {
        assert_eq!(index(&reports.message().await.1), wanted);
    }
    reports.last_message((BURST - 1).to_be_bytes().to_vec()).await;
}

/// Dioxus renders once for all of them.
#[wasm_bindgen_test]
async fn a_burst_in_one_turn_is_whole() {
    let network = Network::new();
    let wire = network.clone();
    let open = move |url: String| ReconnectingWebSocket::builder(&url).network(wire.clone()).open();
    let (_stage, _, mut reports) = watch("wss://example.com/", open);
    let peer = network.accept().await;
    peer.open();
    reports.open().await;
    for index in 0..BURST {
        peer.send(index.to_be_bytes().to_vec());
    }

    let last = Some(Message::from((BURST - 1).to_be_bytes().to_vec()));
    let (mut messages, mut events, mut renderings) = (0, 0, 0);
    let count = |seen| {
        match seen {
            Seen::Message(_, message) => {
                assert_eq!(index(&message), messages);
                messages += 1;
            }
            Seen::Event(Event::Message(message)) => {
                assert_eq!(index(&message), events);
                events += 1;
            }
            Seen::Rendered { last_message, .. } => {
                renderings += 1;
                return (last_message == last).then_some(());
            }
            _ => {}
        }
        None
    };
    reports.until(count).await;
    assert_eq!((messages, events, renderings), (BURST, BURST, 1));
}

#[wasm_bindgen_test]
async fn the_newest_closure_is_called() {
    let (stage, mut watched, mut reports) = watch(&echo(), plainly);
    let socket = reports.open().await;
    socket.send("one").expect("it is open");
    assert_eq!(reports.message().await, ("first", Message::from("one")));
    reports.last_message("one").await;
    watched.label = "second";
    stage.update(watched.play());
    reports.state(|_| true).await;
    socket.send("two").expect("it is open");
    assert_eq!(reports.message().await, ("second", Message::from("two")));
}
