//! What waits for a connection, and what becomes of what does not fit.

use crate::{
    outages::clogged,
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    Message, ReconnectingWebSocket,
    reconnect::{Builder, DropReason, Event, Outcome, Outgoing, Overflow, SendError, SinkError},
};
use futures::{FutureExt, SinkExt, future::join};

/// A socket of which nothing leaves until the gate is started.
async fn held(options: impl FnOnce(Builder) -> Builder) -> (Gate, ReconnectingWebSocket) {
    let gate = Gate::new().await;
    gate.stop().await;
    let socket = options(quick(&gate.echo())).open().expect("a valid URL");
    (gate, socket)
}

/// Starts the gate, and reads to the echo of `end`: the texts before it, and what was dropped.
async fn release(gate: &Gate, socket: &mut ReconnectingWebSocket) -> (Vec<String>, Vec<(DropReason, Vec<u64>)>) {
    let (mut texts, mut dropped) = (Vec::new(), Vec::new());
    gate.start().await;
    until(socket, |event| match event {
        Event::Message(message) if message.as_text() == Some("end") => Some(()),
        Event::Message(message) => {
            texts.push(message.as_text().expect("a text").to_owned());
            None
        }
        Event::Dropped(it) => {
            dropped.push((it.reason, numbers(&it.messages)));
            None
        }
        _ => None,
    })
    .await;
    (texts, dropped)
}

rules! {
    async fn a_full_queue_makes_senders_wait() {
        let (gate, mut socket) = held(|builder| builder.queue_capacity(2, 100)).await;
        let handle = socket.handle();
        handle.send("one").expect("room");
        handle.send("two").expect("room");
        match handle.send("three") {
            Err(SendError::QueueFull { messages: 2, bytes: 6, message }) => assert_eq!(*message, "three".into()),
            other => panic!("{other:?}"),
        }
        let mut sending = Box::pin(handle.send_wait("three"));
        assert!(sending.as_mut().now_or_never().is_none(), "there is no room");
        let done = async {
            let number = sending.await.expect("room at last").get();
            handle.send_wait("end").await.expect("room");
            number
        };
        let (number, (texts, dropped)) = join(done, release(&gate, &mut socket)).await;
        assert_eq!((number, texts, dropped), (3, vec!["one".into(), "two".into(), "three".into()], vec![]));
    }

    async fn the_sink_waits_for_room_and_flushes() {
        let (gate, mut socket) = held(|builder| builder.queue_capacity(1, 100)).await;
        let handle = socket.handle();
        socket.feed(Message::from("one")).await.expect("room");
        assert!(socket.feed(Message::from("two")).now_or_never().is_none(), "there is no room");
        assert!(SinkExt::<Message>::flush(&mut socket).now_or_never().is_none(), "nothing has left");
        let (sent, ()) = join(SinkExt::send(&mut socket, Message::from("two")), gate.start()).await;
        sent.expect("it was sent");
        assert_eq!(handle.progress().queued, 0);
        assert_eq!((text(&mut socket).await, text(&mut socket).await), ("one".to_owned(), "two".to_owned()));
        SinkExt::<Message>::close(&mut socket).await.expect("it closes");
        assert!(handle.state().is_ended());
        assert!(matches!(socket.feed(Message::from("late")).await, Err(SinkError::Refused(SendError::Ended { .. }))));
    }

    async fn ready_waits_for_room_whatever_the_policy() {
        let (gate, mut socket) =
            held(|builder| builder.queue_capacity(1, 100).overflow(Overflow::Refuse)).await;
        let handle = socket.handle();
        handle.ready_for(3).await.expect("room");
        handle.send("one").expect("room");
        assert_eq!(handle.ready_for(3).now_or_never(), None);
        let (ready, ()) = join(handle.ready_for(3), gate.start()).await;
        ready.expect("room at last");
        handle.send("two").expect("room");
        assert_eq!((text(&mut socket).await, text(&mut socket).await), ("one".to_owned(), "two".to_owned()));
        socket.close();
        socket.ended().await;
        handle.ready_for(3).await.expect_err("nothing is sent any more");
    }

    async fn a_full_queue_may_refuse() {
        let (gate, mut socket) =
            held(|builder| builder.queue_capacity(100, 6).overflow(Overflow::Refuse)).await;
        let handle = socket.handle();
        handle.send("one").expect("room");
        assert!(matches!(handle.send("four").map_err(SendError::into_message), Err(message) if message == "four".into()));
        assert!(matches!(handle.send_wait("five").await, Err(SendError::QueueFull { messages: 1, bytes: 3, .. })));
        assert!(matches!(socket.feed("a text".into()).await, Err(SinkError::Refused(SendError::QueueFull { .. }))));
        assert_eq!(handle.send("end").expect("room").get(), 2, "what was refused has no number");
        assert_eq!(release(&gate, &mut socket).await, (vec!["one".into()], vec![]));
    }

    async fn a_full_queue_may_drop_the_oldest() {
        let (gate, mut socket) =
            held(|builder| builder.queue_capacity(2, 100).overflow(Overflow::DropOldest)).await;
        let handle = socket.handle();
        let first = handle.send_tracked("one").expect("accepted");
        for text in ["two", "three", "end"] {
            handle.send(text).expect("accepted");
        }
        assert_eq!(first.await, Outcome::NotSent(DropReason::Overflow));
        let (texts, dropped) = release(&gate, &mut socket).await;
        assert_eq!(texts, ["three"]);
        assert_eq!(dropped.into_iter().flat_map(|(reason, numbers)| {
            assert_eq!(reason, DropReason::Overflow);
            numbers
        }).collect::<Vec<_>>(), [1, 2]);
    }

    async fn a_full_queue_may_drop_the_newest() {
        let (gate, mut socket) =
            held(|builder| builder.queue_capacity(2, 100).overflow(Overflow::DropNewest)).await;
        let handle = socket.handle();
        handle.send("one").expect("room");
        handle.send("end").expect("room");
        assert!(matches!(handle.send("three"), Err(SendError::QueueFull { .. })));
        assert!(matches!(handle.send_wait("four").await, Err(SendError::QueueFull { .. })));
        let (texts, dropped) = release(&gate, &mut socket).await;
        assert_eq!((texts, dropped), (vec!["one".into()], vec![(DropReason::Overflow, vec![3, 4])]));
    }

    async fn of_messages_with_a_key_the_latest_is_sent() {
        let (gate, mut socket) = held(|builder| builder).await;
        let handle = socket.handle();
        handle.send(Outgoing::new("x=1").latest("x")).expect("accepted");
        handle.send(Outgoing::new("y=1").latest("y")).expect("accepted");
        handle.send(Outgoing::new("x=2").latest("x")).expect("accepted");
        let third = handle.send_tracked(Outgoing::new("x=3").latest("x")).expect("accepted");
        handle.send("end").expect("accepted");
        let (texts, dropped) = release(&gate, &mut socket).await;
        assert_eq!(texts, ["y=1", "x=3"]);
        assert_eq!(dropped, [(DropReason::Superseded, vec![1, 3])]);
        handle.send(Outgoing::new("x=4").latest("x")).expect("accepted");
        assert_eq!(text(&mut socket).await, "x=4");
        drop(socket);
        // natively a ping goes before the close frame, and is answered
        let sent = if is_browser() { Outcome::Unknown } else { Outcome::Reached };
        assert_eq!(third.await, sent, "it was sent, and is not dropped by a later one");
    }

    async fn what_expires_is_not_sent() {
        let (gate, mut socket) = held(|builder| builder).await;
        let handle = socket.handle();
        handle.send("one").expect("accepted");
        let two = handle.send_tracked(Outgoing::new("two").expires_in(ms(50))).expect("accepted");
        handle.send(Outgoing::new("three").expires_in(NEVER)).expect("accepted");
        handle.send("end").expect("accepted");
        assert_eq!(two.await, Outcome::NotSent(DropReason::Expired));
        let (texts, dropped) = release(&gate, &mut socket).await;
        assert_eq!(texts, ["one", "three"]);
        assert_eq!(dropped, [(DropReason::Expired, vec![2])]);
    }

    async fn volatile_ones_never_wait() {
        if crashes_when_clogged() {
            return;
        }
        let (gate, mut socket) = held(|builder| builder).await;
        match socket.send(Outgoing::new("typing").volatile()) {
            Err(SendError::NotReady { message }) => assert_eq!(*message, "typing".into()),
            other => panic!("{other:?}"),
        }
        gate.start().await;
        open(&mut socket).await;
        socket.send(Outgoing::new("typing").volatile()).expect("it is open");
        assert_eq!(text(&mut socket).await, "typing");

        let gate = Gate::new().await;
        let mut socket = clogged(&gate).await;
        socket.send("stays").expect("accepted");
        let refused = socket.handle().send_tracked(Outgoing::new("typing").volatile());
        assert!(matches!(refused, Err(SendError::NotReady { .. })), "others wait before it");
        gate.cut().await;
        let lost = interrupted(&mut socket).await;
        assert_eq!((numbers(&lost.unknown), numbers(&lost.unsent)), (vec![1], vec![2]));
        assert_eq!(text(&mut socket).await, "stays");
    }

    async fn a_large_message_leaves_behind_others() {
        // more than a connection of its own takes while it has another
        const LARGE: usize = 65 << 20;
        let id = unique();
        let builder = quick(&url(&format!("/stream?id={id}"))).queue_capacity(100, 128 << 20);
        // no timer may be what sets it going again
        let builder = builder.heartbeat(None).clock_check(None).stable_after(NEVER);
        let builder = builder.provider_timeout(NEVER).connect_timeout(None);
        let mut socket = builder.open().expect("a valid URL");
        open(&mut socket).await;
        assert_eq!(fetch("/token/set?name=turn&value=any").await, "set", "nothing else is under way");
        socket.send("before").expect("accepted");
        socket.send(vec![0; LARGE]).expect("accepted");
        socket.send("after").expect("accepted");
        assert_eq!(stream_record(&id, 2).await, lines(&[(0, "before"), (0, "after")]));
    }

    async fn what_was_handed_over_is_told_without_other_events() {
        let (gate, id) = (Gate::new().await, unique());
        let mut socket = quick(&gate.stream(&id, "")).heartbeat(None).open().expect("a valid URL");
        open(&mut socket).await;
        // the server says nothing that would wake anybody
        let mut tracked = socket.handle().send_tracked("one").expect("accepted");
        assert!(tracked.handed_over().await);
        gate.cut().await;
        assert_eq!(tracked.await, Outcome::Unknown);
    }
}
