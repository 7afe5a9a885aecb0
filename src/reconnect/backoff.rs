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
    /// Anything from the least delay to three times the delay before, up to the cap; of steps, up to the longest.
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
    /// connection. Where the iterator ends, the socket gives up. Both run on the task that drives
    /// the socket, and no lock is held meanwhile: they may use its handles.
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

/// Delays of the user's own, under way. They are asked for outside of the machine, since they are
/// foreign code.
pub(crate) struct OwnDelays {
    make: Box<Delays>,
    /// The iterator, and since which reset.
    current: Option<(u64, Box<dyn Iterator<Item = Duration> + Send>)>,
}

impl OwnDelays {
    /// The next one since that reset; `None` where they have ended.
    pub(crate) fn next(&mut self, reset: u64) -> Option<Duration> {
        if self.current.as_ref().is_none_or(|(since, _)| *since != reset) {
            self.current = Some((reset, (self.make)()));
        }
        self.current.as_mut()?.1.next()
    }
}

/// A backoff under way.
pub(crate) struct Delay {
    shape: Shape,
    jitter: Jitter,
    /// How many delays were given since the start or the last reset.
    given: u32,
    /// The last one, for decorrelated jitter.
    previous: Option<Duration>,
    /// How often it began anew.
    resets: u64,
}

impl Delay {
    /// The part without foreign code, and the user's own delays where there are any.
    pub(crate) fn new(backoff: Backoff) -> (Self, Option<OwnDelays>) {
        let (shape, own) = match backoff.shape {
            Shape::Custom(make) => (Shape::Steps(Vec::new()), Some(OwnDelays { make, current: None })),
            shape => (shape, None),
        };
        (Self { shape, jitter: backoff.jitter, given: 0, previous: None, resets: 0 }, own)
    }

    /// Begins anew: the connection was stable.
    pub(crate) fn reset(&mut self) {
        self.given = 0;
        self.previous = None;
        self.resets += 1;
    }

    pub(crate) fn resets(&self) -> u64 {
        self.resets
    }

    /// The next delay, which the user's own may give.
    pub(crate) fn next(&mut self, own: Option<Duration>, random: &mut Rng) -> Duration {
        let ceiling = own.unwrap_or_else(|| self.ceiling());
        let delay = match self.jitter {
            Jitter::None => ceiling,
            Jitter::Full => between(Duration::ZERO, ceiling, random),
            Jitter::Equal => between(ceiling / 2, ceiling, random),
            Jitter::Decorrelated => {
                let (base, cap) = if own.is_some() { (Duration::ZERO, ceiling) } else { self.span() };
                let previous = self.previous.unwrap_or(base);
                between(base, previous.saturating_mul(3), random).min(cap)
            }
        };
        self.given = self.given.saturating_add(1);
        self.previous = Some(delay);
        delay
    }

    /// Somebody else set a wait: if it was in vain, the next delay is not of another order. Else
    /// those who were told to wait would, refused, all come back at once.
    pub(crate) fn catch_up(&mut self, wait: Duration) {
        match &self.shape {
            Shape::Exponential { base, cap, factor } => {
                let reaches = |given: u32| exponential(*base, *cap, *factor, given) >= wait.min(*cap);
                self.given = first_where(self.given, reaches).unwrap_or(self.given);
            }
            Shape::Steps(delays) => {
                while delays.get(self.given as usize).is_some_and(|delay| *delay < wait) {
                    self.given += 1;
                }
            }
            Shape::Custom(_) => {}
        }
        self.previous = Some(self.previous.unwrap_or_default().max(wait));
    }

    /// The delay before jitter.
    fn ceiling(&self) -> Duration {
        match &self.shape {
            Shape::Exponential { base, cap, factor } => exponential(*base, *cap, *factor, self.given),
            Shape::Steps(delays) => {
                let index = (self.given as usize).min(delays.len().saturating_sub(1));
                delays.get(index).copied().unwrap_or_default()
            }
            Shape::Custom(_) => Duration::ZERO,
        }
    }

    /// The least and the most that decorrelated jitter gives.
    fn span(&self) -> (Duration, Duration) {
        match &self.shape {
            Shape::Exponential { base, cap, .. } => (*base, *cap),
            Shape::Steps(delays) => {
                let first = delays.first().copied().unwrap_or_default();
                delays.iter().fold((first, first), |(least, most), delay| (least.min(*delay), most.max(*delay)))
            }
            Shape::Custom(_) => (Duration::ZERO, Duration::ZERO),
        }
    }
}

/// The smallest number, at least `from`, for which `is_true` holds; it must hold for all larger ones.
fn first_where(from: u32, is_true: impl Fn(u32) -> bool) -> Option<u32> {
    let (mut low, mut high) = (from, i32::MAX as u32);
    if !is_true(high) {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if is_true(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(low)
}

fn exponential(base: Duration, cap: Duration, factor: f64, given: u32) -> Duration {
    // zero times infinity is not a number
    if base.is_zero() {
        return base;
    }
    // the power of a whole number is a loop, that of any number a table and its polynomials
    let nanoseconds = base.as_secs_f64() * 1e9 * factor.powi(i32::try_from(given).unwrap_or(i32::MAX));
    // saturates
    match nanoseconds as u64 {
        u64::MAX => cap,
        nanoseconds => Duration::from_nanos(nanoseconds).min(cap),
    }
}

/// Any duration within bounds, all alike.
pub(crate) fn between(least: Duration, most: Duration, random: &mut Rng) -> Duration {
    let span = u64::try_from(most.saturating_sub(least).as_nanos()).unwrap_or(u64::MAX);
    least.saturating_add(Duration::from_nanos(random.u64(..=span)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Duration = Duration::from_millis(100);
    const CAP: Duration = Duration::from_secs(30);

    fn delays(backoff: Backoff, count: usize, seed: u64) -> Vec<Duration> {
        let ((mut delay, mut own), mut random) = (Delay::new(backoff), Rng::with_seed(seed));
        let next = |_| match &mut own {
            Some(own) => own.next(delay.resets()).map(|next| delay.next(Some(next), &mut random)),
            None => Some(delay.next(None, &mut random)),
        };
        (0..count).map_while(next).collect()
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
            let (mut delay, _) = Delay::new(backoff);
            delay.catch_up(Duration::from_secs(wait));
            Some(delay.next(None, &mut random))
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
        let (mut delay, own) = Delay::new(Backoff::custom(|| (1..=2).map(Duration::from_secs)));
        let mut own = own.expect("delays of its own");
        assert_eq!(own.next(delay.resets()), Some(Duration::from_secs(1)));
        delay.reset();
        assert_eq!(own.next(delay.resets()), Some(Duration::from_secs(1)));
    }

    /// Each step of the search is a multiplication: what grows by nothing must not take for ever.
    #[test]
    fn catching_up_ends_soon_whatever_the_factor() {
        let mut random = Rng::with_seed(1);
        for factor in [0.0, 1.0, 1.0 + 1e-10, 1.0 + f64::EPSILON, 2.0, f64::INFINITY, f64::NAN] {
            for base in [Duration::ZERO, Duration::from_nanos(1), BASE, Duration::MAX] {
                for wait in [Duration::ZERO, CAP, Duration::MAX] {
                    let backoff = Backoff::exponential(base, Duration::MAX).factor(factor).jitter(Jitter::None);
                    let (mut delay, _) = Delay::new(backoff);
                    delay.catch_up(wait);
                    assert!(delay.next(None, &mut random) >= base);
                }
            }
        }
    }

    #[test]
    fn no_delay_stays_none_however_often() {
        let none = delays(Backoff::exponential(Duration::ZERO, CAP).jitter(Jitter::None), 1_100, 1);
        assert!(none.iter().all(Duration::is_zero));
    }

    #[test]
    fn extreme_settings_do_not_panic() {
        let most = Backoff::exponential(Duration::MAX, Duration::MAX).factor(f64::INFINITY).jitter(Jitter::None);
        assert_eq!(delays(most, 3, 1), [Duration::MAX; 3]);
        let backwards = Backoff::exponential(CAP, BASE).factor(f64::NAN);
        assert!(delays(backwards, 40, 1).into_iter().all(|delay| delay <= BASE));
    }
}
