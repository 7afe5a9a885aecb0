//! Ten thousand connections, one after the other and in every way that they can end: nothing
//! is left of them. What is counted: callbacks, and natively tasks and file descriptors, in
//! browsers JavaScript values held by wasm, the heap of JavaScript and the memory of wasm.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "support/counted.rs"]
mod counted;
#[path = "support/mod.rs"]
mod support;

use eversocket::Message;
use futures::{StreamExt, channel::mpsc::unbounded};
use std::sync::Arc;
use support::*;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const WARM_UP: usize = 300;

const CYCLES: usize = 10_000;

rules! {
    async fn ten_thousand_connections_leave_nothing() {
        // lives as long as any callback does
        let witness = Arc::new(());
        for index in 0..WARM_UP {
            cycle(index, &witness).await;
        }
        let before = counted::settled(None).await;
        for index in 0..CYCLES {
            cycle(index, &witness).await;
        }
        let after = counted::settled(Some(&before)).await;
        assert_eq!(Arc::strong_count(&witness), 1, "callbacks are left");
        before.assert_no_growth(&after);
        tell(&format!("{CYCLES} connections: before {before:?}, after {after:?}"));
    }
}

/// One connection, which ends in a way that depends on the index.
async fn cycle(index: usize, witness: &Arc<()>) {
    let (sender, mut messages) = unbounded();
    let mut socket = begin(&echo()).expect("a valid URL");
    let (one, two) = (witness.clone(), witness.clone());
    let guard = socket.on_message(move |message| {
        let _alive = &one;
        sender.unbounded_send(message).expect("the test listens");
    });
    socket.on_wake(move || drop(two.clone())).forget();
    if index % 10 == 9 {
        // while connecting
        return;
    }
    socket.next_event().await;
    socket.send("hello").expect("it is open");
    assert_eq!(messages.next().await, Some(Message::from("hello")));
    match index % 4 {
        0 => drop(socket),
        1 => {
            drop(guard);
            socket.close().expect("it closes");
            assert!(closed(&mut socket).await.was_clean);
        }
        _ => {
            socket.close_with(4000, "done").expect("it is allowed");
            assert!(closed(&mut socket).await.was_clean);
        }
    }
}
