//! Servers that answer the upgrade with an HTTP status. A browser hides it, so that there each is
//! retried by the backoff.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::reconnect::{Decision, EndCause, Event, Failure, RetryPolicy, State};
use std::time::Duration;

#[derive(Debug, PartialEq)]
enum Then {
    Waits(Duration),
    GivenUp,
    CredentialsRefused,
}

/// What follows from such a refusal, and natively its status.
async fn refused(mode: &str, policy: RetryPolicy) -> Then {
    let gate = Gate::new().await;
    gate.set(mode).await;
    let mut socket = slow(&gate.echo()).retry(policy).open().expect("a valid URL");
    let (then, failure) = until(&mut socket, |event| match event {
        Event::State(State::Waiting(waiting)) => Some((Then::Waits(waiting.delay), waiting.failure.clone())),
        Event::Ended(ended) => Some(match &ended.cause {
            EndCause::GivenUp(failure) => (Then::GivenUp, failure.clone()),
            EndCause::CredentialsRefused(failure) => (Then::CredentialsRefused, failure.clone()),
            other => panic!("{other:?}"),
        }),
        _ => None,
    })
    .await;
    let Failure::Connection(_) = &failure else { panic!("{failure:?}") };
    let status = mode.split(':').nth(1).and_then(|status| status.parse().ok());
    assert_eq!(failure.http_status(), status.filter(|_| !is_browser()));
    assert_eq!(gate.count().await, 1, "{mode}: one attempt was made");
    then
}

async fn expect(mode: &str, natively: Then) {
    let expected = if is_browser() { Then::Waits(NEVER) } else { natively };
    assert_eq!(refused(mode, RetryPolicy::new()).await, expected, "{mode}");
}

rules! {
    async fn statuses_that_pass_are_retried() {
        for status in [200, 302, 303, 307, 408, 425, 429, 500, 502, 503, 504] {
            expect(&format!("status:{status}"), Then::Waits(NEVER)).await;
        }
    }

    async fn statuses_that_stay_are_final() {
        for status in [400, 403, 404, 410, 501, 505] {
            expect(&format!("status:{status}"), Then::GivenUp).await;
        }
    }

    async fn unauthorized_is_a_refusal_of_the_credentials() {
        expect("status:401", Then::CredentialsRefused).await;
    }

    async fn retry_after_is_waited_for_and_a_little_more() {
        for status in [503, 429] {
            let gate = Gate::new().await;
            gate.set(&format!("status:{status}:Retry-After:7")).await;
            let mut socket = quick(&gate.echo()).open().expect("a valid URL");
            let delay = waiting(&mut socket).await.delay;
            if is_browser() {
                assert_eq!(delay, ms(20));
            } else {
                assert!((7.0..=8.75).contains(&delay.as_secs_f64()), "{delay:?}");
            }
        }
    }

    async fn a_date_may_tell_when_to_retry() {
        let then = refused("status:503:Retry-After:Fri, 31 Dec 2199 23:59:59 GMT", RetryPolicy::new()).await;
        let Then::Waits(delay) = then else { panic!("{then:?}") };
        // natively an hour is the most, and then a little more
        let natively = NEVER..=NEVER + ms(10_000);
        assert!(if is_browser() { delay == NEVER } else { natively.contains(&delay) }, "{delay:?}");
    }

    async fn settings_for_a_status_come_before_the_table() {
        let policy = RetryPolicy::new().on_status(404, Decision::RetryAfter(NEVER / 2));
        let then = refused("status:404", policy).await;
        let Then::Waits(delay) = then else { panic!("{then:?}") };
        let natively = NEVER / 2..=NEVER / 2 + ms(10_000);
        assert!(if is_browser() { delay == NEVER } else { natively.contains(&delay) }, "{delay:?}");
    }

    async fn a_server_that_recovers_is_connected_to() {
        let gate = Gate::new().await;
        gate.set("status:503").await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        gate.wait_for(2).await;
        gate.set("serve").await;
        open(&mut socket).await;
    }
}
