//! What a handle can ask for, over real connections.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::reconnect::{DropReason, EndCause, Failure, Heartbeat, Outcome, Release, SendError, State};
use futures::{FutureExt, future::join};

fn beats() -> Heartbeat {
    Heartbeat::default()
        .period(NEVER)
        .dead_after(ms(200))
        .message(|| "ping", |answer| answer.as_text() == Some("pong"))
        .message_everywhere()
}

/// A server that cannot be reached yet, and where it will keep its record.
async fn away() -> (Gate, String) {
    let gate = Gate::new().await;
    gate.stop().await;
    (gate, unique())
}

fn is_closed(cause: &EndCause) -> bool {
    matches!(cause, EndCause::Closed { .. })
}

rules! {
    async fn a_shutdown_sends_what_waits_and_closes() {
        let id = unique();
        let mut socket = quick(&url(&format!("/stream?id={id}"))).open().expect("a valid URL");
        open(&mut socket).await;
        let handle = socket.handle();
        for number in 0..100 {
            handle.send(number.to_string()).expect("accepted");
        }
        handle.shutdown(NEVER);
        assert!(matches!(handle.send("late"), Err(SendError::Ended { .. })));
        let ended = socket.ended().await;
        let EndCause::Closed { close: Some(close) } = &ended.cause else { panic!("{ended:?}") };
        assert!(close.was_clean && close.code == 1000 && ended.unsent.is_empty(), "{ended:?}");
        assert_eq!(ended.reached == ended.handed_over, !is_browser(), "a ping was answered: {ended:?}");
        assert_eq!(stream_record(&id, 100).await.len(), 100);
    }

    async fn a_shutdown_goes_on_connecting_for_what_waits() {
        let (gate, id) = away().await;
        let mut socket = quick(&gate.stream(&id, "")).open().expect("a valid URL");
        socket.send("goodbye").expect("accepted");
        waiting(&mut socket).await;
        socket.handle().shutdown(NEVER);
        let (ended, ()) = join(socket.ended(), gate.start()).await;
        assert!(is_closed(&ended.cause) && ended.unsent.is_empty(), "{ended:?}");
        assert_eq!(stream_record(&id, 1).await, lines(&[(0, "goodbye")]));
    }

    async fn a_shutdown_with_nothing_to_send_ends_at_once() {
        let (gate, _) = away().await;
        let mut socket = slow(&gate.echo()).open().expect("a valid URL");
        waiting(&mut socket).await;
        socket.handle().shutdown(NEVER);
        assert_eq!(socket.state(), State::Ended(EndCause::Closed { close: None }));
        assert_eq!(socket.ended().await.cause, EndCause::Closed { close: None });
    }

    async fn a_shutdown_that_is_late_gives_back_what_is_unsent() {
        let (gate, _) = away().await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        let number = socket.send("late").expect("accepted");
        socket.handle().shutdown(ms(50));
        let ended = socket.ended().await;
        assert!(is_closed(&ended.cause), "{ended:?}");
        assert_eq!(ended.unsent, [(number, "late".into())]);
    }

    async fn a_shutdown_whose_peer_does_not_answer_tells_what_is_unknown() {
        let url = url(&format!("/apart?name={}&reads=0", unique()));
        let mut socket = quick(&url).heartbeat(beats().dead_after(NEVER)).open().expect("a valid URL");
        open(&mut socket).await;
        let tracked = socket.handle().send_tracked("not read").expect("accepted");
        socket.handle().shutdown(ms(200));
        let ended = socket.ended().await;
        assert!(is_closed(&ended.cause) && ended.unsent.is_empty(), "{ended:?}");
        assert_eq!(numbers(&ended.unknown), [1]);
        assert_eq!(tracked.await, Outcome::Unknown);
    }

    async fn what_waits_can_be_withdrawn() {
        let (gate, id) = away().await;
        let mut socket = quick(&gate.stream(&id, "")).open().expect("a valid URL");
        let handle = socket.handle();
        handle.send("one").expect("accepted");
        let two = handle.send_tracked("two").expect("accepted");
        let three = handle.send("three").expect("accepted");
        assert_eq!(handle.withdraw(two.sequence_number()), Some("two".into()));
        assert_eq!(handle.withdraw(two.sequence_number()), None);
        let dropped = dropped(&mut socket).await;
        assert_eq!((dropped.reason, numbers(&dropped.messages)), (DropReason::Withdrawn, vec![2]));
        assert_eq!(two.await, Outcome::NotSent(DropReason::Withdrawn));
        gate.start().await;
        assert_eq!(stream_record(&id, 2).await, lines(&[(0, "one"), (0, "three")]));
        assert_eq!(handle.withdraw(three), None, "it was sent");
    }

    async fn a_handle_waits_until_all_has_left() {
        let (gate, id) = away().await;
        let mut socket = quick(&gate.stream(&id, "")).open().expect("a valid URL");
        let handle = socket.handle();
        assert_eq!(handle.flushed().now_or_never(), Some(Ok(())), "there is nothing");
        for number in 0..100 {
            handle.send(number.to_string()).expect("accepted");
        }
        assert_eq!(handle.flushed().now_or_never(), None);
        let (flushed, ()) = join(handle.flushed(), gate.start()).await;
        assert_eq!((flushed, handle.progress().queued), (Ok(()), 0));
        assert_eq!(stream_record(&id, 100).await.len(), 100);
        gate.stop().await;
        interrupted(&mut socket).await;
        handle.send("unsent").expect("accepted");
        let (flushed, ()) = join(handle.flushed(), async { handle.close() }).await;
        assert!(flushed.is_err_and(|error| is_closed(&error.cause)));
    }

    async fn handles_wait_for_the_end() {
        let socket = quick(&echo()).open().expect("a valid URL");
        let (one, two) = (socket.handle(), socket.handle());
        assert_eq!(one.ended().now_or_never(), None);
        let (first, second) = join(one.ended(), async { drop(socket); two.ended().await }).await;
        assert!(is_closed(&first) && first == second, "{first:?}, {second:?}");
        assert_eq!(one.ended().now_or_never(), Some(first));
    }

    async fn health_is_of_one_moment() {
        let gate = Gate::new().await;
        let mut socket = slow(&gate.echo()).heartbeat(None).open().expect("a valid URL");
        open(&mut socket).await;
        socket.send("one").expect("accepted");
        let health = socket.handle().health();
        assert_eq!((health.state.name(), health.attempt, health.last_failure), ("open", 1, None));
        assert!(health.open_for.is_some() && health.time_to_retry.is_none() && health.round_trip.is_none());
        assert_eq!(health.progress, socket.handle().progress());
        gate.stop().await;
        let waiting = waiting(&mut socket).await;
        let health = socket.handle().health();
        assert_eq!((health.state.name(), health.attempt), ("waiting", 2));
        assert_eq!(health.last_failure, Some(waiting.failure));
        assert!(health.open_for.is_none() && health.time_to_retry.is_some_and(|left| left <= NEVER));
    }

    async fn a_probe_asks_for_a_sign_of_life_now() {
        let gate = Gate::new().await;
        let url = gate.url(&format!("/apart?name={}", unique()));
        let mut socket = quick(&url).heartbeat(beats()).open().expect("a valid URL");
        let handle = socket.handle();
        handle.probe();
        open(&mut socket).await;
        let mut tracked = handle.send_tracked("one").expect("accepted");
        assert!(tracked.handed_over().await);
        handle.probe();
        assert_eq!(tracked.await, Outcome::Delivered);
        assert!(handle.round_trip().is_some());
        gate.freeze().await;
        handle.probe();
        let lost = interrupted(&mut socket).await;
        assert!(matches!(lost.failure, Failure::Unresponsive { .. }), "{:?}", lost.failure);
        open(&mut socket).await;
    }

    async fn another_network_ends_a_wait_and_asks_an_open_connection() {
        let (gate, _) = away().await;
        let url = gate.url(&format!("/apart?name={}", unique()));
        let mut socket = slow(&url).heartbeat(beats()).open().expect("a valid URL");
        waiting(&mut socket).await;
        gate.start().await;
        socket.handle().network_changed();
        open(&mut socket).await;
        gate.freeze().await;
        socket.handle().network_changed();
        let lost = interrupted(&mut socket).await;
        assert!(matches!(lost.failure, Failure::Unresponsive { .. }), "{:?}", lost.failure);
    }

    async fn without_a_network_nothing_is_tried() {
        let (gate, _) = away().await;
        let mut socket = slow(&gate.echo()).open().expect("a valid URL");
        waiting(&mut socket).await;
        gate.start().await;
        let handle = socket.handle();
        handle.set_online(false);
        assert_eq!(handle.state(), State::Offline);
        handle.set_online(true);
        open(&mut socket).await;
        handle.set_online(false);
        socket.send("still there").expect("accepted");
        assert_eq!(text(&mut socket).await, "still there");
        gate.cut().await;
        until_state(&mut socket, |state| (*state == State::Offline).then_some(())).await;
        assert_eq!(gate.count().await, 1);
        handle.set_online(true);
        open(&mut socket).await;
    }

    async fn in_the_background_the_connection_is_let_go_in_time() {
        let gate = Gate::new().await;
        let mut socket = quick(&gate.echo()).hidden_limit(ms(20)).open().expect("a valid URL");
        open(&mut socket).await;
        let handle = socket.handle();
        handle.set_foreground(false);
        let lost = interrupted(&mut socket).await;
        assert_eq!(lost.failure, Failure::Released(Release::PageHidden));
        assert_eq!(handle.state(), State::Paused(Release::PageHidden));
        handle.set_foreground(true);
        open(&mut socket).await;
        assert_eq!(gate.count().await, 2);
    }

    async fn contents_of_unknown_fate_are_kept_where_asked_for() {
        let (gate, id) = (Gate::new().await, unique());
        let builder = quick(&gate.stream(&id, "")).heartbeat(None).retain_unknown(1 << 20);
        let mut socket = builder.open().expect("a valid URL");
        let handle = socket.handle();
        let sent = ["one", "two", "three"].map(|text| (handle.send(text).expect("accepted"), text.into()));
        stream_record(&id, 3).await;
        assert_eq!(handle.take_unknown(), [], "the connection is there");
        handle.confirm_through(sent[0].0);
        gate.cut().await;
        assert_eq!(numbers(&interrupted(&mut socket).await.unknown), [2, 3]);
        assert_eq!(handle.take_unknown(), sent[1..]);
        assert_eq!(handle.take_unknown(), []);
    }

    async fn what_is_confirmed_is_delivered() {
        let (gate, id) = (Gate::new().await, unique());
        let mut socket = quick(&gate.stream(&id, "")).heartbeat(None).open().expect("a valid URL");
        let handle = socket.handle();
        let [one, two, three] = ["one", "two", "three"].map(|text| handle.send_tracked(text).expect("accepted"));
        stream_record(&id, 3).await;
        let second = two.sequence_number();
        handle.confirm_through(second);
        assert_eq!((one.await, two.await), (Outcome::Delivered, Outcome::Delivered));
        assert_eq!(handle.progress().delivered, Some(second));
        gate.cut().await;
        assert_eq!(numbers(&interrupted(&mut socket).await.unknown), [3]);
        assert_eq!(three.await, Outcome::Unknown);
        assert_eq!(numbers(&gap(&mut socket).await.unknown), [3]);
        // beyond what was handed over it stands for all that was
        gate.stop().await;
        interrupted(&mut socket).await;
        let waits = handle.send_tracked("four").expect("accepted");
        handle.confirm_through(waits.sequence_number());
        assert_eq!(waits.now_or_never(), None, "it is not sent yet");
    }
}
