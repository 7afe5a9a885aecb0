//! The platform outside browsers: tokio, the `url` crate, threads.

mod blob;
mod clock;
mod environment;
mod http_date;
mod random;
mod runtime;
mod task;
mod tls;
mod url;

pub(crate) use blob::BlobStorage;
pub(crate) use runtime::Runtime;
#[cfg(feature = "rustls")]
pub(crate) use tls::ALPN;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
pub(crate) use tls::ExtraRoots;
pub use tls::Tls;
pub(crate) use tls::{Engine, TlsFailure};
pub(crate) use tokio_tungstenite::tungstenite::Utf8Bytes as TextStorage;
pub(crate) use url::parse_url;
pub(crate) use {
    clock::{monotonic, wall_clock},
    environment::Environment,
    http_date::parse_http_date,
    random::random_seed,
    task::{BoxFuture, boxed, spawn},
};

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// What a callback must be: `Send` natively, since the connection's driver calls it from its
/// own thread; anything at all in a browser.
pub trait MaybeSend: Send {}

impl<T: Send> MaybeSend for T {}

/// A callback.
pub(crate) type DynFnMut<Argument> = dyn FnMut(Argument) + Send;

/// A value that is touched only where it may be: natively, everywhere.
pub(crate) struct Confined<T>(T);

impl<T> Confined<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }

    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        Some(&mut self.0)
    }
}

/// Ends after a time; never where that can't be had.
pub(crate) struct Sleep(Option<Pin<Box<tokio::time::Sleep>>>);

impl Sleep {
    /// Panics outside of a tokio runtime with time.
    pub(crate) fn new(duration: Duration) -> Self {
        Self(Some(Box::pin(tokio::time::sleep(duration))))
    }

    /// For tasks of any executor: by the crate's own runtime where there is none, or one without time.
    pub(crate) fn anywhere(duration: Duration) -> Self {
        if Runtime::is_here()
            && let Ok(sleep) = catch_unwind(|| Self::new(duration))
        {
            return sleep;
        }
        match Runtime::background() {
            Ok(runtime) => runtime.within(|| Self::new(duration)),
            Err(_no_thread) => Self(None),
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(sleep) = &mut self.0 else { return Poll::Pending };
        // it panics if the runtime that it goes by is gone; ending makes the caller look again
        let polled = catch_unwind(AssertUnwindSafe(|| sleep.as_mut().poll(context)));
        polled.unwrap_or(Poll::Ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, executor::block_on};

    const SOON: Duration = Duration::from_millis(1);

    #[test]
    fn any_executor_can_sleep() {
        block_on(Sleep::anywhere(SOON));
    }

    #[test]
    fn a_runtime_without_time_can_sleep() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(Sleep::anywhere(SOON));
    }

    #[test]
    fn sleep_ends_with_its_runtime() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let mut sleep = {
            let _entered = runtime.enter();
            Sleep::anywhere(Duration::from_secs(3600))
        };
        assert!((&mut sleep).now_or_never().is_none());
        drop(runtime);
        block_on(sleep);
    }
}
