//! When and how often it is tried again.

use super::*;
use crate::support::is_browser;
use eversocket::{
    Cause, Message,
    reconnect::{Backoff, EndCause, Endpoint, Failure, Jitter, Release},
    test_kit::http_refusal,
};

fn equal() -> Backoff {
    Backoff::exponential(seconds(2), seconds(60)).jitter(Jitter::Equal)
}

/// The delay after a cut, with this seed.
async fn delay(seed: u64) -> Duration {
    let (clock, network) = scene();
    let socket = builder(&clock, &network).seed(seed).backoff(equal()).open().expect("valid");
    accept(&network).await.cut();
    let waiting = waiting(&socket.handle()).await;
    assert_eq!(socket.handle().time_to_retry(), Some(waiting.delay));
    waiting.delay
}

crate::rules! {
    async fn after_a_cut_it_connects_again_at_its_time() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).backoff(equal()).open().expect("valid");
        let handle = socket.handle();
        let peer = accept(&network).await;
        socket.opened().await.expect("open");
        peer.cut();
        let wait = waiting(&handle).await;
        assert!(seconds(1) <= wait.delay && wait.delay <= seconds(2), "{:?}", wait.delay);
        let expected = if is_browser() { Cause::Hidden } else { Cause::Disconnected };
        assert_eq!(wait.failure.cause(), Some(&expected));

        clock.advance(wait.delay / 2);
        assert_eq!(handle.time_to_retry(), Some(wait.delay - wait.delay / 2));
        assert!(soon(network.accept()).await.is_none(), "too early");
        clock.advance(wait.delay - wait.delay / 2);
        accept(&network).await;
    }

    async fn a_seed_fixes_the_delay() {
        assert_eq!(delay(3).await, delay(3).await);
        assert_ne!(delay(3).await, delay(4).await);
    }

    async fn the_clock_goes_exactly_to_the_next_attempt() {
        let (clock, network) = scene();
        let builder = builder(&clock, &network).backoff(Backoff::constant(seconds(3))).clock_check(None);
        let socket = builder.open().expect("valid");
        network.accept().await.refuse(Cause::Refused);
        waiting(&socket.handle()).await;
        assert_eq!(clock.advance_to_alarm().await, seconds(3));
        assert!(soon(network.accept()).await.is_some());
    }

    async fn it_gives_up_after_as_many_attempts_as_allowed() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).max_attempts(3).open().expect("valid");
        let handle = socket.handle();
        for attempt in 1..=3 {
            network.accept().await.refuse(Cause::Refused);
            if attempt < 3 {
                assert_eq!(waiting(&handle).await.next_attempt, attempt + 1);
                clock.advance(handle.time_to_retry().expect("it waits"));
            }
        }
        let ended = ended(&mut socket).await;
        assert!(matches!(ended.cause, EndCause::AttemptsExhausted { attempts: 3, .. }), "{ended:?}");
        assert!(network.try_accept().is_none());
    }

    async fn retry_after_is_honoured_where_it_is_seen() {
        let (clock, network) = scene();
        let socket = builder(&clock, &network).open().expect("valid");
        network.accept().await.refuse(http_refusal(503, [("Retry-After", "70")]));
        let delay = waiting(&socket.handle()).await.delay;
        let expected = if is_browser() { seconds(0)..=seconds(1) } else { seconds(70)..=seconds(80) };
        assert!(expected.contains(&delay), "{delay:?}");
    }

    async fn after_sleep_a_wait_is_over() {
        let (clock, network) = scene();
        let socket = builder(&clock, &network).backoff(Backoff::constant(seconds(7200))).open().expect("valid");
        accept(&network).await.cut();
        waiting(&socket.handle()).await;
        clock.sleep(seconds(3600));
        assert!(soon(network.accept()).await.is_none(), "nothing has run yet");
        assert!(clock.advance_to_alarm().await <= seconds(10));
        soon(network.accept()).await.expect("the wait is over");
    }

    async fn an_attempt_that_is_not_answered_has_a_deadline() {
        let (clock, network) = scene();
        let socket = builder(&clock, &network).connect_timeout(seconds(4)).open().expect("valid");
        let mut peer = network.accept().await;
        clock.advance(seconds(4));
        assert_eq!(waiting(&socket.handle()).await.failure, Failure::ConnectTimeout { after: seconds(4) });
        assert_eq!(peer.next().await, None);
        assert_eq!(peer.closed().await.code, 1006);
    }

    async fn a_provider_that_hangs_has_a_deadline() {
        let (clock, network) = scene();
        let (asked, mut is_asked) = futures::channel::mpsc::unbounded();
        let builder = ReconnectingWebSocket::with_endpoint(move |attempt| {
            asked.unbounded_send(()).expect("the test listens");
            async move {
                if attempt.number == 1 {
                    std::future::pending::<()>().await;
                }
                Ok(Endpoint::new(URL))
            }
        });
        let socket = builder.network(network.clone()).clock(clock.clone()).provider_timeout(seconds(5)).open();
        let socket = socket.expect("valid");
        // its time runs from when it is asked, however late the driver is
        clock.advance(seconds(11));
        is_asked.next().await;
        clock.advance(seconds(5));
        let wait = waiting(&socket.handle()).await;
        assert_eq!(wait.failure, Failure::ProviderTimeout { after: seconds(5) });
        clock.advance(wait.delay);
        accept(&network).await;
    }

    async fn a_provider_that_panics_has_failed_an_attempt() {
        if is_browser() {
            return; // a panic ends a wasm module, unless built to unwind
        }
        let (clock, network) = scene();
        let builder = ReconnectingWebSocket::with_endpoint(|attempt| async move {
            assert!(attempt.number > 1, "the first goes wrong");
            Ok(Endpoint::new(URL))
        });
        let socket = builder.network(network.clone()).clock(clock.clone()).open().expect("valid");
        let wait = waiting(&socket.handle()).await;
        assert!(format!("{:#}", wait.failure).contains("the first goes wrong"), "{:#}", wait.failure);
        clock.advance(wait.delay);
        accept(&network).await;
    }

    async fn an_attempt_made_before_its_time_is_not_made_again_at_that_time() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).backoff(Backoff::constant(seconds(20))).open().expect("valid");
        let handle = socket.handle();
        accept(&network).await.cut();
        waiting(&handle).await;
        handle.reconnect_now();
        assert_eq!(handle.time_to_retry(), None);
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        clock.advance(seconds(20));
        assert!(soon(network.accept()).await.is_none());
        assert!(soon(peer.closed()).await.is_none() && handle.state().is_open());
    }

    async fn a_pause_lets_go_and_its_end_connects_again() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).open().expect("valid");
        let handle = socket.handle();
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        handle.pause();
        assert_eq!(peer.closed().await.code, 1000);
        assert_eq!(interrupted(&mut socket).await.failure, Failure::Released(Release::Paused));
        assert_eq!(handle.state(), State::Paused(Release::Paused));
        socket.send("kept").expect("it waits");
        clock.advance(seconds(3600));
        assert!(soon(network.accept()).await.is_none());
        handle.resume();
        let mut peer = accept(&network).await;
        assert_eq!(peer.next().await, Some(Message::from("kept")));
    }
}

/// The socket sees where the clock stands, whatever thread it is driven on.
#[cfg(not(target_arch = "wasm32"))]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn advancing_is_the_same_on_many_threads() {
    let (clock, network) = scene();
    let mut socket = builder(&clock, &network).backoff(Backoff::constant(seconds(3))).open().expect("valid");
    let handle = socket.handle();
    for round in 0..200 {
        let mut peer = accept(&network).await;
        let text = round.to_string();
        socket.send(text.clone()).expect("accepted");
        assert_eq!(peer.next().await, Some(text.into()));
        peer.cut();
        assert_eq!(waiting(&handle).await.delay, seconds(3));
        assert_eq!(handle.time_to_retry(), Some(seconds(3)));
        clock.advance(seconds(3));
    }
    assert_eq!(clock.now(), seconds(600));
}
