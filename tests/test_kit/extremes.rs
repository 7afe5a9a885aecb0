//! Options at the ends of their ranges, and hooks that misbehave: whatever they do, nothing hangs and
//! nothing is lost without a word.

use super::{foreign::*, *};
use crate::support::is_browser;
#[cfg(not(target_arch = "wasm32"))]
use eversocket::reconnect::Failure;
use eversocket::{
    Message,
    reconnect::{
        Backoff, Carrier, Credentials, EndCause, Heartbeat, Jitter, Outcome, Outgoing, Overflow, RetryPolicy, Tracked,
    },
};
#[cfg(not(target_arch = "wasm32"))]
use futures::FutureExt;
use futures::future::join;
use std::sync::{Arc, Mutex};

const DURATIONS: [Duration; 5] =
    [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(1), Duration::from_secs(u64::MAX), Duration::MAX];
const HOUR: u64 = 3_600;

/// Serves the newest connection, if there is one, for a moment, and cuts it.
async fn serve_and_cut(clock: &Clock, network: &Network) {
    turns().await;
    if let Some(peer) = std::iter::from_fn(|| network.try_accept()).last() {
        peer.open();
        turns().await;
        peer.send("hello");
        turns().await;
        clock.advance(seconds(5));
        turns().await;
        peer.cut();
        turns().await;
    }
    clock.advance(seconds(5));
}

/// Sends, receives, loses connections, and ends; all that was sent has a fate.
async fn lives(clock: &Clock, network: &Network, builder: Builder) {
    let mut socket = builder.open().expect("valid");
    let handle = socket.handle();
    let mut sent: Vec<Tracked> = Vec::new();
    for round in 0..6 {
        for message in [Outgoing::new(""), Outgoing::new(Vec::new()), Outgoing::new("text")] {
            sent.extend(handle.send_tracked(message));
        }
        sent.extend(handle.send_tracked(Outgoing::new("expires").expires_in(DURATIONS[round % DURATIONS.len()])));
        turns().await;
        if let Some(mut peer) = std::iter::from_fn(|| network.try_accept()).last() {
            peer.open();
            turns().await;
            for _ in 0..3 {
                peer.send("");
            }
            turns().await;
            clock.advance(seconds(1));
            turns().await;
            while peer.try_next().is_some() {}
            peer.cut();
            turns().await;
        }
        while socket.try_next().is_some() {}
        match round % 2 {
            0 => handle.reconnect_now(),
            _ => clock.advance(seconds(HOUR)),
        }
    }
    handle.shutdown(Duration::MAX);
    turns().await;
    socket.close();
    drop(std::iter::from_fn(|| network.try_accept()).last());
    clock.advance(seconds(HOUR));
    let cause = soon(handle.ended()).await;
    assert!(cause.is_some(), "it does not end: {:?}", handle.state());
    for tracked in sent {
        assert!(soon(tracked).await.is_some(), "its fate is not told");
    }
}

type Set = fn(Builder, Duration) -> Builder;

const SETTERS: [(&str, Set); 14] = [
    ("backoff", |builder, time| builder.backoff(Backoff::constant(time))),
    ("steps", |builder, time| builder.backoff(Backoff::steps([time, time]).jitter(Jitter::Full))),
    ("base", |builder, time| builder.backoff(Backoff::exponential(time, Duration::MAX))),
    ("cap", |builder, time| builder.backoff(Backoff::exponential(seconds(1), time))),
    ("custom", |builder, time| builder.backoff(Backoff::custom(move || std::iter::repeat(time)))),
    ("max_elapsed", |builder, time| builder.max_elapsed(time)),
    ("stable_after", |builder, time| builder.stable_after(time)),
    ("provider_timeout", |builder, time| builder.provider_timeout(time)),
    ("connect_timeout", |builder, time| builder.connect_timeout(time)),
    ("session_timeout", |builder, time| builder.session(|_| std::future::ready(Ok(()))).session_timeout(time)),
    ("close_timeout", |builder, time| builder.close_timeout(time)),
    ("heartbeat", |builder, time| {
        let heartbeat = Heartbeat::default().period(time).dead_after(time);
        builder.heartbeat(heartbeat.message(|| "ping", |answer| answer.as_text() == Some("pong")))
    }),
    ("hidden_limit", |builder, time| builder.hidden_limit(time)),
    ("clock_check", |builder, time| builder.clock_check(time)),
];

watched! {
    async fn any_duration_has_a_defined_effect() {
        for (_name, set) in SETTERS {
            for time in DURATIONS {
                let (clock, network) = scene();
                lives(&clock, &network, set(builder(&clock, &network), time)).await;
            }
        }
    }

    async fn any_growth_has_a_defined_effect() {
        let factors =
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 0.0, -0.0, 1.0, -1.0];
        for factor in factors {
            for jitter in [Jitter::None, Jitter::Full] {
                let (clock, network) = scene();
                let backoff = Backoff::exponential(seconds(1), seconds(30)).factor(factor).jitter(jitter);
                let socket = builder(&clock, &network).backoff(backoff).open().expect("valid");
                for _ in 0..100 {
                    network.accept().await.cut();
                    let delay = waiting(&socket.handle()).await.delay;
                    assert!(delay <= seconds(30), "{delay:?} by {factor}");
                    clock.advance(delay);
                }
            }
        }
    }

    async fn any_capacity_takes_messages_one_after_the_other() {
        let bounds = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 3), (usize::MAX, u64::MAX)];
        for (messages, bytes) in bounds {
            for transport in [0, 1, u64::MAX] {
                for retained in [0, 1, u64::MAX] {
                    for inbox in [0, 1, usize::MAX] {
                        let (clock, network) = scene();
                        let builder = builder(&clock, &network).queue_capacity(messages, bytes);
                        let builder = builder.transport_buffer(transport).retain_unknown(retained);
                        // in a browser a full inbox fails its connection
                        let builder = if is_browser() { builder } else { builder.inbox_capacity(inbox) };
                        let mut socket = builder.open().expect("valid");
                        flows(&network, &mut socket).await;
                    }
                }
            }
        }
    }

    async fn any_policy_takes_a_message_into_an_empty_queue() {
        for overflow in [Overflow::Wait, Overflow::Refuse, Overflow::DropOldest, Overflow::DropNewest] {
            for (messages, bytes) in [(0, 0), (1, 0), (0, 1)] {
                let (clock, network) = scene();
                let builder = builder(&clock, &network).queue_capacity(messages, bytes).overflow(overflow);
                let mut socket = builder.open().expect("valid");
                let handle = socket.handle();
                let first = handle.send_tracked("first").expect("the queue is empty");
                let second = handle.send_tracked("second");
                assert_eq!(second.is_ok(), overflow == Overflow::DropOldest);
                assert_eq!(handle.progress().queued, 1);
                socket.close();
                let not_sent = soon(first).await;
                assert!(matches!(not_sent, Some(Outcome::NotSent(_))), "{not_sent:?}");
            }
        }
    }

    async fn no_attempt_allowed_is_one() {
        for attempts in [0, 1] {
            let (clock, network) = scene();
            let mut socket = builder(&clock, &network).max_attempts(attempts).open().expect("valid");
            socket.send("kept").expect("accepted");
            if let Some(peer) = soon(network.accept()).await {
                peer.cut();
            }
            let ended = ended(&mut socket).await;
            assert!(matches!(ended.cause, EndCause::AttemptsExhausted { .. }), "{:?}", ended.cause);
            assert_eq!(ended.unsent.len(), 1);
        }
    }

    async fn hooks_that_never_answer_cost_no_message() {
        for hook in 0..3 {
            let (clock, network) = scene();
            let builder = match hook {
                0 => ReconnectingWebSocket::with_endpoint(|_| std::future::pending::<Result<String, _>>()),
                1 => {
                    let source = Credentials::new(|_| std::future::pending());
                    builder(&clock, &network).credentials(source.carry(Carrier::query("token")))
                }
                _ => builder(&clock, &network).session(|_| std::future::pending()),
            };
            let builder = builder.network(network.clone()).clock(clock.clone()).backoff(Backoff::none());
            let mut socket = builder.open().expect("valid");
            let number = socket.send("kept").expect("accepted");
            for _ in 0..3 {
                turns().await;
                if let Some(peer) = network.try_accept() {
                    peer.open();
                    turns().await;
                    std::mem::forget(peer);
                }
                clock.advance(seconds(30));
            }
            turns().await;
            assert!(socket.handle().health().last_failure.is_some(), "hook {hook} has failed");
            socket.handle().shutdown(seconds(30));
            turns().await;
            clock.advance(seconds(30));
            let ended = ended(&mut socket).await;
            assert_eq!(ended.unsent, [(number, Message::from("kept"))], "hook {hook}");
        }
    }

    async fn hooks_may_drop_the_socket() {
        for hook in 0..12 {
            let (clock, network) = scene();
            let slot: Arc<Mutex<Option<ReconnectingWebSocket>>> = Arc::default();
            let take = {
                let slot = slot.clone();
                move |which: usize| {
                    let socket = if which == hook { slot.lock().expect("whole").take() } else { None };
                    drop(socket);
                }
            };
            let socket = droppable(&clock, &network, take.clone());
            let handle = socket.handle();
            let guards = [
                { let take = take.clone(); socket.on_message(move |_| take(8)) },
                { let take = take.clone(); socket.on_state(move |_| take(9)) },
                { let take = take.clone(); socket.on_interrupted(move |_| take(10)) },
                { let take = take.clone(); socket.on_wake(move || take(11)) },
            ];
            let tracked = handle.send_tracked("followed").expect("accepted");
            *slot.lock().expect("whole") = Some(socket);
            for _ in 0..4 {
                serve_and_cut(&clock, &network).await;
            }
            let cause = soon(handle.ended()).await;
            assert!(matches!(cause, Some(EndCause::Closed { .. })), "hook {hook}: {cause:?}");
            assert!(soon(tracked).await.is_some(), "hook {hook}: the fate of what was sent is not told");
            assert!(slot.lock().expect("whole").is_none(), "hook {hook} was not called");
            drop(guards);
        }
    }
}

/// With a hook of each kind, which is told its index.
fn droppable(
    clock: &Clock,
    network: &Network,
    take: impl Fn(usize) + Clone + Send + Sync + 'static,
) -> ReconnectingWebSocket {
    let hooks: [_; 8] = std::array::from_fn(|index| {
        let take = take.clone();
        move || take(index)
    });
    let [provider, source, session, predicate, delays, make, is_answer, refused] = hooks;
    let credentials = Credentials::new(move |_| {
        source();
        std::future::ready(Ok("token".into()))
    });
    let credentials = credentials.carry(Carrier::query("token")).refused_by(move |_| {
        refused();
        false
    });
    let heartbeat = Heartbeat::default().period(seconds(5)).message(
        move || {
            make();
            "ping"
        },
        move |_| {
            is_answer();
            false
        },
    );
    let builder = ReconnectingWebSocket::with_endpoint(move |_| {
        provider();
        std::future::ready(Ok(URL))
    });
    builder
        .network(network.clone())
        .clock(clock.clone())
        .credentials(credentials)
        .session(move |_| {
            session();
            std::future::ready(Ok(()))
        })
        .retry(RetryPolicy::new().on_failure(move |_| {
            predicate();
            None
        }))
        .backoff(Backoff::custom(move || {
            delays();
            std::iter::repeat(seconds(1))
        }))
        .heartbeat(heartbeat.message_everywhere())
        .open()
        .expect("a provider")
}

/// Messages of any length flow in both directions, in order.
async fn flows(network: &Network, socket: &mut ReconnectingWebSocket) {
    let handle = socket.handle();
    let message = |index: usize| Message::from(vec![0; index % 4]);
    let mut peer = accept(network).await;
    let send = async {
        for index in 0..12 {
            handle.send_wait(message(index)).await.expect("it goes on");
        }
    };
    let receive = async {
        for index in 0..12 {
            assert_eq!(peer.next().await, Some(message(index)));
        }
        for index in 0..12 {
            peer.send(message(index));
        }
    };
    join(send, receive).await;
    for index in 0..12 {
        assert_eq!(socket.next_message().await, Some(message(index)));
    }
    handle.close();
    assert!(soon(handle.ended()).await.is_some());
}

/// The panics' words are printed: they are part of the test.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn hooks_may_panic() {
    watch(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        for hook in 0..12 {
            runtime.block_on(async {
                let (clock, network) = scene();
                let take = move |which: usize| assert!(which != hook, "this panic is part of the test");
                let mut socket = droppable(&clock, &network, take);
                let handle = socket.handle();
                let guards = [
                    (hook == 8).then(|| socket.on_message(move |_| take(8))),
                    (hook == 9).then(|| socket.on_state(move |_| take(9))),
                    (hook == 10).then(|| socket.on_interrupted(move |_| take(10))),
                    (hook == 11).then(|| socket.on_wake(move || take(11))),
                ];
                let mut sent = Vec::new();
                for _ in 0..4 {
                    sent.extend(handle.send_tracked("followed"));
                    serve_and_cut(&clock, &network).await;
                }
                // those of functions that answer later count as failures, those of others end it
                let failure = handle.health().last_failure;
                match hook {
                    0..=2 => assert!(
                        matches!(
                            failure,
                            Some(Failure::Provider { .. } | Failure::Credentials { .. } | Failure::Handshake { .. })
                        ),
                        "hook {hook}: {failure:?}"
                    ),
                    3..=7 => assert_eq!(soon(handle.ended()).await, Some(EndCause::Panicked), "hook {hook}"),
                    _ => assert!(!handle.state().is_ended(), "hook {hook}: a callback's panic is its own"),
                }
                socket.close();
                let ended = soon(socket.ended()).await;
                assert!(ended.is_some(), "hook {hook}: it does not end");
                for tracked in sent {
                    let outcome = tracked.now_or_never();
                    assert!(outcome.is_some(), "hook {hook}: the fate of what was sent is not told");
                }
                drop(guards);
            });
        }
    });
}
