//! The logic of the token cache, without I/O: what to ask the source for, what an answer changes,
//! and what happens to a fetch when the application steps in.

use super::token::{Token, TokenRequest};
use crate::reconnect::{Failure, machine::Now};
use std::time::Duration;

/// The default margin before the expiry: no longer than this, and than this part of the life.
const LONGEST_MARGIN: Duration = Duration::from_secs(30);
const MARGIN_PART: u32 = 10;

/// How long before its expiry a token is renewed, if that is set.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Margin(pub(super) Option<Duration>);

impl Margin {
    /// At most half of the life: else each connection would ask for a token.
    fn of(self, life: Duration) -> Duration {
        self.0.map_or_else(|| LONGEST_MARGIN.min(life / MARGIN_PART), |margin| margin.min(life / 2))
    }
}

/// A token in the cache.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) secret: String,
    pub(super) version: u64,
    life: Option<Life>,
}

#[derive(Clone, Copy)]
struct Life {
    length: Duration,
    end: Now,
}

impl Kept {
    fn new(token: Token, version: u64, now: Now) -> Self {
        let life = token.expires_in.map(|length| Life { length, end: now.after(length) });
        Self { secret: token.secret, version, life }
    }

    pub(super) fn expires_at(&self) -> Option<Now> {
        self.life.map(|life| life.end)
    }

    fn is_within(&self, margin: Duration, now: Now) -> bool {
        self.life.is_some_and(|life| now.after(margin).is_past(life.end))
    }

    fn has_expired(&self, now: Now) -> bool {
        self.is_within(Duration::ZERO, now)
    }

    fn is_to_be_renewed(&self, margin: Margin, now: Now) -> bool {
        self.life.is_some_and(|life| self.is_within(margin.of(life.length), now))
    }
}

/// An attempt that needs a token.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asker {
    /// The version that the server refused.
    pub(super) refused: Option<u64>,
    pub(super) margin: Margin,
    /// The fetch that it waits for: what comes of that or a later one is its answer.
    awaited: Option<u64>,
}

impl Asker {
    pub(super) fn new(refused: Option<u64>, margin: Margin) -> Self {
        Self { refused, margin, awaited: None }
    }
}

/// What an attempt is to do.
pub(super) enum Reply {
    Use(Kept),
    /// Ask the source; the answer goes to [`Cache::fetched`].
    Fetch(TokenRequest),
    /// Ask again when the fetch under way has ended, or the token was replaced.
    Wait,
    Fail(Failure),
}

#[derive(Default)]
pub(super) struct Cache {
    token: Option<Kept>,
    fetch: Option<Fetch>,
    /// What came of the last fetch, if it failed, for those who wait for it.
    failed: Option<(u64, Failure)>,
    /// Numbers fetches and replacements, which makes it the version of the tokens had by them.
    count: u64,
}

struct Fetch {
    number: u64,
    /// The application has replaced or invalidated the token since.
    is_void: bool,
}

impl Cache {
    /// What an attempt is to do now. A fetch is begun only when none is under way.
    pub(super) fn ask(&mut self, asker: &mut Asker, now: Now) -> Reply {
        if let Some(awaited) = asker.awaited {
            // a fresh one is used at least once, however short its life
            if let Some(token) = self.token.as_ref().filter(|token| token.version >= awaited) {
                return Reply::Use(token.clone());
            }
            if let Some((_, failure)) = self.failed.as_ref().filter(|(number, _)| *number >= awaited) {
                return Reply::Fail(failure.clone());
            }
        }
        if let Some(fetch) = self.fetch.as_ref().filter(|fetch| !fetch.is_void) {
            asker.awaited.get_or_insert(fetch.number);
            return Reply::Wait;
        }
        let request = match &self.token {
            None => TokenRequest::First,
            Some(token) if asker.refused == Some(token.version) => match token.has_expired(now) {
                true => TokenRequest::Expired,
                false => TokenRequest::Refused,
            },
            Some(token) if token.is_to_be_renewed(asker.margin, now) => TokenRequest::Expired,
            Some(token) => return Reply::Use(token.clone()),
        };
        if self.fetch.is_some() {
            return Reply::Wait;
        }
        self.count += 1;
        self.fetch = Some(Fetch { number: self.count, is_void: false });
        asker.awaited = Some(self.count);
        Reply::Fetch(request)
    }

    /// The fetch under way has ended. What it displaced is to be dropped where no lock is held: an
    /// error of the application's is among it.
    #[must_use]
    pub(super) fn fetched(&mut self, result: Result<Token, Failure>, now: Now) -> Option<Failure> {
        let Some(Fetch { number, is_void: false }) = self.fetch.take() else { return result.err() };
        let displaced = match result {
            Ok(token) => {
                self.token = Some(Kept::new(token, number, now));
                self.failed.take()
            }
            Err(failure) => self.failed.replace((number, failure)),
        };
        displaced.map(|(_, failure)| failure)
    }

    /// The application has a token itself, or none any more; what a fetch under way brings is not
    /// kept. Returns what is to be dropped where no lock is held.
    #[must_use]
    pub(super) fn set(&mut self, token: Option<Token>, now: Now) -> Option<Failure> {
        self.count += 1;
        self.token = token.map(|token| Kept::new(token, self.count, now));
        if let Some(fetch) = &mut self.fetch {
            fetch.is_void = true;
        }
        self.failed.take().map(|(_, failure)| failure)
    }

    /// Another clock counts from here on.
    pub(super) fn change_clock(&mut self, before: Now, after: Now) {
        if let Some(life) = self.token.as_mut().and_then(|token| token.life.as_mut()) {
            let left = life.end.at.since(before.at).min(life.end.wall.saturating_sub(before.wall));
            life.end = after.after(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconnect::{UserError, machine::Moment};

    const SECOND: Duration = Duration::from_secs(1);

    fn at(seconds: u32) -> Now {
        let time = SECOND * seconds;
        Now { at: Moment(time), wall: 1_000_000 * SECOND + time }
    }

    fn lasting(secret: &str, seconds: u32) -> Token {
        Token::new(secret).expires_in(SECOND * seconds)
    }

    fn failure() -> Failure {
        Failure::Credentials { error: UserError::new("no network"), give_up: false }
    }

    fn shown(reply: Reply) -> String {
        match reply {
            Reply::Use(token) => token.secret,
            Reply::Fetch(request) => format!("{request:?}"),
            Reply::Wait => "wait".to_owned(),
            Reply::Fail(_) => "fail".to_owned(),
        }
    }

    /// What a new attempt is told.
    fn ask(cache: &mut Cache, refused: Option<u64>, now: Now) -> String {
        shown(cache.ask(&mut Asker::new(refused, Margin::default()), now))
    }

    /// A cache that has fetched this token at second 0.
    fn holding(token: Token) -> Cache {
        let mut cache = Cache::default();
        assert_eq!(ask(&mut cache, None, at(0)), "First");
        assert!(cache.fetched(Ok(token), at(0)).is_none());
        cache
    }

    #[test]
    fn a_token_is_renewed_a_tenth_of_its_life_or_30_seconds_before_its_end() {
        for (life, last) in [(10, 8), (100, 89), (300, 269), (301, 270), (3_600, 3_569)] {
            let cache = || holding(lasting("a", life));
            assert_eq!(ask(&mut cache(), None, at(last)), "a", "{life}");
            assert_eq!(ask(&mut cache(), None, at(last + 1)), "Expired", "{life}");
        }
        assert_eq!(ask(&mut holding("a".into()), None, at(u32::MAX)), "a");
    }

    #[test]
    fn a_margin_that_is_set_counts_up_to_half_of_the_life() {
        for (margin, last) in [(0, 99), (60, 49), (20, 79), (3_600, 49)] {
            let ask = |now| {
                let mut asker = Asker::new(None, Margin(Some(SECOND * margin)));
                shown(holding(lasting("a", 100)).ask(&mut asker, now))
            };
            assert_eq!((ask(at(last)), ask(at(last + 1))), ("a".to_owned(), "Expired".to_owned()), "{margin}");
        }
    }

    #[test]
    fn a_fresh_token_is_used_once_even_if_it_has_no_life() {
        let mut cache = Cache::default();
        let mut asker = Asker::default();
        assert_eq!(shown(cache.ask(&mut asker, at(0))), "First");
        assert!(cache.fetched(Ok(lasting("short", 0)), at(1)).is_none());
        assert_eq!(shown(cache.ask(&mut asker, at(2))), "short");
        assert_eq!(ask(&mut cache, None, at(2)), "Expired");
    }

    #[test]
    fn a_token_expires_by_either_clock() {
        let slept = Now { at: Moment(10 * SECOND), wall: at(8 * 3_600).wall };
        assert_eq!(ask(&mut holding(lasting("a", 300)), None, slept), "Expired");
        let set_back = Now { at: at(280).at, wall: Duration::ZERO };
        assert_eq!(ask(&mut holding(lasting("a", 300)), None, set_back), "Expired");
    }

    #[test]
    fn a_token_that_is_refused_after_its_expiry_has_expired() {
        for (now, expected) in [(5, "Refused"), (9, "Refused"), (10, "Expired"), (1_000, "Expired")] {
            assert_eq!(ask(&mut holding(lasting("a", 10)), Some(1), at(now)), expected, "{now}");
        }
        assert_eq!(ask(&mut holding("a".into()), Some(1), at(1_000)), "Refused");
        assert_eq!(ask(&mut holding("a".into()), Some(0), at(0)), "a", "another was refused");
    }

    #[test]
    fn there_is_one_fetch_at_a_time_for_all() {
        let mut cache = Cache::default();
        let mut askers = [Asker::default(); 3];
        let replies =
            |cache: &mut Cache, askers: &mut [Asker; 3]| askers.each_mut().map(|asker| shown(cache.ask(asker, at(0))));
        assert_eq!(replies(&mut cache, &mut askers), ["First", "wait", "wait"]);
        assert!(cache.fetched(Err(failure()), at(0)).is_none());
        assert_eq!(replies(&mut cache, &mut askers), ["fail", "fail", "fail"]);
        assert_eq!(ask(&mut cache, None, at(0)), "First", "who comes later did not wait for that one");
        assert_eq!(replies(&mut cache, &mut askers), ["fail", "fail", "fail"], "still what became of theirs");
        assert!(cache.fetched(Ok("a".into()), at(0)).is_some(), "the error is let go");
        assert_eq!(replies(&mut cache, &mut askers), ["a", "a", "a"]);
    }

    #[test]
    fn while_a_refused_token_is_replaced_nobody_uses_it() {
        let mut cache = holding("a".into());
        assert_eq!(ask(&mut cache, Some(1), at(0)), "Refused");
        assert_eq!(ask(&mut cache, None, at(0)), "wait");
        assert!(cache.fetched(Ok("b".into()), at(0)).is_none());
        assert_eq!(ask(&mut cache, Some(1), at(0)), "b");
    }

    #[test]
    fn a_replaced_token_is_used_at_once_and_not_overwritten_by_a_fetch() {
        let mut cache = Cache::default();
        let mut waiter = Asker::default();
        assert_eq!(shown(cache.ask(&mut waiter, at(0))), "First");
        assert!(cache.set(Some("mine".into()), at(0)).is_none());
        assert_eq!(shown(cache.ask(&mut waiter, at(0))), "mine");
        // the fetch goes on, and no other is begun meanwhile
        assert_eq!(ask(&mut cache, Some(2), at(0)), "wait");
        assert!(cache.fetched(Ok("fetched".into()), at(0)).is_none());
        assert_eq!(ask(&mut cache, None, at(0)), "mine");
        assert_eq!(ask(&mut cache, Some(2), at(0)), "Refused");
    }

    #[test]
    fn who_waits_with_a_refused_replacement_is_not_given_it_again() {
        let mut cache = Cache::default();
        assert_eq!(ask(&mut cache, None, at(0)), "First");
        assert!(cache.set(Some("mine".into()), at(0)).is_none());
        let mut asker = Asker::new(Some(2), Margin::default());
        assert_eq!(shown(cache.ask(&mut asker, at(0))), "wait");
        assert!(cache.fetched(Ok("fetched".into()), at(0)).is_none());
        assert_eq!(shown(cache.ask(&mut asker, at(0))), "Refused");
    }

    #[test]
    fn after_an_invalidation_the_source_is_asked_as_for_the_first_time() {
        let mut cache = holding("old".into());
        assert!(cache.set(None, at(0)).is_none());
        assert_eq!(ask(&mut cache, Some(1), at(0)), "First");
        // and again while that fetch is under way: neither its token nor its failure counts
        for result in [Ok("old".into()), Err(failure())] {
            let mut waiter = Asker::default();
            assert_eq!(shown(cache.ask(&mut waiter, at(0))), "wait");
            assert!(cache.set(None, at(0)).is_none());
            assert_eq!(shown(cache.ask(&mut waiter, at(0))), "wait");
            assert_eq!(cache.fetched(result.clone(), at(0)), result.err());
            assert_eq!(shown(cache.ask(&mut waiter, at(0))), "First");
        }
    }

    #[test]
    fn an_expiry_is_kept_when_another_clock_is_taken() {
        let mut cache = holding(lasting("a", 100));
        let other = |seconds: u32| Now { at: at(seconds + 7_000).at, wall: Duration::ZERO + SECOND * seconds };
        cache.change_clock(at(40), other(0));
        assert_eq!(ask(&mut cache, None, other(49)), "a");
        assert_eq!(ask(&mut cache, None, other(50)), "Expired");
    }
}
