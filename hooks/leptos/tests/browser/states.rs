//! What a component shows of its socket, and what it can do with it.

use crate::{
    stage::Stage,
    support::{self, Script, echo, reconnecting::*, url},
    watcher::{Seen, plainly, watch},
};
use eversocket::{
    Message, OpenError,
    reconnect::{EndCause, Event, Failure, SendError, State},
};
use eversocket_leptos::{use_events, use_messages, use_socket};
use leptos::prelude::*;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn the_state_goes_through() {
    let gate = Gate::new().await;
    let (stage, _url, mut reports) = watch(&gate.echo(), |url: String| slow(&url).open());
    assert_eq!(stage.text(), "connecting (attempt 1)");
    let Seen::Shown { state, last_message, .. } = reports.next().await else { panic!("not shown first") };
    assert_eq!((state, last_message), (State::Connecting { attempt: 1 }, None));
    let socket = reports.open().await;
    animation_frame().await;
    assert_eq!(stage.text(), "open");

    gate.stop().await;
    reports.state(|state| matches!(state, State::Waiting(_))).await;
    animation_frame().await;
    assert!(stage.text().starts_with("waiting 3600.0 s"), "{}", stage.text());

    gate.start().await;
    socket.reconnect_now();
    reports.open().await;
    socket.pause();
    reports.state(|state| matches!(state, State::Paused(_))).await;
    socket.resume();
    reports.open().await;
    socket.close();
    let closed = |state: &State| matches!(state, State::Ended(EndCause::Closed { close: Some(_) }));
    reports.state(closed).await;
    animation_frame().await;
    assert_eq!(stage.text(), "ended: closed by this side");
}

/// When what effects have changed is on the page.
async fn animation_frame() {
    let (sender, receiver) = futures::channel::oneshot::channel();
    request_animation_frame(move || sender.send(()).unwrap_or_default());
    receiver.await.expect("frames go on");
}

#[wasm_bindgen_test]
async fn what_is_sent_while_the_server_is_away_arrives() {
    let gate = Gate::new().await;
    let (_stage, _url, mut reports) = watch(&gate.echo(), plainly);
    let socket = reports.open().await;
    gate.stop().await;
    reports.state(|state| matches!(state, State::Waiting(_))).await;
    socket.send("meanwhile").expect("it is queued");
    gate.start().await;
    reports.last_message("meanwhile").await;
    assert_eq!(socket.handle().expect("it is open").progress().queued, 0);
}

#[wasm_bindgen_test]
async fn another_url_is_another_socket() {
    let (one, two) = (Script::new("accept;text:one;expect-close"), Script::new("accept;expect-close"));
    let opened = Rc::new(Cell::new(0));
    let count = opened.clone();
    let open = move |url| {
        count.set(count.get() + 1);
        plainly(url)
    };
    let (stage, url, mut reports) = watch(&one.url, open);
    reports.last_message("one").await;
    assert_eq!(opened.get(), 1, "what the socket shows does not open another");
    url.set(two.url.clone());
    let mut ends = Vec::new();
    let look = |seen| match seen {
        Seen::Shown { socket, state, last_message: None } if state.is_open() => Some(socket),
        Seen::Event(Event::Ended(ended)) => {
            ends.push(ended);
            None
        }
        _ => None,
    };
    let socket = reports.until(look).await;
    assert_eq!(one.frames().await, ["close 1000", "eof"]);
    if ends.is_empty() {
        ends.push(reports.event(|event| if let Event::Ended(ended) = event { Some(ended) } else { None }).await);
    }
    // that of the old one, which has left nothing unsent
    assert!(matches!(&ends[..], [ended] if ended.unsent.is_empty()), "{ends:?}");
    assert_eq!(socket.handle().expect("it is open").url(), two.url);
    assert_eq!(opened.get(), 2);
    drop(stage);
    assert_eq!(two.frames().await, ["close 1000", "eof"]);
}

#[wasm_bindgen_test]
async fn a_url_that_cannot_be_opened_is_a_state() {
    let (_stage, url, mut reports) = watch("ws://a b", plainly);
    let refused = |state: &State| {
        matches!(state, State::Ended(EndCause::GivenUp(Failure::Endpoint(OpenError::InvalidUrl { .. }))))
    };
    let socket = reports.state(refused).await;
    assert!(socket.handle().is_none());
    let error = socket.send("nobody is there").expect_err("nothing is open");
    assert_eq!(error, SendError::Ended { message: Box::new("nobody is there".into()) });

    url.set(echo());
    reports.open().await;
    assert!(socket.send("now").is_ok());
    reports.last_message("now").await;
    url.set("ws://a b".to_owned());
    reports.state(refused).await;
    assert!(socket.handle().is_none());
}

#[wasm_bindgen_test]
async fn before_and_after_a_message_is_given_back() {
    let (early, is_early) = futures::channel::oneshot::channel();
    let stage = Stage::mount(move || {
        let socket = use_socket(|| plainly(echo()));
        let refused = socket.send("before").map_err(SendError::into_message);
        early.send((socket, refused)).expect("the test waits");
    });
    let (socket, refused) = is_early.await.expect("it is mounted");
    assert_eq!(refused, Err(Message::from("before")));
    drop(stage);
    assert_eq!(socket.send("after").map_err(SendError::into_message), Err("after".into()));
    socket.reconnect_now();
    socket.close();
    assert!(socket.handle().is_none());
    assert!(format!("{socket:?}").contains("None"), "{socket:?}");
}

/// Effects run later than the component, which may be gone by then.
#[wasm_bindgen_test]
async fn one_that_is_gone_at_once_opens_nothing() {
    let opened = Rc::new(Cell::new(false));
    let held = opened.clone();
    let stage = Stage::mount(move || {
        let (open, message, event) = (held.clone(), held.clone(), held);
        let socket = use_socket(move || {
            open.set(true);
            plainly(echo())
        });
        use_messages(socket, move |_| message.set(true));
        use_events(socket, move |_| event.set(true));
    });
    drop(stage);
    // whatever effects there are have run when a message has been there and back
    assert_eq!(support::ask("/wait-open-sockets?count=0&of=echo").await, "0");
    assert!(!opened.get(), "a socket for a component that is gone");
    assert_eq!(Rc::strong_count(&opened), 1, "a closure is left");
}

#[wasm_bindgen_test]
async fn two_at_once_do_not_know_each_other() {
    let (stage, _url, mut reports) = watch(&echo(), plainly);
    let (_other_stage, _other_url, mut other_reports) = watch(&echo(), plainly);
    let (socket, other) = (reports.open().await, other_reports.open().await);
    assert_ne!(socket, other);
    socket.send("one").expect("it is open");
    other.send("two").expect("it is open");
    assert_eq!(reports.message().await, Message::from("one"));
    assert_eq!(other_reports.message().await, Message::from("two"));
    drop(stage);
    reports.gone().await;
    other.send("still here").expect("it is open");
    assert_eq!(other_reports.message().await, Message::from("still here"));
}

#[wasm_bindgen_test]
async fn the_end_gives_back_what_was_not_sent() {
    let (_stage, _url, mut reports) = watch(&url("/script?do=http:404"), |url: String| slow(&url).open());
    let socket = reports.state(|state| matches!(state, State::Waiting(_))).await;
    let number = socket.send("too late").expect("it is queued");
    socket.close();
    let ended = reports.event(|event| if let Event::Ended(ended) = event { Some(ended) } else { None }).await;
    assert_eq!(ended.unsent, [(number, "too late".into())]);
    assert!(ended.unknown.is_empty());
}
