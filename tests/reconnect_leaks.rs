//! Thousands of reconnects of one socket, in every way that a connection can be lost: nothing is
//! left of them while the socket lives, and nothing at all when it is gone.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "support/counted.rs"]
mod counted;
#[path = "support/mod.rs"]
mod support;

use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Backoff, Decision, Heartbeat, RetryPolicy, Session},
};
use std::sync::Arc;
use support::{reconnecting::*, *};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const WARM_UP: usize = 600;

/// As many as a test run has time for, or as `cargo xtask soak` says. A browser makes some hundred
/// connections a second.
const CYCLES: usize = match option_env!("EVERSOCKET_RECONNECTS") {
    Some(number) => match usize::from_str_radix(number, 10) {
        Ok(number) => number,
        Err(_) => panic!("EVERSOCKET_RECONNECTS is no number"),
    },
    None if cfg!(target_arch = "wasm32") => 3_000,
    None => 10_000,
};

rules! {
    async fn thousands_of_reconnects_leave_nothing() {
        // lives as long as any hook or callback does
        let witness = Arc::new(());
        let before_all = {
            let mut socket = open_one(&witness).await;
            reconnect(&mut socket, WARM_UP).await;
            drop(socket);
            counted::settled(None).await
        };
        let mut socket = open_one(&witness).await;
        reconnect(&mut socket, WARM_UP).await;
        let before = counted::settled_alive(None).await;
        reconnect(&mut socket, CYCLES).await;
        let after = counted::settled_alive(Some(&before)).await;
        before.assert_no_growth(&after);
        drop(socket);
        let after_all = counted::settled(Some(&before_all)).await;
        before_all.assert_no_growth(&after_all);
        assert_eq!(Arc::strong_count(&witness), 1, "hooks or callbacks are left");
        tell(&format!("{CYCLES} reconnects: before {before:?}, after {after:?}; all gone: {after_all:?}"));
    }
}

async fn open_one(witness: &Arc<()>) -> ReconnectingWebSocket {
    let urls = ["accept;text:hi;expect:3;reset", "accept;text:hi;expect:3;close:4000", "accept;text:hi;expect:3;cut"]
        .map(|steps| url(&format!("/script?do={}", encode(steps))));
    let (provider, greeting, callback) = (witness.clone(), witness.clone(), witness.clone());
    let mut index = 0;
    let mut socket = ReconnectingWebSocket::with_endpoint(move |_| {
        let _alive = &provider;
        index += 1;
        // every fifth attempt fails before it is open
        let url = if index % 5 == 4 { url("/nothing-here") } else { urls[index % 3].clone() };
        std::future::ready(Ok(url))
    })
    .retry(RetryPolicy::new().on_status(404, Decision::Retry).on_status(426, Decision::Retry))
    .session(move |mut session: Session| {
        let alive = greeting.clone();
        async move {
            session.send("init")?;
            let welcome = session.next_message().await;
            drop(alive);
            if welcome.is_some() { Ok(()) } else { Err("no welcome".into()) }
        }
    })
    .heartbeat(Heartbeat::default())
    .backoff(Backoff::none())
    .open()
    .expect("a provider");
    socket.on_gap(move |_| drop(callback.clone())).forget();
    socket.handle().set_sticky("topic", "sticky");
    open(&mut socket).await;
    socket
}

/// Loses so many connections; every third is replaced by this side.
async fn reconnect(socket: &mut ReconnectingWebSocket, times: usize) {
    let handle = socket.handle();
    for index in 0..times {
        if index % 3 == 0 {
            handle.reconnect_now();
        } else {
            drop(handle.send_tracked("lost").expect("accepted"));
        }
        interrupted(socket).await;
        open(socket).await;
    }
}
