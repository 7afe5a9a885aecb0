//! A reconnecting client without I/O, whose time is counted and not waited for.

use crate::{
    Cause, CloseCode, CloseEvent, ConnectionError, HttpRefusal,
    reconnect::{
        Backoff, RetryPolicy, State,
        backoff::Delay,
        machine::{Action, Machine, Moment, Now, Rules},
        policy::Retrying,
    },
};
use std::{sync::Arc, time::Duration};

/// A reconnecting client in time of its own: the real state machine, told in place of a network
/// what becomes of each attempt. It shows when a backoff and a policy make attempts, for one
/// client or, one after the other, for a million.
///
/// Times are since its start. It has the options that
/// [`reconnect::Builder`](crate::reconnect::Builder) has by default, without a heartbeat.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::{CloseCode, reconnect::{Backoff, RetryPolicy}, test_kit::Simulation};
/// use std::time::Duration;
///
/// let mut client = Simulation::new(Backoff::default(), RetryPolicy::new(), 1);
/// assert_eq!(client.next_attempt(), Some(Duration::ZERO));
/// client.accept();
/// let restart = Duration::from_secs(60);
/// client.close(restart, CloseCode::SERVICE_RESTART);
///
/// let attempt = client.next_attempt().expect("a restart is no reason to give up");
/// let waited = attempt - restart;
/// assert!(Duration::from_secs(5) <= waited && waited <= Duration::from_secs(30));
/// client.refuse();
/// assert!(client.next_attempt() > Some(attempt));
/// # Ok(()) });
/// ```
pub struct Simulation {
    machine: Machine,
    retrying: Retrying,
    now: Duration,
    /// The attempt, or what became of it, that news are about.
    generation: u64,
    /// An attempt was begun that has not been told of.
    begun: bool,
    url: Arc<str>,
}

impl Simulation {
    /// Begins its first attempt, at time zero. The same seed makes the same delays.
    pub fn new(backoff: Backoff, retry: RetryPolicy, seed: u64) -> Self {
        // nothing is measured, so that nothing need look at clocks
        let rules = Rules { clock_check: None, ..Rules::default() };
        let (delay, own_delays) = Delay::new(backoff);
        let machine = Machine::new(rules, delay, seed, at(Duration::ZERO));
        let retrying = Retrying::new(retry, own_delays);
        let mut simulation =
            Self { machine, retrying, now: Duration::ZERO, generation: 0, begun: false, url: "ws://simulated/".into() };
        simulation.machine.start(at(Duration::ZERO));
        simulation.perform();
        simulation
    }

    /// Goes on to the next attempt, and says when it is. An attempt of which nothing has been
    /// said by then timed out, after 20 s.
    ///
    /// `None` while the connection is open, since it is to be lost first, and when the client has
    /// given up.
    pub fn next_attempt(&mut self) -> Option<Duration> {
        while !self.begun {
            let Moment(deadline) = self.machine.next_deadline().filter(|_| !self.machine.state().is_open())?;
            self.pass(deadline);
        }
        self.begun = false;
        Some(self.now)
    }

    /// The attempt succeeds.
    pub fn accept(&mut self) {
        self.machine.opened(self.generation, at(self.now));
        self.perform();
    }

    /// The attempt fails, since nobody listens.
    pub fn refuse(&mut self) {
        self.refuse_with(Cause::Refused);
    }

    /// The attempt fails for this reason.
    pub fn refuse_with(&mut self, cause: Cause) {
        self.end(Some(cause), CloseEvent::abnormal());
    }

    /// The attempt fails, since the server answers with this HTTP status and, where there is one,
    /// `Retry-After`.
    pub fn refuse_with_status(&mut self, status: u16, retry_after: Option<Duration>) {
        let headers = retry_after.map(|after| ("retry-after".to_owned(), after.as_secs().to_string()));
        let answer = HttpRefusal::new(status, headers.into_iter().collect(), Default::default());
        self.refuse_with(Cause::Http(answer));
    }

    /// The connection breaks without a close frame, as when the server is killed. A time in the
    /// past is taken for now.
    pub fn cut(&mut self, time: Duration) {
        self.go_to(time);
        self.end(Some(Cause::Disconnected), CloseEvent::abnormal());
    }

    /// The server closes the connection with this code. A time in the past is taken for now.
    pub fn close(&mut self, time: Duration, code: impl Into<CloseCode>) {
        self.go_to(time);
        self.end(None, CloseEvent::new(code.into().0, String::new(), true));
    }

    /// What the client is doing.
    pub fn state(&self) -> &State {
        self.machine.state()
    }

    /// The time that it has come to.
    pub fn now(&self) -> Duration {
        self.now
    }

    fn end(&mut self, cause: Option<Cause>, close: CloseEvent) {
        let error = cause.map(|cause| ConnectionError::new(self.url.clone(), cause));
        self.machine.closed(self.generation, error, close, at(self.now));
        self.perform();
    }

    /// Lets the deadlines up to a time pass, each at its moment.
    fn go_to(&mut self, time: Duration) {
        while let Some(Moment(deadline)) = self.machine.next_deadline().filter(|deadline| deadline.0 <= time) {
            self.pass(deadline);
        }
        self.now = self.now.max(time);
    }

    fn pass(&mut self, deadline: Duration) {
        self.now = self.now.max(deadline);
        self.machine.handle_timeout(at(self.now));
        self.perform();
    }

    /// Does what the machine says. Its endpoint is there at once.
    fn perform(&mut self) {
        while let Some(action) = self.machine.poll_action(Moment(self.now)) {
            match action {
                Action::Provide(request) => self.machine.provided(request.generation, Ok(None), at(self.now)),
                Action::Connect { generation } => {
                    self.generation = generation;
                    self.begun = true;
                }
                Action::Decide(question) => {
                    let ruling = self.retrying.rule(&question, self.now);
                    self.machine.decided(question.generation, ruling, at(self.now));
                }
                // a link that is let go is followed by another generation, and of events nobody reads
                Action::Detach(_) | Action::Emit(_) => {}
                Action::Handshake { .. } | Action::Probe { .. } | Action::CloseLink(_) => {}
            }
        }
        drop(self.machine.take_discarded());
    }
}

/// Both clocks began together.
fn at(time: Duration) -> Now {
    Now { at: Moment(time), wall: time }
}

impl std::fmt::Debug for Simulation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Simulation")
            .field("now", &self.now)
            .field("state", self.state())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconnect::{EndCause, Jitter};

    const SECOND: Duration = Duration::from_secs(1);

    fn client(jitter: Jitter, seed: u64) -> Simulation {
        Simulation::new(Backoff::default().jitter(jitter), RetryPolicy::new(), seed)
    }

    /// The delays after this many refusals.
    fn delays(mut client: Simulation, count: usize) -> Vec<Duration> {
        let mut before = client.next_attempt();
        let mut delays = Vec::new();
        for _ in 0..count {
            client.refuse();
            let next = client.next_attempt();
            delays.extend(next.zip(before).map(|(next, before)| next - before));
            before = next;
        }
        delays
    }

    #[test]
    fn attempts_come_when_the_backoff_says() {
        let expected = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000];
        assert_eq!(delays(client(Jitter::None, 1), 11), expected.map(Duration::from_millis));
        for seed in 0..1_000 {
            let delays = delays(client(Jitter::Full, seed), expected.len());
            assert_eq!(delays.len(), expected.len());
            for (delay, most) in delays.into_iter().zip(expected) {
                assert!(delay <= Duration::from_millis(most), "seed {seed}");
            }
        }
    }

    #[test]
    fn a_seed_fixes_the_attempts() {
        assert_eq!(delays(client(Jitter::Full, 5), 20), delays(client(Jitter::Full, 5), 20));
        assert_ne!(delays(client(Jitter::Full, 5), 20), delays(client(Jitter::Full, 6), 20));
    }

    #[test]
    fn an_open_connection_makes_no_attempt_until_it_is_lost() {
        let mut client = client(Jitter::None, 1);
        client.next_attempt();
        client.accept();
        assert_eq!(client.next_attempt(), None);
        assert_eq!((client.state(), client.now()), (&State::Open, Duration::ZERO));
        client.cut(60 * SECOND);
        assert_eq!(client.next_attempt(), Some(Duration::from_millis(60_100)));
        client.accept();
        client.cut(61 * SECOND);
        assert_eq!(client.next_attempt(), Some(Duration::from_millis(61_200)), "it was not stable");
    }

    #[test]
    fn an_attempt_without_an_answer_times_out() {
        let mut client = client(Jitter::None, 1);
        assert_eq!(client.next_attempt(), Some(Duration::ZERO));
        assert_eq!(client.next_attempt(), Some(Duration::from_millis(20_100)));
    }

    #[test]
    fn what_the_server_says_counts() {
        let mut announced = client(Jitter::Full, 1);
        announced.next_attempt();
        announced.refuse_with_status(503, Some(40 * SECOND));
        let attempt = announced.next_attempt();
        assert!(Some(40 * SECOND) <= attempt && attempt <= Some(50 * SECOND), "{attempt:?}");
        announced.accept();
        announced.close(100 * SECOND, 1012);
        let attempt = announced.next_attempt();
        assert!(Some(105 * SECOND) <= attempt && attempt <= Some(130 * SECOND), "{attempt:?}");
        announced.refuse_with_status(404, None);
        assert_eq!(announced.next_attempt(), None);
        assert!(matches!(announced.state(), State::Ended(EndCause::GivenUp(_))));
        announced.accept();
        announced.cut(200 * SECOND);
        assert_eq!(announced.next_attempt(), None);
    }
}
