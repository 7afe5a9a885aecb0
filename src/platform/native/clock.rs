//! What time it is.

use std::{
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// What the clock shows when it is first looked at. A runtime whose clock is paused may show
/// a time before that, which must not be cut off at zero.
const AT_FIRST: Duration = Duration::from_secs(24 * 60 * 60);

/// The time since an origin of its own, by a clock that never goes back. It is tokio's, so
/// that what pauses and advances that governs this one too.
pub(crate) fn monotonic() -> Duration {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let first = *FIRST.get_or_init(Instant::now);
    let now = tokio::time::Instant::now().into_std();
    match now.checked_duration_since(first) {
        Some(since) => AT_FIRST + since,
        None => AT_FIRST.saturating_sub(first.duration_since(now)),
    }
}

/// The time since the Unix epoch, by the system's clock, which can be set.
pub(crate) fn wall_clock() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_works_without_a_runtime() {
        let before = monotonic();
        std::thread::sleep(Duration::from_millis(2));
        assert!(monotonic() - before >= Duration::from_millis(2));
    }

    #[tokio::test(start_paused = true)]
    async fn tokio_pauses_and_advances_the_clock() {
        let before = monotonic();
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(monotonic(), before);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(monotonic() - before, Duration::from_secs(60));
    }
}
