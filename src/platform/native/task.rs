//! Futures in boxes, and where they run.

use super::{MaybeSend, Runtime};
use std::{future::Future, io, pin::Pin};

/// A future of no particular type.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(crate) fn boxed<F: Future + MaybeSend + 'static>(future: F) -> BoxFuture<F::Output> {
    Box::pin(future)
}

/// Runs a task on the runtime of this call, or else on the crate's own; fails where that can't
/// be started.
pub(crate) fn spawn(future: impl Future<Output = ()> + MaybeSend + 'static) -> io::Result<()> {
    Runtime::current()?.spawn(future);
    Ok(())
}
