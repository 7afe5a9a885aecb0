//! The deadlines, at most one of each kind.

use super::Moment;

/// What is to happen at a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The endpoint provider is given up.
    Provide,
    /// The connection attempt is given up.
    Connect,
    /// The session handshake is given up.
    Handshake,
    /// The next attempt begins.
    Retry,
    /// The connection counts as stable.
    Stable,
    /// The next heartbeat is sent.
    Heartbeat,
    /// The peer is taken for dead.
    Dead,
    /// The next message in the queue expires.
    Expiry,
    /// A hidden page's connection is let go.
    Hidden,
    /// The clocks are compared, to notice sleep.
    ClockCheck,
    /// The closing handshake is given up.
    Close,
    /// A shutdown has taken as long as it may.
    Shutdown,
}

impl Timer {
    /// In the order in which those of the same moment fire: what ends something comes first.
    pub(crate) const ALL: [Self; 12] = [
        Self::Provide,
        Self::Connect,
        Self::Handshake,
        Self::Close,
        Self::Shutdown,
        Self::Expiry,
        Self::Dead,
        Self::Hidden,
        Self::Stable,
        Self::Heartbeat,
        Self::Retry,
        Self::ClockCheck,
    ];
}

#[derive(Debug, Default)]
pub(crate) struct Timers([Option<Moment>; Timer::ALL.len()]);

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: Moment) {
        self.0[timer as usize] = Some(at);
    }

    pub(crate) fn clear(&mut self, timer: Timer) {
        self.0[timer as usize] = None;
    }

    pub(crate) fn clear_all(&mut self) {
        self.0 = Default::default();
    }

    pub(crate) fn get(&self, timer: Timer) -> Option<Moment> {
        self.0[timer as usize]
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Moment> {
        self.0.iter().flatten().min().copied()
    }

    /// Takes out the earliest timer whose moment has come, with that moment.
    pub(crate) fn take_due(&mut self, now: Moment) -> Option<(Timer, Moment)> {
        let at = self.next().filter(|at| *at <= now)?;
        let timer = Timer::ALL.into_iter().find(|timer| self.get(*timer) == Some(at))?;
        self.clear(timer);
        Some((timer, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_earliest_fires_first_and_each_once() {
        let at = |seconds| Moment(Duration::from_secs(seconds));
        let mut timers = Timers::default();
        timers.set(Timer::Retry, at(3));
        timers.set(Timer::Dead, at(5));
        timers.set(Timer::Close, at(5));
        assert_eq!(timers.next(), Some(at(3)));
        assert_eq!(timers.take_due(at(2)), None);
        assert_eq!(timers.take_due(at(9)), Some((Timer::Retry, at(3))));
        assert_eq!(timers.take_due(at(9)), Some((Timer::Close, at(5))));
        assert_eq!(timers.take_due(at(9)), Some((Timer::Dead, at(5))));
        assert_eq!(timers.take_due(at(9)), None);
    }

    #[test]
    fn every_timer_is_in_the_table_once() {
        for timer in Timer::ALL {
            assert_eq!(Timer::ALL.iter().filter(|other| **other == timer).count(), 1);
            assert!((timer as usize) < Timer::ALL.len());
        }
    }
}
