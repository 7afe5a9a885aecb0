//! The user's functions, called so that neither their errors nor their panics get further than
//! they should.

use super::{
    Failure, UserError,
    endpoint::{BoxError, GiveUp, Unauthorized},
};
use crate::platform::{BoxFuture, MaybeSend, boxed};
use futures::FutureExt;
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// What came of a user's function that did not succeed.
pub(crate) struct Fault(UserError);

/// What a panic said.
#[derive(Debug, thiserror::Error)]
#[error("it panicked: {0}")]
struct Panicked(String);

impl Fault {
    pub(crate) fn of(error: impl Into<BoxError>) -> Self {
        Self(UserError::new(error))
    }

    /// The failure that it is: a function makes it of the error and of whether trying again is of
    /// no use.
    pub(crate) fn into_failure(self, failure: impl FnOnce(UserError, bool) -> Failure) -> Failure {
        let Self(error) = self;
        if error.find::<Unauthorized>().is_some() {
            return Failure::CredentialsRefused;
        }
        let give_up = error.find::<GiveUp>().is_some();
        failure(error, give_up)
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
            Ok(result) => result.map_err(Fault::of),
            Err(panic) => Err(Fault::of(Panicked(words(panic.as_ref())))),
        }
    })
}

fn words(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    said.unwrap_or("without a word").to_owned()
}
