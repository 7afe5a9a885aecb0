//! A payload, or a waker, that uses its socket when it is dropped. By itself, since not all who share
//! the tests' support depend on `bytes`.

use bytes::Bytes;
use eversocket::{Handle, Message};
use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Wake, Waker},
};

/// A payload or a waker that uses a socket's handle when it is dropped, as foreign code may.
pub struct CallsBack {
    handle: Handle,
    _alive: Arc<()>,
}

impl CallsBack {
    pub fn new(handle: &Handle, alive: &Arc<()>) -> Self {
        Self { handle: handle.clone(), _alive: alive.clone() }
    }

    pub fn payload(handle: &Handle, alive: &Arc<()>) -> Message {
        Bytes::from_owner(Self::new(handle, alive)).into()
    }

    pub fn waker(handle: &Handle, alive: &Arc<()>) -> Waker {
        Arc::new(Self::new(handle, alive)).into()
    }
}

impl AsRef<[u8]> for CallsBack {
    fn as_ref(&self) -> &[u8] {
        b"payload"
    }
}

impl Wake for CallsBack {
    fn wake(self: Arc<Self>) {}
}

impl Drop for CallsBack {
    fn drop(&mut self) {
        let _full_or_closed = self.handle.send("again");
        let mut context = Context::from_waker(Waker::noop());
        let _ready = pin!(self.handle.ready()).poll(&mut context);
        let _flushed = pin!(self.handle.flushed()).poll(&mut context);
    }
}
