//! A peer that is gone without a word.

use super::*;
use crate::support::is_browser;
use eversocket::reconnect::{Failure, Heartbeat};

fn heartbeat() -> Heartbeat {
    let heartbeat = Heartbeat::default().period(seconds(5)).dead_after(seconds(3));
    if is_browser() { heartbeat.message(|| "ping", |answer| answer.as_text() == Some("pong")) } else { heartbeat }
}

crate::rules! {
    async fn a_half_open_link_is_noticed_within_period_and_limit() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).heartbeat(heartbeat()).open().expect("valid");
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        peer.pause();
        let start = clock.now();
        while clock.now() < start + seconds(8) {
            clock.advance_to_alarm().await;
        }
        assert_eq!(clock.now(), start + seconds(8));
        let lost = soon(interrupted(&mut socket)).await.expect("noticed");
        assert_eq!(lost.failure, Failure::Unresponsive { after: seconds(3) });
        peer.resume();
        assert_eq!(peer.closed().await.code, 4000);
    }

    async fn a_peer_that_answers_stays() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).heartbeat(heartbeat()).open().expect("valid");
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        for _ in 0..100 {
            clock.advance(seconds(5));
            if is_browser() {
                assert_eq!(peer.next().await, Some("ping".into()));
                clock.advance(seconds(1));
                peer.send("pong");
            }
            turns().await;
        }
        assert!(socket.state().is_open());
        let expected = if is_browser() { seconds(1) } else { seconds(0) };
        assert_eq!(socket.handle().round_trip(), Some(expected));
    }

    async fn pings_alone_may_go_unanswered() {
        if is_browser() {
            return; // it has none
        }
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).heartbeat(heartbeat()).open().expect("valid");
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        peer.answer_pings(false);
        while clock.now() < seconds(7) {
            clock.advance(seconds(1));
            // the driver sees each second
            turns().await;
            socket.send("still taken").expect("accepted");
            assert_eq!(peer.next().await, Some("still taken".into()));
        }
        assert!(socket.state().is_open());
        clock.advance(seconds(1));
        soon(interrupted(&mut socket)).await.expect("noticed");
    }

    async fn after_sleep_a_silent_peer_is_asked_once_more() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).heartbeat(heartbeat()).open().expect("valid");
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        peer.pause();
        clock.advance_to_alarm().await;
        turns().await;
        clock.sleep(seconds(600));
        clock.advance(seconds(2));
        turns().await;
        assert!(socket.state().is_open());
        peer.resume();
        if is_browser() {
            assert_eq!(peer.next().await, Some("ping".into()));
            peer.send("pong");
        }
        clock.advance(seconds(2));
        assert!(soon(interrupted(&mut socket)).await.is_none());
    }
}
