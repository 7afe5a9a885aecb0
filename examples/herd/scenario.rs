//! What happens to the server and to its clients, and when they come back.

use eversocket::{
    CloseCode,
    reconnect::{Backoff, Jitter, RetryPolicy},
    test_kit::Simulation,
};
use std::{num::NonZero, ops::Range, thread, time::Duration};

/// How long the clients are connected before the server goes away: long enough to be stable.
const CONNECTED: Duration = Duration::from_secs(60);
/// To measure how often a client tries that has been refused for so long that no trace is left of
/// when it began.
const SETTLED: Range<u64> = 1_800..5_400;
const MEASURED_CLIENTS: u64 = 20_000;

/// How the clients learn that the server is gone, and what spreads their attempts.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// Every connection is cut (1006); the default backoff with this jitter.
    Cut(Jitter),
    /// The server closes every connection with code 1012.
    Announced,
}

impl Kind {
    pub const ALL: [Self; 5] = [
        Self::Cut(Jitter::None),
        Self::Cut(Jitter::Equal),
        Self::Cut(Jitter::Decorrelated),
        Self::Cut(Jitter::Full),
        Self::Announced,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Cut(Jitter::None) => "none",
            Self::Cut(Jitter::Equal) => "equal",
            Self::Cut(Jitter::Decorrelated) => "decorrelated",
            Self::Cut(Jitter::Full) => "full",
            Self::Announced => "code 1012",
        }
    }

    /// Over how many seconds the attempts of all clients are spread at best: the mean delay of
    /// clients that know nothing of each other, or the window that code 1012 asks for.
    pub fn spread(self) -> f64 {
        match self {
            Self::Cut(Jitter::None) => 30.0,
            Self::Cut(Jitter::Equal) => 22.5,
            Self::Cut(Jitter::Full) => 15.0,
            // no closed form: the next delay depends on the last one, up to the cap
            Self::Cut(Jitter::Decorrelated) => self.measured_delay(),
            Self::Announced => 25.0,
        }
    }

    /// The mean delay of clients that are refused for an hour and a half.
    fn measured_delay(self) -> f64 {
        let run = self.run(MEASURED_CLIENTS, SETTLED.end);
        let settled = SETTLED.start as usize..SETTLED.end as usize;
        let attempts: u64 = run.arrivals[settled.clone()].iter().sum();
        settled.len() as f64 * MEASURED_CLIENTS as f64 / attempts as f64
    }

    /// Lets the server go away for so many seconds from all of these clients.
    pub fn run(self, clients: u64, outage: u64) -> Run {
        let threads = thread::available_parallelism().map_or(1, NonZero::get) as u64;
        let parts = (0..threads).map(|part| clients * part / threads..clients * (part + 1) / threads);
        let mut run = Run { clients, outage, arrivals: Vec::new(), back: Vec::new() };
        thread::scope(|scope| {
            let parts: Vec<_> = parts.map(|part| scope.spawn(move || self.run_part(part, outage))).collect();
            for part in parts {
                match part.join() {
                    Ok(part) => run.add(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        run.back.sort_unstable();
        run
    }

    fn run_part(self, clients: Range<u64>, outage: u64) -> Run {
        let mut run = Run { clients: 0, outage, arrivals: Vec::new(), back: Vec::new() };
        let returns = Duration::from_secs(outage);
        for number in clients {
            let mut client = self.client(number);
            while let Some(time) = client.next_attempt() {
                let since = time.saturating_sub(CONNECTED);
                run.count(since);
                if since < returns {
                    client.refuse();
                } else {
                    run.back.push(since - returns);
                    break;
                }
            }
        }
        run
    }

    /// A client that was connected, and at time [`CONNECTED`] no longer is.
    fn client(self, number: u64) -> Simulation {
        // not the number itself: such seeds are too regular for independent clients
        let seed = fastrand::Rng::with_seed(number).u64(..);
        let backoff = Backoff::exponential(Duration::from_millis(100), Duration::from_secs(30));
        let backoff = match self {
            Self::Cut(jitter) => backoff.jitter(jitter),
            Self::Announced => backoff,
        };
        let mut client = Simulation::new(backoff, RetryPolicy::new(), seed);
        client.next_attempt();
        client.accept();
        match self {
            Self::Cut(_) => client.cut(CONNECTED),
            Self::Announced => client.close(CONNECTED, CloseCode::SERVICE_RESTART),
        }
        client
    }
}

/// When the clients came.
pub struct Run {
    pub clients: u64,
    /// The server is back after so many seconds.
    pub outage: u64,
    /// Attempts in each second since the server went away.
    pub arrivals: Vec<u64>,
    /// How long after the server's return each client was back, the first first.
    back: Vec<Duration>,
}

impl Run {
    fn count(&mut self, since: Duration) {
        let second = since.as_secs() as usize;
        if self.arrivals.len() <= second {
            self.arrivals.resize(second + 1, 0);
        }
        self.arrivals[second] += 1;
    }

    fn add(&mut self, part: Run) {
        if self.arrivals.len() < part.arrivals.len() {
            self.arrivals.resize(part.arrivals.len(), 0);
        }
        for (sum, count) in self.arrivals.iter_mut().zip(part.arrivals) {
            *sum += count;
        }
        self.back.extend(part.back);
    }

    pub fn attempts(&self) -> u64 {
        self.arrivals.iter().sum()
    }

    /// The most attempts in any second, the refused ones among them.
    pub fn peak(&self) -> u64 {
        self.arrivals.iter().copied().max().unwrap_or(0)
    }

    /// The most attempts in any second since the server's return.
    pub fn peak_after_return(&self) -> u64 {
        self.arrivals.iter().skip(self.outage as usize).copied().max().unwrap_or(0)
    }

    /// Until this part of the clients is back, since the server's return.
    pub fn time_until(&self, part: f64) -> Duration {
        let count = (part * self.clients as f64).ceil() as usize;
        count.checked_sub(1).and_then(|last| self.back.get(last)).copied().unwrap_or(Duration::MAX)
    }
}
