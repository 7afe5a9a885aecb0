//! The clock that a reconnecting socket goes by: the platform's, or a test's.

use super::machine::{Moment, Now};
use crate::platform::{Sleep, monotonic, wall_clock};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

#[derive(Debug, Clone, Default)]
pub(crate) enum Clock {
    #[default]
    Platform,
    #[cfg(feature = "test-kit")]
    Virtual(crate::test_kit::Clock),
}

impl Clock {
    pub(crate) fn now(&self) -> Now {
        match self {
            Self::Platform => Now { at: Moment(monotonic()), wall: wall_clock() },
            #[cfg(feature = "test-kit")]
            Self::Virtual(clock) => clock.read(),
        }
    }

    pub(crate) fn alarm(&self, at: Moment) -> Alarm {
        self.alarm_by(Sleep::new, at)
    }

    /// One that any executor can poll.
    pub(crate) fn alarm_anywhere(&self, at: Moment) -> Alarm {
        self.alarm_by(Sleep::anywhere, at)
    }

    fn alarm_by(&self, sleep: impl FnOnce(Duration) -> Sleep, at: Moment) -> Alarm {
        match self {
            Self::Platform => Alarm::Platform(sleep(at.since(Moment(monotonic())))),
            #[cfg(feature = "test-kit")]
            Self::Virtual(clock) => Alarm::Virtual(clock.alarm(at)),
        }
    }
}

/// Ends at a moment.
pub(crate) enum Alarm {
    Platform(Sleep),
    #[cfg(feature = "test-kit")]
    Virtual(crate::test_kit::Alarm),
}

impl Future for Alarm {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match &mut *self {
            Self::Platform(sleep) => Pin::new(sleep).poll(context),
            #[cfg(feature = "test-kit")]
            Self::Virtual(alarm) => Pin::new(alarm).poll(context),
        }
    }
}
