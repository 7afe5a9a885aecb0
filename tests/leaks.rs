//! Ten thousand connections, one after the other and in every way that they can end: nothing
//! is left of them. What is counted: callbacks, and natively tasks and file descriptors, in
//! browsers JavaScript values held by wasm, the heap of JavaScript and the memory of wasm.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "support/mod.rs"]
mod support;

use eversocket::{Message, WebSocket};
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
    let mut socket = WebSocket::new(&echo()).expect("a valid URL");
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

#[cfg(not(target_arch = "wasm32"))]
mod counted {
    use std::time::{Duration, Instant};

    #[derive(Debug, PartialEq)]
    pub struct Counted {
        tasks: usize,
        descriptors: usize,
    }

    fn now() -> Counted {
        let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        // where there is no such folder, tasks alone are counted: each owns its descriptor
        let descriptors = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        Counted { tasks, descriptors }
    }

    /// When connections that end in the background have ended.
    pub async fn settled(_before: Option<&Counted>) -> Counted {
        let start = Instant::now();
        while now().tasks > 0 && start.elapsed() < Duration::from_secs(20) {
            tokio::task::yield_now().await;
        }
        now()
    }

    impl Counted {
        pub fn assert_no_growth(&self, after: &Self) {
            assert_eq!(after.tasks, 0, "tasks are left");
            assert!(after.descriptors <= self.descriptors, "{self:?} grew to {after:?}");
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod counted {
    use js_sys::{Function, Reflect, futures::JsFuture, global};
    use wasm_bindgen::{JsCast, JsValue};

    /// Growth that is noise: what a garbage collector has not found yet, and its own books.
    const NOISE: f64 = 512.0 * 1024.0;

    #[derive(Debug)]
    pub struct Counted {
        values: u32,
        /// Chrome alone tells.
        heap: Option<f64>,
        memory: f64,
    }

    /// Never asks what is undefined for anything: a thrown error would itself be a value left.
    fn property(object: &JsValue, path: &[&str]) -> JsValue {
        let get = |object: JsValue, name: &&str| match object.is_undefined() {
            true => object,
            false => Reflect::get(&object, &(*name).into()).expect("an object"),
        };
        path.iter().fold(object.clone(), get)
    }

    fn now() -> Counted {
        if let Ok(collect) = property(&global(), &["gc"]).dyn_into::<Function>() {
            collect.call0(&JsValue::NULL).expect("a collection");
        }
        Counted {
            values: wasm_bindgen::externref_heap_live_count(),
            heap: property(&global(), &["performance", "memory", "usedJSHeapSize"]).as_f64(),
            memory: property(&wasm_bindgen::memory(), &["buffer", "byteLength"]).as_f64().expect("a length"),
        }
    }

    /// When connections that end in the background have ended, and their events were handled:
    /// a hundred turns of the event loop, and as many more as it takes to come down to what was
    /// before, within the deadline of a close.
    pub async fn settled(before: Option<&Counted>) -> Counted {
        // of the echo alone: an earlier test's script may wait for a client that is gone;
        // Firefox keeps the byte stream of a closed attempt until its own deadline
        if !super::is_firefox() {
            assert_eq!(super::ask("/wait-open-sockets?count=0&of=echo").await, "0");
        }
        let deadline = js_sys::Date::now() + 15_000.0;
        let is_down = || before.is_none_or(|before| wasm_bindgen::externref_heap_live_count() <= before.values);
        for turns in 0.. {
            if turns >= 100 && (is_down() || js_sys::Date::now() > deadline) {
                break;
            }
            let turn = js_sys::Promise::new(&mut |resolve, _| {
                let set_timeout: Function = property(&global(), &["setTimeout"]).unchecked_into();
                set_timeout.call1(&JsValue::NULL, &resolve).expect("a timer");
            });
            JsFuture::from(turn).await.expect("it resolves");
        }
        now()
    }

    impl Counted {
        pub fn assert_no_growth(&self, after: &Self) {
            assert!(after.values <= self.values, "JavaScript values: {self:?} grew to {after:?}");
            assert_eq!(after.memory, self.memory, "wasm's memory: {self:?} grew to {after:?}");
            if let (Some(before), Some(after)) = (self.heap, after.heap) {
                assert!(after - before < NOISE, "the heap of JavaScript grew from {before} to {after}");
            }
        }
    }
}
