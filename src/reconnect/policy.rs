//! What follows from a failure: try again, and when, or stop.

use super::{
    Failure,
    backoff::OwnDelays,
    machine::{OwnDelay, Question, Ruling},
};
use crate::{Cause, ProxyFault};
use std::{fmt, time::Duration};

/// What a server may make a client wait by `Retry-After`; more is taken for this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);
/// RFC 6455 section 7.4.1 by way of the IANA registry's 1012: "a randomized delay of 5 - 30 seconds".
const RESTART: Decision = Decision::RetryWithin { least: Duration::from_secs(5), most: Duration::from_secs(30) };

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// Try again after the backoff's next delay.
    Retry,
    /// Try again after this time and up to a quarter more, at most 10 s more, so that those who
    /// were told the same do not come at the same moment.
    RetryAfter(Duration),
    /// Try again after a random time between these.
    RetryWithin {
        /// The shortest time.
        least: Duration,
        /// The longest time.
        most: Duration,
    },
    /// The credentials were refused: get new ones and try again, at once the first time. If new ones
    /// are refused that were never accepted, or there is no way to get any, the socket ends with
    /// [`EndCause::CredentialsRefused`](super::EndCause::CredentialsRefused). Accepted are those with
    /// which a connection was opened, if an upgrade is refused, and those under which a session
    /// handshake went well, or messages arrived and the connection lasted for a second, if an open one is; a token that is past its own
    /// [expiry](super::Token::expires_in) has expired, and was not refused.
    Refresh,
    /// Do not try again.
    Stop,
}

/// Decides what follows from a failure.
///
/// The user's own function comes first, then what was set for a close code or HTTP status, then
/// this table:
///
/// | failure | decision | why |
/// |---|---|---|
/// | close code 1000, 3003, 4403 | stop | done; forbidden |
/// | 3000, 4401 | refresh | unauthorized: IANA's code, and the usual one |
/// | 1008, 1010 | stop | refused on principle; the same would be refused again |
/// | 1012, 1013 | retry within 5 to 30 s | the registry's advice |
/// | all other codes, among them 1001, 1005, 1006, 1011, 1014, 4000 to 4999 | retry | |
/// | HTTP 401 | refresh | |
/// | a proxy wants credentials, or others | stop | |
/// | HTTP 408, 425, 429, 5xx but 501 and 505 | retry, not before `Retry-After` where given (at most an hour), nor before the backoff's delay | |
/// | HTTP 200, 302, 303, 307 | retry | captive portals answer so |
/// | all other statuses | stop | a browser hides the status, and retries |
/// | a message named as refusal of credentials | refresh | |
/// | name resolution, network, TLS, timeouts, no answer to a heartbeat, a broken protocol | retry | |
/// | provider or session handshake failed | retry, unless it [gave up](super::GiveUp) | |
/// | an endpoint that cannot be opened | stop | it would fail again |
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::reconnect::{Decision, RetryPolicy};
///
/// let policy = RetryPolicy::new()
///     .on_code(4000, Decision::Stop)
///     .on_code(1008, Decision::Refresh)
///     .on_status(404, Decision::Retry)
///     .on_failure(|failure| failure.to_string().contains("maintenance").then_some(Decision::Stop));
/// # Ok(()) });
/// ```
#[derive(Default)]
pub struct RetryPolicy {
    codes: Decisions,
    statuses: Decisions,
    predicate: Option<Box<Predicate>>,
}

type Predicate = dyn FnMut(&Failure) -> Option<Decision> + Send;

/// By number; few, so that looking through them is as fast as a map, and smaller.
#[derive(Debug, Default)]
struct Decisions(Vec<(u16, Decision)>);

impl Decisions {
    fn set(&mut self, number: u16, decision: Decision) {
        self.0.retain(|(other, _)| *other != number);
        self.0.push((number, decision));
    }

    fn get(&self, number: u16) -> Option<Decision> {
        self.0.iter().find(|(other, _)| *other == number).map(|(_, decision)| *decision)
    }
}

impl RetryPolicy {
    /// The table above.
    pub fn new() -> Self {
        Self::default()
    }

    /// What follows from this close code.
    pub fn on_code(mut self, code: u16, decision: Decision) -> Self {
        self.codes.set(code, decision);
        self
    }

    /// What follows from this HTTP status; natively, since a browser hides it.
    pub fn on_status(mut self, status: u16, decision: Decision) -> Self {
        self.statuses.set(status, decision);
        self
    }

    /// Asks a function first; `None` leaves it to the rest. It runs on the task that drives the socket,
    /// and may use handles of the socket: no lock is held meanwhile.
    pub fn on_failure(mut self, predicate: impl FnMut(&Failure) -> Option<Decision> + Send + 'static) -> Self {
        self.predicate = Some(Box::new(predicate));
        self
    }

    /// The decision; `wall` is the time since the Unix epoch.
    pub(crate) fn decide(&mut self, failure: &Failure, wall: Duration) -> Decision {
        if let Some(decision) = self.predicate.as_mut().and_then(|predicate| predicate(failure)) {
            return decision;
        }
        match failure {
            Failure::Closed(close) => self.for_code(close.code.0),
            Failure::Connection(error) => match error.cause() {
                Cause::Http(refusal) => self.for_status(refusal.status(), asked_wait(failure, wall)),
                Cause::RuntimeGone | Cause::Proxy { fault: ProxyFault::Unauthorized, .. } => Decision::Stop,
                _ => Decision::Retry,
            },
            Failure::CredentialsRefused => Decision::Refresh,
            Failure::Endpoint(_) => Decision::Stop,
            Failure::Provider { give_up: true, .. }
            | Failure::Credentials { give_up: true, .. }
            | Failure::Handshake { give_up: true, .. } => Decision::Stop,
            _ => Decision::Retry,
        }
    }

    fn for_code(&self, code: u16) -> Decision {
        if let Some(decision) = self.codes.get(code) {
            return decision;
        }
        match code {
            1000 | 1008 | 1010 | 3003 | 4403 => Decision::Stop,
            1012 | 1013 => RESTART,
            3000 | 4401 => Decision::Refresh,
            _ => Decision::Retry,
        }
    }

    fn for_status(&self, status: u16, asked: Option<Duration>) -> Decision {
        if let Some(decision) = self.statuses.get(status) {
            return decision;
        }
        match status {
            401 => Decision::Refresh,
            501 | 505 => Decision::Stop,
            408 | 425 | 429 | 500..=599 => asked.map_or(Decision::Retry, Decision::RetryAfter),
            200 | 302 | 303 | 307 => Decision::Retry,
            _ => Decision::Stop,
        }
    }
}

/// How long a refusal asks to wait.
fn asked_wait(failure: &Failure, wall: Duration) -> Option<Duration> {
    match failure.cause()? {
        Cause::Http(refusal) => Some(refusal.retry_after(wall)?.min(LONGEST_RETRY_AFTER)),
        _ => None,
    }
}

/// The policy and the user's own delays, which are foreign code: asked where no lock is held.
pub(crate) struct Retrying {
    policy: RetryPolicy,
    own_delays: Option<OwnDelays>,
}

impl Retrying {
    pub(crate) fn new(policy: RetryPolicy, own_delays: Option<OwnDelays>) -> Self {
        Self { policy, own_delays }
    }

    /// Answers the machine's question; `wall` is the time since the Unix epoch.
    pub(crate) fn rule(&mut self, question: &Question, wall: Duration) -> Ruling {
        let decision = self.policy.decide(&question.failure, wall);
        // a clock that is ahead of the server's makes any date one of the past
        let is_the_servers =
            matches!(decision, Decision::RetryAfter(after) if asked_wait(&question.failure, wall) == Some(after));
        let is_waited = match decision {
            Decision::Retry => true,
            Decision::Refresh => question.refresh_waits,
            _ => is_the_servers,
        };
        let own_delay = match self.own_delays.as_mut().filter(|_| is_waited) {
            Some(delays) => delays.next(question.reset).map_or(OwnDelay::Over, OwnDelay::Next),
            None => OwnDelay::None,
        };
        Ruling { decision, is_the_servers, own_delay }
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RetryPolicy")
            .field("codes", &self.codes)
            .field("statuses", &self.statuses)
            .field("predicate", &self.predicate.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CloseEvent, ConnectionError, HandshakeFault, HttpRefusal};

    fn for_code(code: u16) -> Decision {
        let close = CloseEvent::new(code, String::new(), true);
        RetryPolicy::new().decide(&Failure::Closed(close), Duration::ZERO)
    }

    fn refused(status: u16, headers: &[(&str, &str)]) -> Failure {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let answer = HttpRefusal::new(status, headers, Default::default());
        connection(Cause::Http(answer))
    }

    fn connection(cause: Cause) -> Failure {
        Failure::Connection(ConnectionError::new("ws://host/".into(), cause))
    }

    #[test]
    fn every_close_code_has_its_decision() {
        for code in 0..=u16::MAX {
            let expected = match code {
                1000 | 1008 | 1010 | 3003 | 4403 => Decision::Stop,
                1012 | 1013 => Decision::RetryWithin { least: Duration::from_secs(5), most: Duration::from_secs(30) },
                3000 | 4401 => Decision::Refresh,
                _ => Decision::Retry,
            };
            assert_eq!(for_code(code), expected, "{code}");
        }
    }

    #[test]
    fn every_status_has_its_decision() {
        let mut policy = RetryPolicy::new();
        for status in 100..=599 {
            let expected = match status {
                401 => Decision::Refresh,
                200 | 302 | 303 | 307 | 408 | 425 | 429 | 500 | 502..=504 | 506..=599 => Decision::Retry,
                _ => Decision::Stop,
            };
            assert_eq!(policy.decide(&refused(status, &[]), Duration::ZERO), expected, "{status}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_has_a_limit() {
        let wall = Duration::from_secs(784_111_777 - 90);
        for (value, expected) in [
            ("7", Decision::RetryAfter(Duration::from_secs(7))),
            ("0", Decision::RetryAfter(Duration::ZERO)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Decision::RetryAfter(Duration::from_secs(90))),
            ("Wed, 06 Nov 1974 08:49:37 GMT", Decision::RetryAfter(Duration::ZERO)),
            ("99999999999999999999999999", Decision::RetryAfter(LONGEST_RETRY_AFTER)),
            ("soon", Decision::Retry),
            ("-1", Decision::Retry),
            ("", Decision::Retry),
        ] {
            let decided = RetryPolicy::new().decide(&refused(503, &[("retry-after", value)]), wall);
            assert_eq!(decided, expected, "{value}");
        }
    }

    #[test]
    fn causes_that_pass_are_tried_again() {
        for cause in [
            Cause::Hidden,
            Cause::Refused,
            Cause::Disconnected,
            Cause::InvalidUtf8,
            Cause::Dns { host: "host".to_owned(), reason: "none".to_owned() },
            Cause::Tls { reason: "expired".to_owned() },
            Cause::Handshake(HandshakeFault::MissingUpgrade),
            Cause::MessageTooBig { limit: 1 },
        ] {
            assert_eq!(
                RetryPolicy::new().decide(&connection(cause.clone()), Duration::ZERO),
                Decision::Retry,
                "{cause}"
            );
        }
        let proxy = |fault| connection(Cause::Proxy { proxy: "http://h:80".to_owned(), fault });
        for (failure, decision) in [
            (connection(Cause::RuntimeGone), Decision::Stop),
            (proxy(ProxyFault::Unauthorized), Decision::Stop),
            (proxy(ProxyFault::Http { status: 503 }), Decision::Retry),
        ] {
            assert_eq!(RetryPolicy::new().decide(&failure, Duration::ZERO), decision, "{failure}");
        }
    }

    #[test]
    fn the_users_word_comes_first_and_settings_before_the_table() {
        let mut policy = RetryPolicy::new()
            .on_code(1001, Decision::Retry)
            .on_code(1001, Decision::Stop)
            .on_status(404, Decision::Retry)
            .on_failure(|failure| (failure.close_code() == Some(4000)).then_some(Decision::Refresh));
        let mut decide = |failure| policy.decide(&failure, Duration::ZERO);
        let closed = |code| Failure::Closed(CloseEvent::new(code, String::new(), true));
        assert_eq!(decide(closed(1001)), Decision::Stop);
        assert_eq!(decide(closed(4000)), Decision::Refresh);
        assert_eq!(decide(refused(404, &[])), Decision::Retry);
    }
}
