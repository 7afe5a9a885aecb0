//! Futures in boxes, and where they run.

use super::MaybeSend;
use std::{future::Future, io, pin::Pin};

/// A future of no particular type.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

pub(crate) fn boxed<F: Future + MaybeSend + 'static>(future: F) -> BoxFuture<F::Output> {
    Box::pin(future)
}

/// Runs a task in the browser's event loop. Never fails here.
pub(crate) fn spawn(future: impl Future<Output = ()> + MaybeSend + 'static) -> io::Result<()> {
    js_sys::futures::spawn_local(future);
    Ok(())
}
