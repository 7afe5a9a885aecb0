//! Pausing, going on, and trying at once.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Failure, Release, State},
};

async fn paused(socket: &mut ReconnectingWebSocket) {
    until_state(socket, |state| (*state == State::Paused(Release::Paused)).then_some(())).await;
}

/// Once paused, what is sent waits, and no connection is made until the pause ends.
async fn rests_and_goes_on(gate: &Gate, socket: &mut ReconnectingWebSocket) {
    paused(socket).await;
    let before = gate.count().await;
    let handle = socket.handle();
    handle.send("waits").expect("accepted");
    handle.pause();
    assert_eq!((handle.state(), handle.time_to_retry()), (State::Paused(Release::Paused), None));
    assert_eq!(gate.count().await, before);
    gate.set("serve").await;
    handle.resume();
    assert_eq!(text(socket).await, "waits");
    assert_eq!(gate.count().await, before + 1);
}

rules! {
    async fn a_pause_lets_go_of_an_open_connection() {
        let gate = Gate::new().await;
        let script = gate.script("accept;echo");
        let mut socket = quick(&script.url).open().expect("a valid URL");
        open(&mut socket).await;
        socket.send("one").expect("accepted");
        assert_eq!(text(&mut socket).await, "one");
        socket.handle().pause();
        let lost = interrupted(&mut socket).await;
        assert_eq!((lost.failure, numbers(&lost.unknown)), (Failure::Released(Release::Paused), vec![1]));
        assert_eq!(script.frames().await, ["text one", "close 1000", "eof"]);
        rests_and_goes_on(&gate, &mut socket).await;
    }

    async fn a_pause_ends_an_attempt() {
        let gate = Gate::new().await;
        gate.set("hang").await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        gate.wait_for(1).await;
        socket.handle().pause();
        rests_and_goes_on(&gate, &mut socket).await;
    }

    async fn a_pause_ends_a_session_handshake() {
        let gate = Gate::new().await;
        let mut first = true;
        let mut socket = quick(&gate.echo())
            .session(move |_| {
                let hangs = std::mem::take(&mut first);
                async move { if hangs { std::future::pending().await } else { Ok(()) } }
            })
            .open()
            .expect("a valid URL");
        until_state(&mut socket, |state| matches!(state, State::Handshaking { .. }).then_some(())).await;
        socket.handle().pause();
        rests_and_goes_on(&gate, &mut socket).await;
    }

    async fn a_pause_ends_a_wait() {
        let gate = Gate::new().await;
        gate.set("cut").await;
        let mut socket = slow(&gate.echo()).open().expect("a valid URL");
        waiting(&mut socket).await;
        socket.handle().pause();
        rests_and_goes_on(&gate, &mut socket).await;
    }

    async fn to_resume_what_is_not_paused_changes_nothing() {
        let gate = Gate::new().await;
        gate.set("cut").await;
        let mut socket = slow(&gate.echo()).open().expect("a valid URL");
        waiting(&mut socket).await;
        let handle = socket.handle();
        handle.resume();
        assert!(matches!(handle.state(), State::Waiting(_)));
        assert!(handle.time_to_retry().is_some_and(|left| left <= NEVER && left > NEVER / 2));
        gate.set("serve").await;
        handle.reconnect_now();
        open(&mut socket).await;
        handle.resume();
        assert_eq!((handle.state(), gate.count().await), (State::Open, 2));
    }

    async fn to_reconnect_now_ends_a_wait_and_counts_anew() {
        let gate = Gate::new().await;
        gate.set("cut").await;
        let mut socket = slow(&gate.echo()).max_attempts(2).open().expect("a valid URL");
        for _ in 0..3 {
            assert_eq!(waiting(&mut socket).await.next_attempt, 2);
            socket.handle().reconnect_now();
        }
        waiting(&mut socket).await;
        gate.set("serve").await;
        socket.handle().reconnect_now();
        open(&mut socket).await;
    }

    async fn to_reconnect_now_ends_a_pause() {
        let gate = Gate::new().await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        open(&mut socket).await;
        socket.handle().pause();
        paused(&mut socket).await;
        socket.handle().reconnect_now();
        open(&mut socket).await;
    }

    async fn to_reconnect_now_replaces_an_open_connection() {
        let (gate, id) = (Gate::new().await, unique());
        let mut socket = slow(&gate.stream(&id, "&echo=1")).open().expect("a valid URL");
        socket.send("one").expect("accepted");
        assert_eq!(text(&mut socket).await, "one");
        socket.handle().reconnect_now();
        let lost = interrupted(&mut socket).await;
        assert_eq!((lost.failure, numbers(&lost.unknown)), (Failure::Released(Release::Replaced), vec![1]));
        socket.send("two").expect("accepted");
        assert_eq!(numbers(&gap(&mut socket).await.unknown), [1]);
        assert_eq!(text(&mut socket).await, "two");
        assert_eq!(stream_record(&id, 2).await, lines(&[(0, "one"), (1, "two")]));
    }

    async fn to_reconnect_now_replaces_an_attempt_that_hangs() {
        let gate = Gate::new().await;
        gate.set("hang").await;
        let mut socket = slow(&gate.echo()).open().expect("a valid URL");
        gate.wait_for(1).await;
        socket.handle().reconnect_now();
        // those that hang are served too, so the first must be gone by then
        gate.wait_for(2).await;
        gate.set("serve").await;
        open(&mut socket).await;
        assert_eq!(gate.count().await, 2);
    }
}
