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

/// Ends after a time. Needs a tokio runtime with time where it is first polled.
pub(crate) struct Sleep(Pin<Box<tokio::time::Sleep>>);

impl Sleep {
    pub(crate) fn new(duration: Duration) -> Self {
        Self(Box::pin(tokio::time::sleep(duration)))
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(context)
    }
}
