//! What time it is.

use super::property;
use js_sys::{Date, Function};
use std::{cell::Cell, time::Duration};
use wasm_bindgen::{JsCast, JsValue};

/// The global's `performance`, which windows and workers have, and its `now`.
struct Performance {
    object: JsValue,
    now: Function,
}

impl Performance {
    fn find() -> Option<Self> {
        let object = property(&js_sys::global(), "performance");
        let now = property(&object, "now").dyn_into().ok()?;
        Some(Self { object, now })
    }
}

thread_local! {
    static PERFORMANCE: Option<Performance> = Performance::find();
    /// Only for a clock that can be set, where there is no other.
    static LATEST: Cell<f64> = const { Cell::new(0.0) };
}

/// The time since an origin of its own, by a clock that never goes back.
pub(crate) fn monotonic() -> Duration {
    let now = PERFORMANCE.with(|performance| {
        let Performance { object, now } = performance.as_ref()?;
        now.call0(object).ok()?.as_f64()
    });
    let now = now.unwrap_or_else(Date::now);
    LATEST.set(LATEST.get().max(now));
    from_milliseconds(LATEST.get())
}

/// The time since the Unix epoch, by the system's clock, which can be set.
pub(crate) fn wall_clock() -> Duration {
    from_milliseconds(Date::now())
}

fn from_milliseconds(milliseconds: f64) -> Duration {
    Duration::from_micros((milliseconds * 1000.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn the_clocks_go() {
        let (monotonic_before, wall_before) = (monotonic(), wall_clock());
        while monotonic() == monotonic_before {}
        assert!(monotonic() > monotonic_before);
        assert!(PERFORMANCE.with(Option::is_some), "by the clock that cannot be set");
        assert!(wall_before > Duration::from_secs(1_700_000_000));
    }
}
