//! When to look whether a buffer has drained.

use gloo_timers::callback::Timeout;
use std::time::Duration;

/// The browser does not tell when its buffer drains, so it is looked at again and again while somebody waits:
/// soon while it drains, less and less often while it does not.
#[derive(Default)]
pub(super) struct Pacer {
    /// The next look; one, for however many wait.
    pub(super) look: Option<Timeout>,
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

    /// When to look again at what has so much in it now.
    pub(super) fn next(&mut self, buffered: u64) -> Duration {
        let drains = buffered < std::mem::replace(&mut self.seen, buffered);
        self.idle_looks = if drains { 0 } else { self.idle_looks.saturating_add(1) };
        Self::FIRST * (1 << (self.idle_looks / Self::LOOKS).min(Self::DOUBLINGS))
    }
}
