//! Whether credentials that were had anew were refused, or had been accepted before.

use super::Now;
use std::time::Duration;

/// A connection that lasted that long with messages was accepted, and not greeted and refused; and new
/// credentials are had at once then, where else they are waited for as any attempt is, so that a server
/// which accepts and refuses in turn is not asked without end.
const LASTED: Duration = Duration::from_secs(1);

/// What is known of the credentials that the last attempt carried.
#[derive(Debug, Default)]
pub(super) struct Acceptance {
    /// New ones are asked for.
    pub(super) wanted: bool,
    /// They were had because those before were refused, and no connection was stable since.
    is_fresh: bool,
    /// A connection was made with them: the upgrade was not refused.
    opened: bool,
    /// Messages came: the application's, which may be those of a refusal.
    heard: bool,
    /// The session handshake went well: the application did not refuse them.
    welcomed: bool,
    /// The longest that a connection made with them lasted.
    lasted: Duration,
    /// When they expire of themselves.
    expires_at: Option<Now>,
    /// Since when they are there, if those before were refused.
    since: Option<Now>,
}

/// What follows from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Get new ones, and try at once.
    AtOnce,
    /// Get new ones, and try after the backoff's delay.
    Later,
    /// These were new, and nothing has ever accepted them.
    Final,
}

impl Acceptance {
    /// An attempt carries these.
    pub(super) fn carry(&mut self, expires_at: Option<Now>, now: Now) {
        if std::mem::take(&mut self.wanted) {
            *self = Self { is_fresh: true, since: Some(now), ..Self::default() };
        }
        self.expires_at = expires_at;
    }

    pub(super) fn opened(&mut self) {
        self.opened = true;
    }

    pub(super) fn heard(&mut self) {
        self.heard = true;
    }

    pub(super) fn welcomed(&mut self) {
        self.welcomed = true;
    }

    pub(super) fn lasted(&mut self, time: Duration) {
        self.lasted = self.lasted.max(time);
    }

    pub(super) fn stable(&mut self) {
        self.is_fresh = false;
    }

    /// They were refused: before a connection was open, or after.
    pub(super) fn refuse(&mut self, was_open: bool, now: Now) -> Refusal {
        let flowed = self.welcomed || self.heard && self.lasted >= LASTED;
        let was_accepted = if was_open { flowed } else { self.opened };
        let is_expired = self.expires_at.is_some_and(|limit| now.is_past(limit));
        if self.is_fresh && !was_accepted && !is_expired {
            return Refusal::Final;
        }
        self.wanted = true;
        if self.waits(now) { Refusal::Later } else { Refusal::AtOnce }
    }

    /// Whether others are to be waited for.
    pub(super) fn waits(&self, now: Now) -> bool {
        let is_expired = self.expires_at.is_some_and(|limit| now.is_past(limit));
        // one that has expired as soon as it was there is no reason to ask at once for the next
        let has_lived = self.since.is_none_or(|since| now.is_past(since.after(LASTED)));
        self.is_fresh && self.lasted < LASTED && !(is_expired && has_lived)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Moment, *};

    fn at(seconds: u64) -> Now {
        Now { at: Moment(Duration::from_secs(seconds)), wall: Duration::from_secs(1_000_000 + seconds) }
    }

    fn fresh(expires_at: Option<Now>) -> Acceptance {
        let mut acceptance = Acceptance::default();
        acceptance.carry(None, at(0));
        assert_eq!(acceptance.refuse(false, at(0)), Refusal::AtOnce);
        acceptance.carry(expires_at, at(0));
        acceptance
    }

    #[test]
    fn what_nothing_ever_accepted_is_refused_for_good() {
        assert_eq!(fresh(None).refuse(false, at(0)), Refusal::Final);
        let mut opened = fresh(None);
        opened.opened();
        assert_eq!(opened.refuse(true, at(0)), Refusal::Final, "the upgrade alone is no acceptance by the application");
        let mut asleep = fresh(Some(at(300)));
        let woken = Now { wall: at(9_000).wall, ..at(10) };
        assert_eq!(asleep.refuse(false, woken), Refusal::AtOnce, "it expired in sleep");
        assert_eq!(fresh(Some(at(0))).refuse(false, at(0)), Refusal::Later, "it never lived");
    }

    #[test]
    fn what_was_accepted_before_is_not_refused() {
        let mut opened = fresh(None);
        opened.opened();
        opened.lasted(Duration::from_secs(5));
        assert_eq!(opened.refuse(false, at(0)), Refusal::AtOnce);
        let mut flowed = fresh(None);
        flowed.opened();
        flowed.heard();
        assert_eq!(flowed.refuse(true, at(0)), Refusal::Final, "a refusal may begin with a message");
        let mut flowed = fresh(None);
        flowed.heard();
        flowed.lasted(Duration::from_secs(5));
        assert_eq!(flowed.refuse(true, at(0)), Refusal::AtOnce);
        let mut welcomed = fresh(None);
        welcomed.welcomed();
        assert_eq!(welcomed.refuse(true, at(0)), Refusal::Later, "a server that accepts and refuses in turn");
        let mut stable = fresh(None);
        stable.stable();
        assert_eq!(stable.refuse(true, at(0)), Refusal::AtOnce);
    }
}
