//! How long to wait before the next attempt.

use fastrand::Rng;
use std::{fmt, time::Duration};

/// How delays are spread, so that clients which were cut off together do not come back together.
///
/// The names are those of the article "Exponential Backoff And Jitter" in the AWS Architecture
/// Blog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Jitter {
    /// Anything from zero to the delay. Spreads best: the default of exponential backoff.
    Full,
    /// Anything from half the delay to the delay.
    Equal,
    /// Anything from the first delay to three times the delay before, up to the cap.
    Decorrelated,
    /// The delay itself.
    None,
}

/// Makes a run of delays, anew after each stable connection.
type Delays = dyn FnMut() -> Box<dyn Iterator<Item = Duration> + Send> + Send;

/// The delays between attempts.
///
/// The default is exponential from 0.1 s to 30 s with full jitter.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::reconnect::{Backoff, Jitter};
/// use std::time::Duration;
///
/// let gentle = Backoff::exponential(Duration::from_secs(1), Duration::from_secs(120)).factor(1.6).jitter(Jitter::Equal);
/// let steady = Backoff::constant(Duration::from_secs(5)).jitter(Jitter::Full);
/// let stepped = Backoff::steps([0, 2, 10, 30].map(Duration::from_secs));
/// let own = Backoff::custom(|| (1..=5).map(Duration::from_secs)); // gives up after five
/// # Ok(()) });
/// ```
pub struct Backoff {
    shape: Shape,
    jitter: Jitter,
}

enum Shape {
    Exponential {
        base: Duration,
        cap: Duration,
        factor: f64,
    },
    /// The last is repeated.
    Steps(Vec<Duration>),
    Custom(Box<Delays>),
}

impl Backoff {
    /// The first delay, multiplied by the [factor](Self::factor) after each attempt, up to a cap;
    /// with full jitter.
    pub fn exponential(base: Duration, cap: Duration) -> Self {
        Self { shape: Shape::Exponential { base: base.min(cap), cap, factor: 2.0 }, jitter: Jitter::Full }
    }

    /// Always the same delay, without jitter unless one is [set](Self::jitter).
    pub fn constant(delay: Duration) -> Self {
        Self::steps([delay])
    }

    /// These delays one after the other, the last one again and again; without jitter unless one
    /// is [set](Self::jitter). No steps are no delay.
    pub fn steps(delays: impl IntoIterator<Item = Duration>) -> Self {
        Self { shape: Shape::Steps(delays.into_iter().collect()), jitter: Jitter::None }
    }

    /// No delay at all. Fit for tests; a server that refuses at once is asked again at once.
    pub fn none() -> Self {
        Self::steps([])
    }

    /// Delays of your own: the function makes an iterator of them, anew after each stable
    /// connection. Where the iterator ends, the socket gives up.
    pub fn custom<I>(mut delays: impl FnMut() -> I + Send + 'static) -> Self
    where
        I: Iterator<Item = Duration> + Send + 'static,
    {
        Self { shape: Shape::Custom(Box::new(move || Box::new(delays()))), jitter: Jitter::None }
    }

    /// By what exponential delays grow. Default: 2. Less than 1 is taken for 1.
    pub fn factor(mut self, growth: f64) -> Self {
        if let Shape::Exponential { factor, .. } = &mut self.shape {
            *factor = growth.max(1.0);
        }
        self
    }

    /// How the delays are spread.
    pub fn jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::exponential(Duration::from_millis(100), Duration::from_secs(30))
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut description = formatter.debug_struct("Backoff");
        match &self.shape {
            Shape::Exponential { base, cap, factor } => {
                description.field("base", base).field("cap", cap).field("factor", factor)
            }
            Shape::Steps(delays) => description.field("steps", delays),
            Shape::Custom(_) => description.field("custom", &"…"),
        };
        description.field("jitter", &self.jitter).finish()
    }
}

/// A backoff under way.
pub(crate) struct Delay {
    backoff: Backoff,
    /// How many delays were given since the start or the last reset.
    given: u32,
    /// The last one, for decorrelated jitter.
    previous: Option<Duration>,
    custom: Option<Box<dyn Iterator<Item = Duration> + Send>>,
}

impl Delay {
    pub(crate) fn new(backoff: Backoff) -> Self {
        Self { backoff, given: 0, previous: None, custom: None }
    }

    /// Begins anew: the connection was stable.
    pub(crate) fn reset(&mut self) {
        self.given = 0;
        self.previous = None;
        self.custom = None;
    }

    /// The next delay; `None` where the user's own have ended.
    pub(crate) fn next(&mut self, random: &mut Rng) -> Option<Duration> {
        let ceiling = self.ceiling()?;
        let delay = match self.backoff.jitter {
            Jitter::None => ceiling,
            Jitter::Full => between(Duration::ZERO, ceiling, random),
            Jitter::Equal => between(ceiling / 2, ceiling, random),
            Jitter::Decorrelated => {
                let (base, cap) = self.span(ceiling);
                let previous = self.previous.unwrap_or(base);
                between(base, previous.saturating_mul(3), random).min(cap)
            }
        };
        self.given = self.given.saturating_add(1);
        self.previous = Some(delay);
        Some(delay)
    }

    /// Somebody else set a wait: if it was in vain, the next delay is not of another order. Else
    /// those who were told to wait would, refused, all come back at once.
    pub(crate) fn catch_up(&mut self, wait: Duration) {
        let reaches = |shape: &Shape, given: u32| match shape {
            Shape::Exponential { base, cap, factor } => {
                let ceiling = exponential(*base, *cap, *factor, given);
                // a factor of 1 never gets anywhere
                ceiling >= wait || ceiling >= *cap || *factor <= 1.0
            }
            Shape::Steps(delays) => delays.get(given as usize).is_none_or(|delay| *delay >= wait),
            Shape::Custom(_) => true,
        };
        while !reaches(&self.backoff.shape, self.given) {
            self.given += 1;
        }
        self.previous = Some(self.previous.unwrap_or_default().max(wait));
    }

    /// The delay before jitter.
    fn ceiling(&mut self) -> Option<Duration> {
        match &mut self.backoff.shape {
            Shape::Exponential { base, cap, factor } => Some(exponential(*base, *cap, *factor, self.given)),
            Shape::Steps(delays) => {
                let index = (self.given as usize).min(delays.len().saturating_sub(1));
                Some(delays.get(index).copied().unwrap_or_default())
            }
            Shape::Custom(make) => self.custom.get_or_insert_with(make).next(),
        }
    }

    /// The least and the most that decorrelated jitter gives.
    fn span(&self, ceiling: Duration) -> (Duration, Duration) {
        match &self.backoff.shape {
            Shape::Exponential { base, cap, .. } => (*base, *cap),
            Shape::Steps(delays) => {
                let least = delays.iter().min().copied().unwrap_or_default();
                (least, delays.iter().max().copied().unwrap_or_default())
            }
            Shape::Custom(_) => (Duration::ZERO, ceiling),
        }
    }
}

fn exponential(base: Duration, cap: Duration, factor: f64, given: u32) -> Duration {
    // the power of a whole number is a loop, that of any number a table and its polynomials
    let seconds = base.as_secs_f64() * factor.powi(i32::try_from(given).unwrap_or(i32::MAX));
    Duration::try_from_secs_f64(seconds).unwrap_or(cap).min(cap)
}

/// Any duration within bounds, all alike.
pub(crate) fn between(least: Duration, most: Duration, random: &mut Rng) -> Duration {
    let span = most.saturating_sub(least);
    let part = Duration::try_from_secs_f64(span.as_secs_f64() * random.f64()).unwrap_or(span);
    least.saturating_add(part).min(most.max(least))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Duration = Duration::from_millis(100);
    const CAP: Duration = Duration::from_secs(30);

    fn delays(backoff: Backoff, count: usize, seed: u64) -> Vec<Duration> {
        let (mut delay, mut random) = (Delay::new(backoff), Rng::with_seed(seed));
        (0..count).map_while(|_| delay.next(&mut random)).collect()
    }

    #[test]
    fn without_jitter_it_doubles_up_to_the_cap() {
        let got = delays(Backoff::default().jitter(Jitter::None), 12, 1);
        let expected = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000];
        assert_eq!(got, expected.map(Duration::from_millis));
    }

    #[test]
    fn each_jitter_keeps_its_bounds_and_uses_them() {
        for seed in 0..2_000 {
            for (index, delay) in delays(Backoff::default(), 12, seed).into_iter().enumerate() {
                assert!(delay <= (BASE * 2_u32.pow(index as u32)).min(CAP));
            }
            for (index, delay) in delays(Backoff::default().jitter(Jitter::Equal), 12, seed).into_iter().enumerate() {
                let ceiling = (BASE * 2_u32.pow(index as u32)).min(CAP);
                assert!(ceiling / 2 <= delay && delay <= ceiling);
            }
            let mut previous = BASE;
            for delay in delays(Backoff::default().jitter(Jitter::Decorrelated), 12, seed) {
                assert!(BASE <= delay && delay <= CAP && delay <= previous * 3);
                previous = delay;
            }
        }
        let tenth = |jitter| (0..2_000).map(move |seed| delays(Backoff::default().jitter(jitter), 10, seed)[9]);
        let seconds = Duration::from_secs;
        assert!(tenth(Jitter::Full).min() < Some(seconds(1)) && tenth(Jitter::Full).max() > Some(seconds(29)));
        assert!(tenth(Jitter::Equal).min() < Some(seconds(16)) && tenth(Jitter::Equal).max() > Some(seconds(29)));
    }

    #[test]
    fn a_seed_fixes_the_delays() {
        assert_eq!(delays(Backoff::default(), 20, 5), delays(Backoff::default(), 20, 5));
        assert_ne!(delays(Backoff::default(), 20, 5), delays(Backoff::default(), 20, 6));
    }

    #[test]
    fn the_last_step_is_repeated_and_own_delays_end() {
        let steps = Backoff::steps([0, 2].map(Duration::from_secs));
        assert_eq!(delays(steps, 4, 1), [0, 2, 2, 2].map(Duration::from_secs));
        assert_eq!(delays(Backoff::none(), 2, 1), [Duration::ZERO; 2]);
        let own = Backoff::custom(|| (1..=2).map(Duration::from_secs));
        assert_eq!(delays(own, 9, 1), [1, 2].map(Duration::from_secs));
    }

    /// Else a server that announces its restart and takes longer meets all its clients at once.
    #[test]
    fn after_a_wait_that_was_set_the_delays_are_not_shorter_by_far() {
        let mut random = Rng::with_seed(1);
        let mut after = |backoff: Backoff, wait: u64| {
            let mut delay = Delay::new(backoff);
            delay.catch_up(Duration::from_secs(wait));
            delay.next(&mut random)
        };
        let plain = || Backoff::default().jitter(Jitter::None);
        assert_eq!(after(plain(), 5), Some(Duration::from_millis(6_400)));
        assert_eq!(after(plain(), 3_600), Some(CAP));
        assert_eq!(after(plain().factor(1.0), 5), Some(BASE));
        assert_eq!(after(Backoff::steps([1, 2, 9].map(Duration::from_secs)), 5), Some(Duration::from_secs(9)));
        assert_eq!(after(Backoff::none(), 5), Some(Duration::ZERO));
    }

    #[test]
    fn a_reset_begins_anew() {
        let mut delay = Delay::new(Backoff::custom(|| (1..=2).map(Duration::from_secs)));
        let mut random = Rng::with_seed(1);
        assert_eq!(delay.next(&mut random), Some(Duration::from_secs(1)));
        delay.reset();
        assert_eq!(delay.next(&mut random), Some(Duration::from_secs(1)));
    }

    #[test]
    fn extreme_settings_do_not_panic() {
        let most = Backoff::exponential(Duration::MAX, Duration::MAX).factor(f64::INFINITY).jitter(Jitter::None);
        assert_eq!(delays(most, 3, 1), [Duration::MAX; 3]);
        let backwards = Backoff::exponential(CAP, BASE).factor(f64::NAN);
        assert!(delays(backwards, 40, 1).into_iter().all(|delay| delay <= BASE));
    }
}
