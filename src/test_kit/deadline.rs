//! A deadline of a scripted connection: by a test's clock, or in real time.

use super::clock::{Alarm, Clock};
use crate::platform::{Sleep, spawn};
use futures::future::{AbortHandle, abortable};
use std::time::Duration;

/// Calls a function when its time has come, unless it is dropped before.
pub(super) enum Deadline {
    Virtual(#[allow(dead_code, reason = "held for as long as it may ring")] Alarm),
    Real(AbortHandle),
}

impl Deadline {
    pub(super) fn after(time: Duration, clock: Option<&Clock>, function: impl FnOnce() + Send + 'static) -> Self {
        if let Some(clock) = clock {
            return Self::Virtual(clock.call_after(time, function));
        }
        let (task, abort) = abortable(async move {
            Sleep::new(time).await;
            function();
        });
        // where no task can run, there is no deadline
        let _no_runtime = spawn(async move { task.await.unwrap_or_default() });
        Self::Real(abort)
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        if let Self::Real(abort) = self {
            abort.abort();
        }
    }
}
