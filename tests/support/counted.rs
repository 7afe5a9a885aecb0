//! What a test counts before and after, to see that nothing is left: natively tasks, file
//! descriptors and the memory, in browsers JavaScript values held by wasm, the heap of JavaScript
//! and the memory of wasm.

pub use platform::*;

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use std::time::{Duration, Instant};

    /// Growth that is noise: pages that the allocator keeps.
    const NOISE: usize = 4 << 20;

    #[derive(Debug, PartialEq)]
    pub struct Counted {
        tasks: usize,
        descriptors: usize,
        /// In bytes, where the system tells.
        memory: Option<usize>,
    }

    fn now() -> Counted {
        let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        // where there is no such folder, tasks alone are counted: each owns its descriptor
        let descriptors = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        let pages = std::fs::read_to_string("/proc/self/statm").ok();
        let memory = pages.and_then(|pages| Some(pages.split(' ').nth(1)?.parse::<usize>().ok()? * 4096));
        Counted { tasks, descriptors, memory }
    }

    /// When connections that end in the background have ended.
    pub async fn settled(_before: Option<&Counted>) -> Counted {
        settled_with(0).await
    }

    /// The same, while the two tasks of a reconnecting socket that is open go on.
    #[allow(dead_code, reason = "only reconnecting sockets are counted while they live")]
    pub async fn settled_alive(_before: Option<&Counted>) -> Counted {
        settled_with(2).await
    }

    async fn settled_with(tasks: usize) -> Counted {
        let start = Instant::now();
        while now().tasks > tasks && start.elapsed() < Duration::from_secs(20) {
            tokio::task::yield_now().await;
        }
        now()
    }

    impl Counted {
        pub fn assert_no_growth(&self, after: &Self) {
            assert!(after.tasks <= self.tasks, "tasks are left: {self:?} grew to {after:?}");
            assert!(after.descriptors <= self.descriptors, "{self:?} grew to {after:?}");
            if let (Some(before), Some(after)) = (self.memory, after.memory) {
                assert!(after.saturating_sub(before) < NOISE, "the memory grew from {before} to {after}");
            }
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
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
        if !crate::support::is_firefox() {
            assert_eq!(crate::support::ask("/wait-open-sockets?count=0&of=echo").await, "0");
        }
        settled_alive(before).await
    }

    /// The same, while a reconnecting socket is open.
    pub async fn settled_alive(before: Option<&Counted>) -> Counted {
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
