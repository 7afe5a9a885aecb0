//! Where connections are driven: the caller's tokio runtime, or a thread of our own.

use std::{future::Future, io, sync::OnceLock};
use tokio::runtime::{Builder, Handle};

/// Runs tasks.
#[derive(Clone)]
pub(crate) struct Runtime(Handle);

impl Runtime {
    /// The runtime that this call runs in, or else the crate's own, which is started at first
    /// need and lasts as long as the process.
    pub(crate) fn current() -> io::Result<Self> {
        match Handle::try_current() {
            Ok(handle) => Ok(Self(handle)),
            Err(_) => Self::background(),
        }
    }

    /// Whether this call runs in one.
    pub(super) fn is_here() -> bool {
        Handle::try_current().is_ok()
    }

    /// The crate's own.
    pub(super) fn background() -> io::Result<Self> {
        background().map(Self)
    }

    /// Makes something that belongs to it.
    pub(super) fn within<R>(&self, make: impl FnOnce() -> R) -> R {
        let _entered = self.0.enter();
        make()
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }

    /// Runs a function soon, not within this call.
    pub(crate) fn defer(&self, function: impl FnOnce() + Send + 'static) {
        self.spawn(async move { function() });
    }
}

fn background() -> io::Result<Handle> {
    static BACKGROUND: OnceLock<Handle> = OnceLock::new();
    if let Some(handle) = BACKGROUND.get() {
        return Ok(handle.clone());
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let ours = runtime.handle().clone();
    let handle = BACKGROUND.get_or_init(|| ours.clone()).clone();
    if handle.id() == ours.id() {
        std::thread::Builder::new()
            .name("eversocket".to_owned())
            .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    }
    Ok(handle)
}
