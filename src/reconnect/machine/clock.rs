//! Time, as the machine is told of it.

use std::time::Duration;

/// A moment by a clock that never goes back, since an origin of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Moment(pub(crate) Duration);

impl Moment {
    pub(crate) fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    /// From an earlier moment until this one.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// The time now, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Now {
    pub(crate) at: Moment,
    /// Since the Unix epoch, by the wall clock, which may be set and goes on in sleep.
    pub(crate) wall: Duration,
}

/// More than timers are late by, and than clocks are set by to keep them right.
pub(crate) const SLEPT: Duration = Duration::from_secs(5);

impl Now {
    /// Later by this time, by both clocks.
    pub(crate) fn after(self, time: Duration) -> Self {
        Self { at: self.at.after(time), wall: self.wall.saturating_add(time) }
    }

    /// Whether a limit has passed, by either clock: one may stand still in sleep, the other be set.
    pub(crate) fn is_past(self, limit: Self) -> bool {
        self.at >= limit.at || self.wall >= limit.wall
    }

    /// Whether so little has passed since an earlier time, by both clocks, that there was no sleep.
    pub(crate) fn is_soon_after(self, earlier: Self) -> bool {
        self.at.since(earlier.at) <= SLEPT && self.wall.saturating_sub(earlier.wall) <= SLEPT
    }

    /// For how long the computer slept since an earlier time while the monotonic clock stood still.
    pub(crate) fn slept_since(self, earlier: Self) -> Duration {
        let ran = self.at.since(earlier.at);
        let slept = self.wall.saturating_sub(earlier.wall).saturating_sub(ran);
        if slept > SLEPT { slept } else { Duration::ZERO }
    }

    /// Whether the machine slept since an earlier time: the wall clock went on alone, or a
    /// deadline that was to be met passed long ago. What passed before the earlier time showed
    /// then.
    pub(crate) fn has_slept_since(self, earlier: Self, deadline: Option<Moment>) -> bool {
        let late = deadline.map(|deadline| self.at.since(deadline.max(earlier.at)));
        !self.slept_since(earlier).is_zero() || late > Some(SLEPT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(at: u64, wall: u64) -> Now {
        Now { at: Moment(Duration::from_secs(at)), wall: Duration::from_secs(wall) }
    }

    #[test]
    fn sleep_shows_by_either_clock() {
        let before = now(100, 1_000);
        assert!(!now(160, 1_060).has_slept_since(before, None), "time passed alike");
        assert!(now(105, 1_005).is_soon_after(before) && now(99, 900).is_soon_after(before));
        assert!(!now(106, 1_005).is_soon_after(before) && !now(101, 1_006).is_soon_after(before));
        assert!(!now(160, 1_065).has_slept_since(before, None), "set by a little");
        assert!(now(101, 1_600).has_slept_since(before, None), "the monotonic clock stood still");
        assert!(!now(160, 400).has_slept_since(before, None), "the wall clock was set back");
        let deadline = Some(Moment(Duration::from_secs(110)));
        assert!(!now(115, 1_015).has_slept_since(before, deadline));
        assert!(now(116, 1_016).has_slept_since(before, deadline), "a timer was late");
        assert!(!now(117, 1_017).has_slept_since(now(116, 1_016), deadline), "as was seen before");
    }
}
