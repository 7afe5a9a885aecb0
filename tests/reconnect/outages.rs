//! Servers that are gone and come back.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    Cause, ReconnectingWebSocket,
    reconnect::{Backoff, Builder, Event, Failure, State},
};

rules! {
    async fn a_server_that_is_killed_is_waited_for() {
        let (gate, id) = (Gate::new().await, unique());
        let mut socket = quick(&gate.stream(&id, "&echo=1")).open().expect("a valid URL");
        assert_eq!(socket.send("one").expect("accepted").get(), 1);
        assert_eq!(socket.send("two").expect("accepted").get(), 2);
        assert_eq!((text(&mut socket).await, text(&mut socket).await), ("one".to_owned(), "two".to_owned()));

        gate.stop().await;
        let lost = interrupted(&mut socket).await;
        assert!(matches!(lost.failure, Failure::Connection(_)), "{:?}", lost.failure);
        assert_eq!((numbers(&lost.unknown), numbers(&lost.unsent)), (vec![1, 2], vec![]));
        assert_eq!(waiting(&mut socket).await.failure, lost.failure);
        assert_eq!(socket.send("three").expect("accepted").get(), 3);
        // refused once, so that the restart is met by a later attempt
        let refused = waiting(&mut socket).await;
        assert!(matches!(&refused.failure, Failure::Connection(error) if is_refusal(error.cause())), "{refused:?}");
        assert_eq!(socket.send("four").expect("accepted").get(), 4);

        gate.start().await;
        let mut seen = Vec::new();
        while seen.last().is_none_or(|event| *event != Event::Message("four".into())) {
            let event = socket.next_event().await.expect("it goes on");
            if !matches!(event, Event::State(State::Waiting(_) | State::Connecting { .. })) {
                seen.push(event);
            }
        }
        let [Event::State(State::Open), Event::Gap(gap), Event::Message(three), Event::Message(_)] = &seen[..] else {
            panic!("{seen:?}");
        };
        assert_eq!((numbers(&gap.unknown), three), (vec![1, 2], &"three".into()));
        let expected = lines(&[(0, "one"), (0, "two"), (1, "three"), (1, "four")]);
        assert_eq!(stream_record(&id, 4).await, expected);
    }

    async fn an_attempt_that_fails_is_no_sign_of_life() {
        let gate = Gate::new().await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        socket.send("one").expect("accepted");
        assert_eq!(text(&mut socket).await, "one");
        gate.stop().await;
        for _ in 0..3 {
            waiting(&mut socket).await;
        }
        gate.start().await;
        let gap = gap(&mut socket).await;
        assert!(gap.silent >= gap.away, "the last message came before the loss: {gap:?}");
    }

    async fn the_first_connection_is_tried_by_the_same_policy() {
        let gate = Gate::new().await;
        gate.stop().await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        socket.send("early").expect("accepted");
        assert_eq!(waiting(&mut socket).await.next_attempt, 2);
        assert_eq!(waiting(&mut socket).await.next_attempt, 3);
        gate.start().await;
        let early = until(&mut socket, |event| {
            assert!(!matches!(event, Event::Interrupted(_) | Event::Gap(_)), "nothing was open before");
            if let Event::Message(message) = event { Some(message.clone()) } else { None }
        });
        assert_eq!(early.await, "early".into());
    }

    async fn connections_that_are_cut_before_the_upgrade_are_tried_again() {
        let gate = Gate::new().await;
        gate.set("cut").await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        for next_attempt in [2, 3] {
            let waiting = waiting(&mut socket).await;
            assert_eq!(waiting.next_attempt, next_attempt);
            assert!(matches!(waiting.failure, Failure::Connection(_)), "{:?}", waiting.failure);
        }
        gate.set("serve").await;
        open(&mut socket).await;
    }

    async fn what_a_lost_connection_had_not_taken_is_sent_by_the_next() {
        if crashes_when_clogged() {
            return;
        }
        let gate = Gate::new().await;
        let mut socket = clogged(&gate).await;
        socket.send("two").expect("accepted");
        socket.send("three").expect("accepted");
        gate.cut().await;
        let lost = interrupted(&mut socket).await;
        assert_eq!((numbers(&lost.unknown), numbers(&lost.unsent)), (vec![1], vec![2, 3]));
        assert_eq!((text(&mut socket).await, text(&mut socket).await), ("two".to_owned(), "three".to_owned()));
    }

    async fn a_hundred_interruptions_in_a_row_are_survived() {
        let (gate, id) = (Gate::new().await, unique());
        let mut socket = quick(&gate.stream(&id, "&echo=1")).backoff(Backoff::none()).open().expect("a valid URL");
        for round in 0..100 {
            socket.send(round.to_string()).expect("accepted");
            assert_eq!(text(&mut socket).await, round.to_string());
            gate.cut().await;
            assert_eq!(numbers(&interrupted(&mut socket).await.unknown), [round + 1]);
        }
        let expected: Vec<_> = (0..100).map(|round| (round, round.to_string())).collect();
        assert_eq!(stream_record(&id, 100).await, expected);
    }
}

fn is_refusal(cause: &Cause) -> bool {
    matches!(cause, Cause::Refused) || is_browser() && *cause == Cause::Hidden
}

/// A socket whose connection has taken a message that does not leave, because nobody reads.
pub async fn clogged(gate: &Gate) -> ReconnectingWebSocket {
    clogged_with(gate, |builder| builder).await
}

pub async fn clogged_with(gate: &Gate, options: impl FnOnce(Builder) -> Builder) -> ReconnectingWebSocket {
    /// More than the buffers of both systems hold.
    const MUCH: usize = 32 << 20;
    let builder = options(quick(&gate.echo()).heartbeat(None).transport_buffer(1).queue_capacity(100, 64 << 20));
    let mut socket = builder.open().expect("a valid URL");
    open(&mut socket).await;
    gate.freeze().await;
    let mut much = socket.handle().send_tracked(vec![0; MUCH]).expect("accepted");
    assert!(much.handed_over().await);
    socket
}
