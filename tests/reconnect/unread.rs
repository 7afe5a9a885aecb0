//! An owner who does not read: what becomes of the connection must not wait for it.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    CloseCode, ReconnectingWebSocket,
    reconnect::{Backoff, Builder, Event, Failure, Handle, State},
};
use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, unbounded},
};

const CAPACITY: usize = 8 << 10;
/// More than both inboxes take, and little enough for the system to have it all with the end after it:
/// the end of a connection whose window is closed cannot arrive.
const FLOOD: u64 = 50;
/// What may wait beyond that of connections that were lost.
const REST: usize = 16 << 20;
const SIZE: usize = 1_024;

/// Its first connection goes to one URL, the others to another; tells of each that begins.
fn first_to(first: String, others: String) -> (Builder, UnboundedReceiver<()>) {
    let (begun, begins) = unbounded();
    let builder = ReconnectingWebSocket::with_endpoint(move |attempt| {
        begun.unbounded_send(()).expect("somebody listens");
        let url = if attempt.failure.is_none() { first.clone() } else { others.clone() };
        std::future::ready(Ok(url))
    });
    let builder = builder.backpressure(with_backpressure()).backoff(Backoff::constant(ms(20)));
    (builder.inbox_capacity(CAPACITY), begins)
}

/// Waits until it has been lost and is open again, without reading an event.
async fn reopened(handle: &Handle) {
    let mut states = handle.states();
    let mut was_open = false;
    let mut was_lost = false;
    while let Some(state) = states.next().await {
        match state {
            State::Open if was_lost => return,
            State::Open => was_open = true,
            _ => was_lost = was_open,
        }
    }
    panic!("it has ended");
}

/// Reads what had arrived before the connection was lost: messages that begin with their index.
async fn arrived(socket: &mut ReconnectingWebSocket) -> (u64, Failure) {
    let mut next = 0_u64;
    loop {
        match socket.next_event().await.expect("it goes on") {
            Event::Message(message) => {
                let message = message.as_binary().expect("binary");
                assert_eq!(message[..8], next.to_be_bytes(), "in order, without a hole");
                next += 1;
            }
            Event::Interrupted(lost) => return (next, lost.failure),
            Event::State(_) => {}
            other => panic!("{other:?} before the interruption"),
        }
    }
}

/// A connection that fills the inbox is lost as told; what came before, and why it was lost.
async fn lost_unread(steps: &str, lose: impl AsyncFnOnce(&Gate, &Script)) -> (u64, Failure) {
    let (gate, id) = (Gate::new().await, unique());
    let script = gate.script(steps);
    let (builder, mut begins) = first_to(script.url.clone(), gate.stream(&id, "&greet=1"));
    let mut socket = builder.open().expect("a provider");
    let handle = socket.handle();
    handle.opened().await.expect("it opens");
    // a browser may not tell of the opening of a connection that is lost at once
    handle.send("go").expect("accepted");
    lose(&gate, &script).await;
    // it may be open again by now
    for _ in 0..2 {
        begins.next().await.expect("it connects again");
    }
    handle.opened().await.expect("it opens again");
    let sent = handle.send_tracked("goes on").expect("accepted");
    assert_eq!(stream_record(&id, 1).await, lines(&[(0, "goes on")]));
    let result = arrived(&mut socket).await;
    gap(&mut socket).await;
    assert_eq!(text(&mut socket).await, "hello 0");
    drop(sent);
    result
}

rules! {
    async fn a_reset_is_noticed_by_an_owner_who_does_not_read() {
        if tells_the_end_last() {
            return;
        }
        let reset = async |gate: &Gate, script: &Script| {
            // a browser's own inbox is full first
            if !is_browser() {
                script.held_back().await;
                gate.cut().await;
            }
        };
        let (count, failure) = lost_unread("accept;expect;flood:40000:1024;hang", reset).await;
        assert!(count >= (CAPACITY / SIZE / 2) as u64, "{count} messages");
        match failure {
            Failure::Connection(_) if !is_browser() => {}
            Failure::Closed(_) | Failure::Connection(_) if is_browser() => {}
            other => panic!("{other:?}"),
        }
    }

    async fn an_end_of_tcp_is_noticed_by_an_owner_who_does_not_read() {
        let (count, _) = lost_unread(&format!("accept;expect;flood:{FLOOD}:{SIZE};cut"), async |_, _| {}).await;
        if is_browser() {
            assert!(count >= (CAPACITY / SIZE / 2) as u64, "{count} messages");
        } else {
            assert_eq!(count, FLOOD, "all that had arrived");
        }
    }

    async fn a_close_is_noticed_by_an_owner_who_does_not_read() {
        if tells_the_end_last() {
            return;
        }
        let (count, failure) = lost_unread(&format!("accept;expect;flood:{FLOOD}:{SIZE};close:4000"), async |_, _| {}).await;
        if !is_browser() {
            assert_eq!(count, FLOOD, "all that had arrived");
            assert!(matches!(failure, Failure::Closed(close) if close.code == CloseCode(4000)));
        }
    }

    async fn what_nobody_reads_stays_within_bounds_over_many_connections() {
        const ROUNDS: usize = 6;
        let gate = Gate::new().await;
        let url = gate.url(&format!("/script?do={}", encode(&format!("accept;flood:{FLOOD}:{SIZE};cut"))));
        let builder = quick(&url).backoff(Backoff::none()).inbox_capacity(CAPACITY);
        let mut socket = builder.open().expect("a valid URL");
        let handle = socket.handle();
        for _ in 0..ROUNDS {
            reopened(&handle).await;
        }
        socket.close();
        let (mut bytes, mut next, mut interruptions) = (0, 0_u64, 0);
        for event in rest(&mut socket).await {
            match event {
                Event::Message(message) => {
                    let message = message.as_binary().expect("binary");
                    bytes += message.len();
                    assert_eq!(message[..8], next.to_be_bytes(), "in order, without a hole");
                    next += 1;
                }
                Event::Interrupted(_) => {
                    next = 0;
                    interruptions += 1;
                }
                _ => {}
            }
        }
        tell(&format!("{bytes} bytes, {interruptions} interruptions"));
        assert!((CAPACITY / 2..CAPACITY + REST + (1 << 20)).contains(&bytes), "{bytes} bytes were kept");
        assert!(interruptions >= ROUNDS, "{interruptions} interruptions are told");
    }
}
