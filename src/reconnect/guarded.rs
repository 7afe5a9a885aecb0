//! The user's functions, called so that neither their errors nor their panics get further than
//! they should.

use super::endpoint::{BoxError, GiveUp};
use crate::platform::{BoxFuture, MaybeSend, boxed};
use futures::FutureExt;
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// What came of a user's function that did not succeed.
pub(crate) struct Fault {
    pub(crate) reason: String,
    /// Trying again is of no use.
    pub(crate) give_up: bool,
    /// What it returned; `None` if it panicked.
    pub(crate) error: Option<BoxError>,
}

impl From<BoxError> for Fault {
    fn from(error: BoxError) -> Self {
        let give_up = error.downcast_ref::<GiveUp>().is_some();
        Self { reason: error.to_string(), give_up, error: Some(error) }
    }
}

/// Calls a function at once, and gives the future of what comes of it.
pub(crate) fn guarded<T: MaybeSend + 'static>(
    call: impl FnOnce() -> BoxFuture<Result<T, BoxError>>,
) -> BoxFuture<Result<T, Fault>> {
    let called = catch_unwind(AssertUnwindSafe(call));
    boxed(async move {
        let result = match called {
            Ok(answer) => AssertUnwindSafe(answer).catch_unwind().await,
            Err(panic) => Err(panic),
        };
        match result {
            Ok(result) => result.map_err(Fault::from),
            Err(panic) => Err(Fault { reason: words(panic.as_ref()), give_up: false, error: None }),
        }
    })
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    ["it panicked: ", said.unwrap_or("without a word")].concat()
}
