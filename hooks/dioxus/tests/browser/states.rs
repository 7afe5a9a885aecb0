//! What a component shows of its socket, and what it can do with it.

use crate::{
    support::{Script, echo, reconnecting::*, url},
    watcher::{Seen, plainly, watch},
};
use eversocket::{
    Message, OpenError,
    reconnect::{EndCause, Event, Failure, SendError, State},
};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn the_state_goes_through() {
    let gate = Gate::new().await;
    let (stage, _, mut reports) = watch(&gate.echo(), |url: String| slow(&url).open());
    let Seen::Rendered { state, last_message, .. } = reports.next().await else { panic!("not rendered first") };
    assert_eq!((state, last_message), (State::Connecting { attempt: 1 }, None));
    let socket = reports.open().await;
    assert_eq!(stage.text(), "open");

    gate.stop().await;
    reports.state(|state| matches!(state, State::Waiting(_))).await;
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
    assert_eq!(stage.text(), "ended: closed by this side");
}

#[wasm_bindgen_test]
async fn what_is_sent_while_the_server_is_away_arrives() {
    let gate = Gate::new().await;
    let (_stage, _, mut reports) = watch(&gate.echo(), plainly);
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
    let (stage, mut watched, mut reports) = watch(&one.url, plainly);
    reports.last_message("one").await;
    watched.url = two.url.clone();
    stage.update(watched.clone().play());
    let mut ends = Vec::new();
    let look = |seen| match seen {
        Seen::Rendered { socket, state, last_message: None } if state.is_open() => Some(socket),
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

    watched.label = "rendered again";
    stage.update(watched.play());
    reports.open().await;
    assert_eq!(socket.handle().expect("it is open").url(), two.url);
    drop(stage);
    assert_eq!(two.frames().await, ["close 1000", "eof"]);
}

#[wasm_bindgen_test]
async fn a_url_that_cannot_be_opened_is_a_state() {
    let (stage, mut watched, mut reports) = watch("ws://a b", plainly);
    let refused = |state: &State| {
        matches!(state, State::Ended(EndCause::GivenUp(Failure::Endpoint(OpenError::InvalidUrl { .. }))))
    };
    let socket = reports.state(refused).await;
    assert!(socket.handle().is_none());
    let error = socket.send("nobody is there").expect_err("nothing is open");
    assert_eq!(error, SendError::Ended { message: Box::new("nobody is there".into()) });

    watched.url = echo();
    stage.update(watched.play());
    reports.open().await;
    assert!(socket.send("now").is_ok());
    reports.last_message("now").await;
}

#[wasm_bindgen_test]
async fn before_and_after_a_message_is_given_back() {
    let (stage, _, mut reports) = watch(&echo(), plainly);
    let socket = reports.open().await;
    drop(stage);
    reports.gone().await;
    assert!(format!("{socket:?}").contains("None"), "{socket:?}");
    assert_eq!(socket.send("after").map_err(SendError::into_message), Err("after".into()));
    socket.reconnect_now();
    socket.close();
    assert!(socket.handle().is_none());
}

#[wasm_bindgen_test]
async fn two_at_once_do_not_know_each_other() {
    let (stage, _, mut reports) = watch(&echo(), plainly);
    let (_other_stage, _, mut other_reports) = watch(&echo(), plainly);
    let (socket, other) = (reports.open().await, other_reports.open().await);
    assert_ne!(socket, other);
    socket.send("one").expect("it is open");
    other.send("two").expect("it is open");
    assert_eq!(reports.message().await.1, Message::from("one"));
    assert_eq!(other_reports.message().await.1, Message::from("two"));
    drop(stage);
    reports.gone().await;
    other.send("still here").expect("it is open");
    assert_eq!(other_reports.message().await.1, Message::from("still here"));
}

#[wasm_bindgen_test]
async fn the_end_gives_back_what_was_not_sent() {
    let (_stage, _, mut reports) = watch(&url("/script?do=http:404"), |url: String| slow(&url).open());
    let socket = reports.state(|state| matches!(state, State::Waiting(_))).await;
    let number = socket.send("too late").expect("it is queued");
    socket.close();
    let ended = reports.event(|event| if let Event::Ended(ended) = event { Some(ended) } else { None }).await;
    assert_eq!(ended.unsent, [(number, "too late".into())]);
    assert!(ended.unknown.is_empty());
}
