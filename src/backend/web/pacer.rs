//! When to look whether a buffer has drained.

use crate::platform::Sleep;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// The browser does not tell when its buffer drains, so it is looked at again and again: soon while it drains,
/// less and less often while it does not.
#[derive(Default)]
pub(crate) struct Pacer {
    sleep: Option<Sleep>,
    /// How often in a row it was as full as before.
    idle_looks: u32,
    seen: u64,
}

impl Pacer {
    const FIRST: Duration = Duration::from_millis(1);
    /// So many in vain before the time between them doubles: browsers tell of their buffer in leaps.
    const LOOKS: u32 = 8;
    /// So often at most, to 16 ms, about a frame.
    const DOUBLINGS: u32 = 4;

    /// Ready when it is to be looked again at what has so much in it now.
    pub(super) fn poll_next_look(&mut self, buffered: u64, context: &mut Context<'_>) -> Poll<()> {
        let sleep = self.sleep.get_or_insert_with(|| {
            let drains = buffered < std::mem::replace(&mut self.seen, buffered);
            self.idle_looks = if drains { 0 } else { self.idle_looks.saturating_add(1) };
            Sleep::new(Self::FIRST * (1 << (self.idle_looks / Self::LOOKS).min(Self::DOUBLINGS)))
        });
        if Pin::new(sleep).poll(context).is_pending() {
            return Poll::Pending;
        }
        self.sleep = None;
        Poll::Ready(())
    }
}
