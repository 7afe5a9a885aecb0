//! Closing for good, from whatever state.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    Message, ReconnectingWebSocket,
    reconnect::{EndCause, Ended, Event, SendError, State},
};
use futures::StreamExt;

/// Sends three, closes, and asserts that all are given back, in order and as the last event.
async fn gives_back(socket: &mut ReconnectingWebSocket) {
    for text in ["one", "two", "three"] {
        socket.send(text).expect("accepted");
    }
    socket.close();
    assert!(matches!(socket.send("late"), Err(SendError::Ended { .. })), "it closes");
    let mut events = rest(socket).await;
    let Some(Event::Ended(ended)) = events.pop() else { panic!("{events:?}") };
    assert!(events.iter().all(|event| matches!(event, Event::State(_))), "{events:?}");
    assert_given_back(&ended);
    assert!(socket.state().is_ended());
    assert_eq!(socket.next_event().await, None, "nothing follows the end");
}

fn assert_given_back(ended: &Ended) {
    assert!(matches!(ended.cause, EndCause::Closed { .. }), "{ended:?}");
    let unsent: Vec<_> = ended.unsent.iter().map(|(number, message)| (number.get(), message.clone())).collect();
    assert_eq!(unsent, [(1, "one".into()), (2, "two".into()), (3, "three".into())]);
    assert!(ended.unknown.is_empty(), "{ended:?}");
}

rules! {
    async fn a_socket_that_connects_gives_all_back() {
        let gate = Gate::new().await;
        gate.set("hang").await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        gate.wait_for(1).await;
        assert_eq!(socket.state(), State::Connecting { attempt: 1 });
        gives_back(&mut socket).await;
    }

    async fn a_socket_in_its_session_handshake_gives_all_back() {
        let script = Script::new("accept");
        let mut socket = quick(&script.url).session(|_| std::future::pending()).open().expect("a valid URL");
        until_state(&mut socket, |state| matches!(state, State::Handshaking { .. }).then_some(())).await;
        gives_back(&mut socket).await;
        assert_eq!(script.frames().await, ["close empty", "eof"], "nothing of the queue was sent");
    }

    async fn a_socket_that_waits_gives_all_back() {
        let gate = Gate::new().await;
        gate.stop().await;
        let mut socket = slow(&gate.echo()).open().expect("a valid URL");
        waiting(&mut socket).await;
        gives_back(&mut socket).await;
    }

    async fn a_socket_that_is_paused_gives_all_back() {
        let gate = Gate::new().await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        open(&mut socket).await;
        socket.handle().pause();
        until_state(&mut socket, |state| matches!(state, State::Paused(_)).then_some(())).await;
        gives_back(&mut socket).await;
    }

    async fn a_socket_that_is_open_sends_what_is_queued_first() {
        let script = Script::new("accept");
        let mut socket = quick(&script.url).open().expect("a valid URL");
        open(&mut socket).await;
        for text in ["one", "two", "three"] {
            socket.send(text).expect("accepted");
        }
        socket.close_with(4000, "bye").expect("it is allowed");
        socket.close();
        assert_eq!(socket.next_event().await, Some(Event::State(State::Closing)));
        let ended = socket.ended().await;
        let EndCause::Closed { close: Some(close) } = &ended.cause else { panic!("{ended:?}") };
        assert_close(close, 4000, "bye", true);
        assert!(ended.unsent.is_empty(), "{ended:?}");
        assert_eq!(script.frames().await, frames_to_the_close(&["one", "two", "three"], "close 4000 bye"));
    }

    async fn a_bad_code_changes_nothing() {
        let mut socket = quick(&echo()).open().expect("a valid URL");
        assert!(socket.close_with(1001, "").is_err());
        assert!(socket.close_with(4000, "x".repeat(124)).is_err());
        socket.send("on").expect("it goes on");
        assert_eq!(text(&mut socket).await, "on");
    }

    async fn nothing_follows_the_end() {
        let gate = Gate::new().await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        open(&mut socket).await;
        let handle = socket.handle();
        socket.close();
        socket.ended().await;
        handle.reconnect_now();
        handle.pause();
        handle.resume();
        handle.close();
        handle.set_sticky("a", "b");
        assert!(matches!(handle.send("late"), Err(SendError::Ended { .. })));
        assert!(handle.opened().await.is_err());
        assert_eq!((socket.next_event().await, socket.try_next()), (None, None));
        assert!(matches!(handle.state(), State::Ended(EndCause::Closed { .. })));
        assert_eq!(gate.count().await, 1);
    }

    async fn dropping_the_owner_sends_the_queue_and_closes_with_1000() {
        let script = Script::new("accept");
        let mut socket = quick(&script.url).open().expect("a valid URL");
        open(&mut socket).await;
        let handle = socket.handle();
        socket.send("last").expect("accepted");
        drop(socket);
        assert!(matches!(handle.send("late"), Err(SendError::Ended { .. })));
        let states: Vec<_> = handle.states().collect().await;
        assert!(matches!(states.last(), Some(State::Ended(EndCause::Closed { .. }))), "{states:?}");
        assert_eq!(script.frames().await, frames_to_the_close(&["last"], "close 1000"));
    }

    async fn dropping_the_owner_while_it_waits_ends_it_at_once() {
        let gate = Gate::new().await;
        gate.stop().await;
        let mut socket = slow(&gate.echo()).open().expect("a valid URL");
        waiting(&mut socket).await;
        let handle = socket.handle();
        drop(socket);
        assert_eq!(handle.state(), State::Ended(EndCause::Closed { close: None }));
    }

    /// A browser's socket says that it is closing before the event of its close comes, and takes
    /// no message then. Who asks it again and again keeps that event from ever coming.
    async fn a_peer_that_closes_while_messages_are_sent_is_not_asked_again_and_again() {
        let gate = Gate::new().await;
        // the client answers the close, and the server does not end TCP
        let script = gate.script("accept;expect;close:4000;hang");
        let mut socket = slow(&script.url).open().expect("a valid URL");
        socket.send("go").expect("accepted");
        // Firefox tells of the close as soon as it has answered it, as Chrome's streams do; there this shows nothing
        while socket.state().is_open() || matches!(socket.state(), State::Connecting { .. }) {
            socket.send("more").expect("accepted");
            assert_eq!(fetch("/token/set?name=turn&value=any").await, "set", "others have their turns");
            if socket.handle().progress().queued > 3 {
                gate.cut().await;
            }
        }
        let lost = interrupted(&mut socket).await;
        assert_eq!(numbers(&lost.unknown).first(), Some(&1));
        assert!(lost.unsent.len() > 3 || is_firefox() || with_backpressure(), "{lost:?}");
    }

    async fn events_of_a_connection_that_was_replaced_are_not_told() {
        let gate = Gate::new().await;
        let mut urls = [gate.script("accept;flood:200000:8;hang").url, gate.url("/stream?greet=1&echo=1")].into_iter();
        let mut socket = ReconnectingWebSocket::with_endpoint(move |_| {
            std::future::ready(urls.next().ok_or_else(|| "no third connection".into()))
        })
        .open()
        .expect("a provider");
        for _ in 0..100 {
            assert!(matches!(socket.next_message().await, Some(Message::Binary(_))));
        }
        socket.handle().reconnect_now();
        socket.send("mine").expect("accepted");
        interrupted(&mut socket).await;
        assert!(text(&mut socket).await.starts_with("hello"), "of the new one, and so is the next");
        assert_eq!(text(&mut socket).await, "mine");
    }
}
