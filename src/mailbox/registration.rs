//! How callbacks are registered, and what keeps them so.

use super::{CallbackId, Mail, Mailbox, Reader};
use crate::platform::MaybeSend;
use std::{
    panic::{RefUnwindSafe, UnwindSafe},
    sync::{Arc, Weak},
};

/// The shared part of a socket, which has a mailbox. Its callbacks are registered here, so
/// that each kind of socket does it in the same way and returns the same guards.
pub(crate) trait HoldsMailbox: Send + Sync + Sized + 'static {
    type Event: Mail;

    fn mailbox(&self) -> &Mailbox<Self::Event>;

    /// Calls the function for each event of a kind. What hands over those that wait already is
    /// given to `defer`, to be run soon but not within this call.
    fn on_event(
        self: &Arc<Self>,
        reader: &Reader<Self::Event>,
        kind: <Self::Event as Mail>::Kind,
        mut function: impl FnMut(Self::Event) + MaybeSend + 'static,
        defer: impl FnOnce(Dispatch),
    ) -> CallbackGuard {
        let handler = Box::new(move |event: Option<_>| event.map_or((), &mut function));
        let guard = CallbackGuard::new(self, self.mailbox().add_callback(kind, handler, reader));
        let deferred = Deferred(self.clone());
        defer(Box::new(move || drop(deferred)));
        guard
    }

    /// Calls the function whenever there is something new to read.
    fn on_wake(self: &Arc<Self>, mut function: impl FnMut() + MaybeSend + 'static) -> CallbackGuard {
        CallbackGuard::new(self, self.mailbox().add_wake_up(Box::new(move |_| function())))
    }
}

/// Hands events that wait to their callbacks.
pub(crate) type Dispatch = Box<dyn FnOnce() + Send>;

/// Hands over when it is dropped: what was to run on a runtime that is shut down is dropped unrun.
struct Deferred<H: HoldsMailbox>(Arc<H>);

impl<H: HoldsMailbox> Drop for Deferred<H> {
    fn drop(&mut self) {
        self.0.mailbox().dispatch();
    }
}

/// Keeps a callback registered. Dropping it frees the callback, at once or, if it is just
/// running, as soon as it returns. Events that still wait for it go back to the stream, in their
/// place among the others, unless the kind has another callback.
#[must_use = "dropping the guard frees the callback"]
pub struct CallbackGuard {
    /// `None` once it guards nothing any more.
    registry: Option<Weak<dyn Registry>>,
    id: CallbackId,
}

/// Where callbacks are registered, whatever events they are for.
trait Registry: Send + Sync {
    fn remove(&self, id: CallbackId);
}

impl<H: HoldsMailbox> Registry for H {
    fn remove(&self, id: CallbackId) {
        self.mailbox().remove_callback(id);
    }
}

impl CallbackGuard {
    fn new<H: HoldsMailbox>(holder: &Arc<H>, id: CallbackId) -> Self {
        let holder: Weak<H> = Arc::downgrade(holder);
        Self { registry: Some(holder), id }
    }

    /// Keeps the callback registered for as long as the connection lives.
    pub fn forget(mut self) {
        self.registry = None;
    }
}

/// All that it reaches is behind locks, and whole after a panic. That must be said since the
/// compiler does not look behind `dyn`.
impl UnwindSafe for CallbackGuard {}
impl RefUnwindSafe for CallbackGuard {}

impl Drop for CallbackGuard {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.as_ref().and_then(Weak::upgrade) {
            registry.remove(self.id);
        }
    }
}

impl std::fmt::Debug for CallbackGuard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("CallbackGuard").field(&self.id).finish()
    }
}
