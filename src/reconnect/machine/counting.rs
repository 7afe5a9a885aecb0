//! What counts as an attempt, and since when.
//!
//! An attempt counts once it has failed, or its connection was lost before it was stable; not when the
//! user or the page end it. Attempts and time are counted since the start, the last stable connection,
//! [`reconnect_now`](crate::reconnect::Handle::reconnect_now) or the end of a pause, whichever is
//! latest, and time in which nothing is tried is left out.

use super::Moment;
use std::time::Duration;

#[derive(Debug, Default)]
pub(super) struct Counting {
    failed: u32,
    /// Time in which it was tried, before what goes on.
    spent: Duration,
    /// Since when it is tried.
    since: Option<Moment>,
}

impl Counting {
    /// Which attempt is under way, or comes next.
    pub(super) fn attempt(&self) -> u32 {
        self.failed.saturating_add(1)
    }

    pub(super) fn failed(&self) -> u32 {
        self.failed
    }

    /// For how long it has been tried.
    pub(super) fn elapsed(&self, now: Moment) -> Duration {
        self.spent.saturating_add(self.since.map_or(Duration::ZERO, |since| now.since(since)))
    }

    pub(super) fn fail(&mut self) {
        self.failed = self.failed.saturating_add(1);
    }

    /// It is tried from now on.
    pub(super) fn try_from(&mut self, now: Moment) {
        self.since.get_or_insert(now);
    }

    /// Something holds it.
    pub(super) fn hold(&mut self, now: Moment) {
        self.spent = self.elapsed(now);
        self.since = None;
    }

    pub(super) fn begin_anew(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_in_which_nothing_is_tried_is_left_out() {
        let at = |seconds| Moment(Duration::from_secs(seconds));
        let mut counting = Counting::default();
        counting.try_from(at(10));
        counting.try_from(at(12));
        counting.hold(at(15));
        counting.hold(at(20));
        counting.try_from(at(3_600));
        assert_eq!(counting.elapsed(at(3_602)), Duration::from_secs(7));
        counting.fail();
        assert_eq!(counting.attempt(), 2);
        counting.begin_anew();
        assert_eq!((counting.attempt(), counting.elapsed(at(4_000))), (1, Duration::ZERO));
    }
}
