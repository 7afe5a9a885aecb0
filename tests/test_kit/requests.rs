//! How each call ends, with a peer that answers as told.

use super::*;
use eversocket::{
    Message,
    reconnect::{
        Backoff, BoxError, Calling, DropReason, Heartbeat, Outgoing, RequestCodec, RequestError, Requests, Session,
    },
};
use futures::FutureExt;

/// `ID TEXT`, in both directions.
struct Lines;

impl RequestCodec for Lines {
    type Request = &'static str;
    type Answer = String;

    fn encode(&self, id: u64, request: &'static str) -> Result<Message, BoxError> {
        match request {
            "unspeakable" => Err("no word for it".into()),
            "panic" => panic!("told to"),
            _ => Ok(format!("{id} {request}").into()),
        }
    }

    fn decode(&self, message: &Message) -> Option<(u64, String)> {
        let (id, answer) = message.as_text()?.split_once(' ')?;
        assert_ne!(answer, "panic", "told to");
        Some((id.parse().ok()?, answer.to_owned()))
    }
}

const LATE: Result<String, RequestError> = Err(RequestError::TimedOut { sent: true });
const UNSENT: Result<String, RequestError> = Err(RequestError::TimedOut { sent: false });
const INTERRUPTED: Result<String, RequestError> = Err(RequestError::Interrupted { reached: false });

fn answer(text: &str) -> Result<String, RequestError> {
    Ok(text.to_owned())
}

/// An open socket, which reconnects at once and asks for no sign of life.
async fn opened(clock: &Clock, network: &Network) -> (ReconnectingWebSocket, Requests<Lines>, Peer) {
    let builder = builder(clock, network).backoff(Backoff::none()).heartbeat(None);
    let mut socket = builder.open().expect("valid");
    let peer = accept(network).await;
    socket.opened().await.expect("open");
    let requests = socket.requests(Lines).expect("the first");
    (socket, requests, peer)
}

/// A call that has been polled.
fn begun(requests: &Requests<Lines>, request: &'static str) -> Calling<String> {
    begin(requests.call(request).into_future())
}

fn begin(mut call: Calling<String>) -> Calling<String> {
    assert!((&mut call).now_or_never().is_none());
    call
}

/// What a future comes to without time.
async fn result(call: &mut Calling<String>) -> Option<Result<String, RequestError>> {
    soon(call).await
}

async fn message(socket: &mut ReconnectingWebSocket) -> Option<Message> {
    soon(socket.next_message()).await.flatten()
}

crate::rules! {
    async fn what_has_no_time_is_not_sent() {
        let (clock, network) = scene();
        let (_socket, requests, mut peer) = opened(&clock, &network).await;
        let late = requests.call("pay").within(seconds(0)).await;
        assert_eq!(late, UNSENT);
        assert_eq!((peer.try_next(), requests.in_flight()), (None, 0));
    }

    async fn a_call_has_thirty_seconds_unless_told_otherwise() {
        let (clock, network) = scene();
        let (mut socket, requests, mut peer) = opened(&clock, &network).await;
        let mut call = begun(&requests, "a");
        let mut short = begin(requests.call("b").within(seconds(10)).into_future());
        let patient = requests.clone().within(None);
        let mut endless = begin(patient.call("c").into_future());
        for text in ["1 a", "2 b", "3 c"] {
            assert_eq!(peer.next().await, Some(text.into()));
        }
        clock.advance(seconds(9));
        assert_eq!(result(&mut short).await, None);
        clock.advance(seconds(1));
        assert_eq!(result(&mut short).await, Some(LATE));
        clock.advance(seconds(19));
        assert_eq!(result(&mut call).await, None);
        clock.advance(seconds(1));
        assert_eq!(result(&mut call).await, Some(LATE));
        clock.advance(seconds(100_000));
        assert_eq!(result(&mut endless).await, None);
        // what comes too late is nobody's
        for text in ["1 late", "2 late", "3 in time", "3 twice", "news"] {
            peer.send(text);
        }
        assert_eq!(result(&mut endless).await, Some(answer("in time")));
        assert_eq!(message(&mut socket).await, Some("news".into()));
    }

    async fn what_waits_past_its_deadline_is_taken_back() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).heartbeat(None).open().expect("valid");
        let requests = socket.requests(Lines).expect("the first").within(seconds(3));
        let peer = network.accept().await;
        let mut call = begun(&requests, "a");
        clock.advance(seconds(3));
        assert_eq!(result(&mut call).await, Some(UNSENT));
        peer.open();
        let mut peer = peer;
        let mut second = begun(&requests, "b");
        assert_eq!(peer.next().await, Some("2 b".into()));
        peer.send("2 b");
        assert_eq!(result(&mut second).await, Some(answer("b")));
        loop {
            if let Some(Event::Dropped(dropped)) = soon(socket.next_event()).await.expect("it is told") {
                assert_eq!(dropped.reason, DropReason::Withdrawn);
                break;
            }
        }
    }

    async fn an_answer_right_before_the_loss_counts() {
        let (clock, network) = scene();
        let (_socket, requests, mut peer) = opened(&clock, &network).await;
        let [mut first, mut second] = ["a", "b"].map(|text| begun(&requests, text));
        assert_eq!(peer.next().await, Some("1 a".into()));
        peer.send("1 a");
        peer.cut();
        assert_eq!(result(&mut second).await, Some(INTERRUPTED));
        assert_eq!(result(&mut first).await, Some(answer("a")));
    }

    async fn a_pause_and_a_replacement_interrupt() {
        let (clock, network) = scene();
        let (socket, requests, _peer) = opened(&clock, &network).await;
        let mut call = begun(&requests, "a");
        socket.handle().reconnect_now();
        assert_eq!(result(&mut call).await, Some(INTERRUPTED));
        let _peer = accept(&network).await;
        state(&socket.handle(), State::is_open).await;
        let mut call = begun(&requests, "b");
        socket.handle().pause();
        assert_eq!(result(&mut call).await, Some(INTERRUPTED));
        // and this one waits
        let mut call = begun(&requests, "c");
        assert_eq!(result(&mut call).await, None);
        socket.handle().resume();
        let mut peer = accept(&network).await;
        assert_eq!(peer.next().await, Some("3 c".into()));
        peer.send("3 c");
        assert_eq!(result(&mut call).await, Some(answer("c")));
    }

    async fn what_is_known_to_have_reached_the_peer_is_told() {
        let (clock, network) = scene();
        let heartbeat = Heartbeat::default().period(seconds(5)).message(|| "ping", |it| it.as_text() == Some("pong"));
        let builder = builder(&clock, &network).backoff(Backoff::none());
        let mut socket = builder.heartbeat(heartbeat.message_everywhere()).open().expect("valid");
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        let requests = socket.requests(Lines).expect("the first");
        let mut call = begun(&requests, "a");
        assert_eq!(peer.next().await, Some("1 a".into()));
        clock.advance(seconds(5));
        assert_eq!(peer.next().await, Some("ping".into()));
        peer.send("pong");
        assert_eq!(result(&mut call).await, None, "it is delivered, and not answered");
        peer.cut();
        assert_eq!(result(&mut call).await, Some(Err(RequestError::Interrupted { reached: true })));
    }

    async fn what_is_idempotent_is_sent_again_as_it_was() {
        let (clock, network) = scene();
        let (_socket, requests, mut peer) = opened(&clock, &network).await;
        let mut call = begin(requests.call("a").idempotent().into_future());
        for _ in 0..3 {
            assert_eq!(peer.next().await, Some("1 a".into()));
            peer.cut();
            assert_eq!(result(&mut call).await, None);
            peer = accept(&network).await;
        }
        assert_eq!(peer.next().await, Some("1 a".into()));
        peer.cut();
        assert_eq!(result(&mut call).await, Some(INTERRUPTED));
        let mut peer = accept(&network).await;
        let _other = begun(&requests, "b");
        assert_eq!(peer.next().await, Some("2 b".into()), "it is not sent a fifth time");
    }

    /// Its deadline is one for all times that it is sent.
    async fn what_was_sent_once_is_never_called_unsent() {
        let (clock, network) = scene();
        let (socket, requests, mut peer) = opened(&clock, &network).await;
        let mut call = begin(requests.call("a").idempotent().within(seconds(3)).into_future());
        assert_eq!(peer.next().await, Some("1 a".into()));
        peer.cut();
        let _never_opens = network.accept().await;
        assert_eq!(result(&mut call).await, None);
        assert_eq!(socket.handle().progress().queued, 1);
        clock.advance(seconds(3));
        assert_eq!(result(&mut call).await, Some(LATE));
        assert_eq!(socket.handle().progress().queued, 0, "it is taken back");
    }

    async fn so_many_at_once_and_the_others_in_their_order() {
        let (clock, network) = scene();
        let (_socket, requests, mut peer) = opened(&clock, &network).await;
        let requests = requests.max_in_flight(2);
        let [mut a, b, c, mut d, mut e] = ["a", "b", "c", "d", "e"].map(|text| begun(&requests, text));
        assert_eq!((peer.next().await, peer.next().await), (Some("1 a".into()), Some("2 b".into())));
        assert!(soon(peer.next()).await.is_none());
        assert_eq!(requests.in_flight(), 2);
        drop((b, c));
        assert_eq!(result(&mut e).await, None, "it is not its turn");
        assert_eq!(result(&mut d).await, None);
        assert_eq!(peer.next().await, Some("4 d".into()));
        peer.send("1 a");
        assert_eq!(result(&mut a).await, Some(answer("a")));
        assert_eq!(result(&mut e).await, None);
        assert_eq!(peer.next().await, Some("5 e".into()));
        // time counts also in line
        let mut late = begin(requests.call("f").within(seconds(1)).into_future());
        clock.advance(seconds(1));
        assert_eq!(result(&mut late).await, Some(UNSENT));
    }

    async fn where_the_queue_is_full_a_call_waits_for_room() {
        let (clock, network) = scene();
        let builder = builder(&clock, &network).heartbeat(None).queue_capacity(1, 1 << 20);
        let socket = builder.open().expect("valid");
        let requests = socket.requests(Lines).expect("the first");
        let mut peer = network.accept().await;
        let [first, given_up, mut second] = ["a", "b", "c"].map(|text| begun(&requests, text));
        assert_eq!(socket.handle().progress().queued, 1);
        drop((first, given_up));
        assert_eq!(result(&mut second).await, None);
        peer.open();
        assert_eq!(peer.next().await, Some("3 c".into()));
        peer.send("3 c");
        assert_eq!(result(&mut second).await, Some(answer("c")));
    }

    async fn the_owner_may_speak_for_itself() {
        let (clock, network) = scene();
        let (mut socket, requests, mut peer) = opened(&clock, &network).await;
        let mut call = begun(&requests, "a");
        socket.send(Outgoing::new("900 its own")).expect("accepted");
        assert_eq!((peer.next().await, peer.next().await), (Some("1 a".into()), Some("900 its own".into())));
        for text in ["first", "900 its answer", "1 a", "0 none", "last"] {
            peer.send(text);
        }
        assert_eq!(result(&mut call).await, Some(answer("a")));
        for text in ["first", "900 its answer", "0 none", "last"] {
            assert_eq!(message(&mut socket).await, Some(text.into()));
        }
    }

    /// Nor what a session handshake leaves unread.
    async fn no_answer_gets_to_the_owner_by_way_of_a_handshake() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network)
            .heartbeat(None)
            .session(|mut session: Session| async move { session.next_message().await.map(drop).ok_or("closed".into()) })
            .open()
            .expect("valid");
        let requests = socket.requests(Lines).expect("the first");
        let mut call = begun(&requests, "a");
        let peer = network.accept().await;
        for text in ["welcome", "1 early bird", "news"] {
            peer.send(text);
        }
        peer.open();
        assert_eq!(message(&mut socket).await, Some("news".into()));
        assert_eq!(result(&mut call).await, Some(answer("early bird")));
    }

    async fn callbacks_do_not_see_answers() {
        let (clock, network) = scene();
        let (socket, requests, mut peer) = opened(&clock, &network).await;
        let (sender, mut seen) = futures::channel::mpsc::unbounded();
        let _guard = socket.on_message(move |message| sender.unbounded_send(message).expect("the test listens"));
        let mut call = begun(&requests, "a");
        assert_eq!(peer.next().await, Some("1 a".into()));
        for text in ["before", "1 a", "after"] {
            peer.send(text);
        }
        assert_eq!(result(&mut call).await, Some(answer("a")));
        assert_eq!(soon(seen.next()).await.flatten(), Some("before".into()));
        assert_eq!(soon(seen.next()).await.flatten(), Some("after".into()));
    }

    /// Answers are no part of the inbox; behind what fills it they cannot be read, and deadlines hold.
    async fn an_owner_who_does_not_read() {
        let (clock, network) = scene();
        let builder = builder(&clock, &network).heartbeat(None).inbox_capacity(4_000);
        let mut socket = builder.open().expect("valid");
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        let requests = socket.requests(Lines).expect("the first");
        let large = "x".repeat(3_000);
        for id in 1..=10 {
            let mut call = begun(&requests, "a");
            assert_eq!(peer.next().await, Some(format!("{id} a").into()));
            peer.send(format!("{id} {large}"));
            assert_eq!(result(&mut call).await, Some(Ok(large.clone())));
        }
        if crate::support::is_browser() {
            // which fails where nobody reads
            return;
        }
        peer.send("x".repeat(5_000));
        turns().await;
        let mut call = begun(&requests, "b");
        assert_eq!(peer.next().await, Some("11 b".into()));
        peer.send("11 b");
        assert_eq!(result(&mut call).await, None);
        clock.advance(seconds(30));
        assert_eq!(result(&mut call).await, Some(LATE));
        assert_eq!(message(&mut socket).await, Some("x".repeat(5_000).into()));
        // and the answer is discarded when it is read
        let mut call = begun(&requests, "c");
        assert_eq!(peer.next().await, Some("12 c".into()));
        peer.send("12 c");
        assert_eq!(result(&mut call).await, Some(answer("c")));
    }

    async fn what_cannot_be_encoded_is_told_with_its_error() {
        let (clock, network) = scene();
        let (_socket, requests, _peer) = opened(&clock, &network).await;
        let error = requests.call("unspeakable").await.expect_err("it fails");
        assert!(error.is_unsent());
        assert_eq!(error.to_string(), "the request could not be encoded");
        assert_eq!(format!("{error:#}"), "the request could not be encoded: no word for it");
        assert_eq!(std::error::Error::source(&error).map(ToString::to_string), Some("no word for it".to_owned()));
        assert_eq!(requests.in_flight(), 0);
    }

    async fn calls_that_are_dropped_leave_nothing() {
        let (clock, network) = scene();
        let (socket, requests, mut peer) = opened(&clock, &network).await;
        for id in 1..=2_000 {
            drop(begun(&requests, "a"));
            assert_eq!(soon(peer.next()).await.flatten(), Some(format!("{id} a").into()));
        }
        socket.handle().pause();
        for _ in 0..2_000 {
            drop(begun(&requests, "a"));
        }
        assert_eq!((requests.in_flight(), socket.handle().progress().queued), (0, 0));
        drop(requests.call("never polled"));
        // nobody awaits it any more, wherever it was: no alarm is left but the socket's
        let shown = format!("{clock:?}");
        assert!(shown.contains("alarms: 1") || shown.contains("alarms: 0"), "{shown}");
    }

    async fn whoever_waits_in_vain_keeps_no_task() {
        let (clock, network) = scene();
        let (_socket, requests, _peer) = opened(&clock, &network).await;
        let requests = requests.max_in_flight(1);
        for mut call in [requests.call("a").into_future(), requests.call("in line").into_future()] {
            let alive = crate::support::poll_as_a_crowd(|context| call.poll_unpin(context).is_pending());
            drop(call);
            assert_eq!(std::sync::Arc::strong_count(&alive), 1);
        }
    }
}

/// Natively alone a panic can be caught.
#[cfg(not(target_arch = "wasm32"))]
#[tokio::test]
async fn a_codec_that_panics_ends_nothing() {
    let (clock, network) = scene();
    let (mut socket, requests, mut peer) = opened(&clock, &network).await;
    let mut call = begun(&requests, "a");
    peer.send("1 panic");
    assert_eq!(message(&mut socket).await, Some("1 panic".into()), "who owns it may know what it is");
    peer.send("1 a");
    assert_eq!(result(&mut call).await, Some(answer("a")));
    let call = std::panic::AssertUnwindSafe(|| requests.call("panic"));
    assert!(std::panic::catch_unwind(call).is_err(), "it panics where it was called");
    let mut call = begun(&requests, "b");
    assert_eq!((peer.next().await, peer.next().await), (Some("1 a".into()), Some("3 b".into())));
    peer.send("3 b");
    assert_eq!(result(&mut call).await, Some(answer("b")));
    assert_eq!(requests.in_flight(), 0);
}
