//! Where connections are driven: the caller's tokio runtime, or a thread of our own.

use std::{
    future::Future,
    io,
    sync::{Mutex, PoisonError},
};
use tokio::runtime::{self, Builder, Handle};

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
    static BACKGROUND: Mutex<Option<Handle>> = Mutex::new(None);
    once(&BACKGROUND, |runtime| {
        let thread = std::thread::Builder::new().name("eversocket".to_owned());
        thread.spawn(move || runtime.block_on(std::future::pending::<()>())).map(drop)
    })
}

/// The runtime that runs, or else one that begins to. One whose thread cannot be started is not kept: the next call
/// tries again.
fn once(slot: &Mutex<Option<Handle>>, start: impl FnOnce(runtime::Runtime) -> io::Result<()>) -> io::Result<Handle> {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*slot {
        return Ok(handle.clone());
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    start(runtime)?;
    Ok(slot.insert(handle).clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_cannot_be_started_is_tried_again() {
        let slot = Mutex::new(None);
        assert!(once(&slot, |_| Err(io::ErrorKind::WouldBlock.into())).is_err());
        let (sender, started) = std::sync::mpsc::channel();
        let handle = once(&slot, |runtime| sender.send(runtime).map_err(io::Error::other)).expect("it is started");
        let runtime = started.recv().expect("a runtime");
        assert_eq!(runtime.handle().id(), handle.id());
        let again = once(&slot, |_| Err(io::ErrorKind::WouldBlock.into())).expect("it runs");
        assert_eq!(again.id(), handle.id());
    }
}
