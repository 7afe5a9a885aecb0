//! Peers that are gone without a word. Natively the heartbeat is a ping; a browser sends none, so
//! that there it is a message.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Backoff, Event, Failure, Heartbeat, Outcome, State},
};
use std::time::Duration;

const PERIOD: Duration = Duration::from_millis(200);
const LIMIT: Duration = Duration::from_millis(1000);

fn heartbeat() -> Heartbeat {
    let is_answer = |message: &eversocket::Message| message.as_text() == Some("beat");
    Heartbeat::default().period(PERIOD).dead_after(LIMIT).message(|| "beat", is_answer)
}

rules! {
    async fn an_answered_heartbeat_confirms_what_was_sent_before_it() {
        let mut socket = quick(&echo()).heartbeat(heartbeat().message_everywhere()).open().expect("a valid URL");
        let handle = socket.handle();
        let one = handle.send_tracked("one").expect("accepted");
        assert_eq!(one.await, Outcome::Delivered);
        let progress = handle.progress();
        assert_eq!((progress.delivered.map(|number| number.get()), progress.queued), (Some(1), 0));
        assert!(handle.round_trip().is_some_and(|time| time < Duration::from_secs(20)));
        socket.send("two").expect("accepted");
        // the answers are nobody's messages
        assert_eq!((text(&mut socket).await, text(&mut socket).await), ("one".to_owned(), "two".to_owned()));
    }

    /// The server's library answers pings by itself, and its application reads nothing.
    async fn an_answered_ping_tells_that_the_peer_was_reached_and_no_more() {
        if is_browser() {
            // which pings by itself, or not at all
            return;
        }
        let (gate, name) = (Gate::new().await, unique());
        let mut socket = quick(&gate.url(&format!("/apart?name={name}&reads=0"))).heartbeat(heartbeat()).open().expect("a valid URL");
        let handle = socket.handle();
        let mut one = handle.send_tracked("one").expect("accepted");
        assert!(one.reached().await);
        let progress = handle.progress();
        assert_eq!((progress.reached.map(|number| number.get()), progress.delivered), (Some(1), None));
        gate.cut().await;
        let lost = interrupted(&mut socket).await;
        assert_eq!((numbers(&lost.unknown), numbers(&lost.reached)), (vec![1], vec![1]));
        assert_eq!(one.await, Outcome::Reached);
    }

    async fn heartbeats_may_be_messages_everywhere() {
        let script = Script::new("accept;expect;text:beat;expect;text:beat");
        let everywhere = heartbeat().message_everywhere();
        let mut socket = slow(&script.url).heartbeat(everywhere).open().expect("a valid URL");
        open(&mut socket).await;
        let handle = socket.handle();
        while handle.round_trip().is_none() {
            // the second heartbeat comes after the answer to the first
            assert!(handle.state().is_open());
            fetch(&format!("/wait-started?id={}", script.id())).await;
        }
        socket.close();
        let mut messages = 0;
        for event in rest(&mut socket).await {
            messages += usize::from(matches!(event, Event::Message(_)));
        }
        assert_eq!(messages, 0, "answers are not handed out");
        assert_eq!(script.frames().await.first().map(String::as_str), Some("text beat"));
    }

    async fn a_half_open_link_is_noticed_and_replaced() {
        let gate = Gate::new().await;
        let script = gate.script("accept;echo");
        let urls = [script.url.clone(), gate.echo()];
        let mut urls = urls.into_iter();
        let mut socket = ReconnectingWebSocket::with_endpoint(move |_| {
            std::future::ready(urls.next().ok_or_else(|| "no third connection".into()))
        })
        .backoff(Backoff::constant(ms(20)))
        .heartbeat(heartbeat())
        .open()
        .expect("a provider");
        socket.send("one").expect("accepted");
        assert_eq!(text(&mut socket).await, "one");
        gate.freeze().await;
        socket.send("two").expect("accepted");
        let lost = interrupted(&mut socket).await;
        assert_eq!(lost.failure, Failure::Unresponsive { after: LIMIT });
        assert!(numbers(&lost.unknown).ends_with(&[2]), "{lost:?}");
        // TCP of the old one is still up
        gap(&mut socket).await;
        socket.send("three").expect("accepted");
        assert_eq!(text(&mut socket).await, "three");
        gate.thaw().await;
        let frames = script.frames().await;
        assert!(frames.contains(&"close 4000 no answer to a heartbeat".to_owned()), "{frames:?}");
    }

    async fn a_server_that_froze_and_died_is_waited_for() {
        let gate = Gate::new().await;
        let mut socket = quick(&gate.echo()).heartbeat(heartbeat()).open().expect("a valid URL");
        open(&mut socket).await;
        gate.freeze().await;
        gate.set("hang").await;
        assert_eq!(interrupted(&mut socket).await.failure, Failure::Unresponsive { after: LIMIT });
        gate.stop().await;
        gate.set("serve").await;
        gate.start().await;
        open(&mut socket).await;
        socket.send("back").expect("accepted");
        assert_eq!(text(&mut socket).await, "back");
    }

    async fn any_message_is_a_sign_of_life() {
        // nothing answers the heartbeats, but messages come until the last was expected
        let script = Script::new("accept;expect-ping;expect-ping");
        let (url, heartbeat) = match is_browser() {
            // in a browser heartbeats are messages: each is met by one that is no answer
            true => (Script::new("accept;echo:12;close:4000").url, heartbeat().message(|| "other", |_| false)),
            false => (script.url, heartbeat().dead_after(NEVER)),
        };
        let mut socket = slow(&url).heartbeat(heartbeat.period(ms(50)).dead_after(ms(1000))).open().expect("a valid URL");
        if is_browser() {
            // twelve periods of 50 ms are shorter than the limit only if it is set anew each time
            let failure = waiting(&mut socket).await.failure;
            assert_eq!(failure.close_code(), Some(4000), "{failure:?}");
        } else {
            assert_eq!(waiting(&mut socket).await.failure, Failure::Unresponsive { after: ms(1000) });
        }
    }

    async fn without_one_silence_is_no_failure() {
        let gate = Gate::new().await;
        let mut socket = quick(&gate.echo()).heartbeat(None).open().expect("a valid URL");
        open(&mut socket).await;
        gate.freeze().await;
        socket.send("late").expect("accepted");
        gate.thaw().await;
        let late = until(&mut socket, |event| match event {
            Event::Message(message) => Some(message.clone()),
            Event::State(State::Waiting(_)) | Event::Interrupted(_) => panic!("{event:?}"),
            _ => None,
        });
        assert_eq!(late.await, "late".into());
    }
}
