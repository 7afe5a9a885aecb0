//! How users test their code: with a network and a clock of their own. The same on all targets.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "../support/calls_back.rs"]
mod calls_back;
#[path = "../support/mod.rs"]
mod support;

mod credentials;
mod errors;
mod extremes;
mod fetches;
mod foreign;
mod heartbeats;
mod plain;
mod requests;
mod retrying;
mod sending;
mod sessions;
mod unread;
mod users;
mod waits;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Builder, Ended, Event, Handle, Interruption, State, Waiting},
    test_kit::{Clock, Network, Peer},
};
use futures::{StreamExt, future::select, pin_mut};
use std::{
    future::{Future, poll_fn},
    task::Poll,
    time::Duration,
};

const URL: &str = "wss://example.com/chat";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A clock, and a network that goes by it.
fn scene() -> (Clock, Network) {
    let clock = Clock::new();
    (clock.clone(), Network::with_clock(clock))
}

fn builder(clock: &Clock, network: &Network) -> Builder {
    ReconnectingWebSocket::builder(URL).network(network.clone()).clock(clock.clone()).seed(7)
}

/// The server's end of the next connection, open.
async fn accept(network: &Network) -> Peer {
    let peer = network.accept().await;
    peer.open();
    peer
}

async fn state(handle: &Handle, wanted: impl Fn(&State) -> bool) -> State {
    let mut states = handle.states();
    loop {
        let state = states.next().await.expect("it has not ended");
        if wanted(&state) {
            return state;
        }
    }
}

async fn waiting(handle: &Handle) -> Waiting {
    match state(handle, |state| matches!(state, State::Waiting(_))).await {
        State::Waiting(waiting) => waiting,
        other => panic!("{other}"),
    }
}

async fn interrupted(socket: &mut ReconnectingWebSocket) -> Interruption {
    loop {
        match socket.next_event().await {
            Some(Event::Interrupted(interruption)) => return interruption,
            Some(_) => {}
            None => panic!("no interruption"),
        }
    }
}

async fn ended(socket: &mut ReconnectingWebSocket) -> Ended {
    soon(socket.ended()).await.expect("it ends")
}

/// Lets everything else go as far as it can without any time passing.
async fn turns() {
    assert!(soon(std::future::pending::<()>()).await.is_none());
}

/// What comes of a future without any time passing.
async fn soon<F: Future>(future: F) -> Option<F::Output> {
    let mut turns = 200;
    let patience = poll_fn(move |context| {
        turns -= 1;
        if turns == 0 {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    });
    pin_mut!(future);
    match select(future, patience).await {
        futures::future::Either::Left((output, _)) => Some(output),
        futures::future::Either::Right(_) => None,
    }
}
