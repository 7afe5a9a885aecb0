//! What follows from the code that a server closes with.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Builder, Decision, EndCause, Ended, Event, Failure, RetryPolicy, State, Waiting},
};
use std::sync::{Arc, Mutex};

/// What a socket did about a close.
#[derive(Debug)]
enum Outcome {
    Waits(Waiting),
    Ended(Ended),
}

/// Opens it, and has the server close as the step says.
async fn close_by(step: &str, options: impl FnOnce(Builder) -> Builder) -> Outcome {
    let script = Script::new(&format!("accept;expect;{step}"));
    let mut socket = options(slow(&script.url)).open().expect("a valid URL");
    socket.send("go").expect("accepted");
    until(&mut socket, |event| match event {
        Event::State(State::Waiting(waiting)) => Some(Outcome::Waits(waiting.clone())),
        Event::Ended(ended) => Some(Outcome::Ended(ended.clone())),
        _ => None,
    })
    .await
}

async fn closed_with(code: u16, options: impl FnOnce(Builder) -> Builder) -> Outcome {
    let step = match code {
        1005 => "close".to_owned(),
        1006 => "cut".to_owned(),
        _ => format!("close:{code}"),
    };
    close_by(&step, options).await
}

/// The failure tells the code; a connection that was cut has none that a peer sent.
fn tells(failure: &Failure, code: u16) -> bool {
    failure.close_code() == Some(code) || code == 1006 && matches!(failure, Failure::Connection(_))
}

rules! {
    async fn codes_that_say_try_again_are_retried() {
        for code in [1001, 1005, 1006, 1011, 1014, 4000, 4999] {
            match closed_with(code, |builder| builder).await {
                Outcome::Waits(waiting) => {
                    assert!(tells(&waiting.failure, code), "{code}: {:?}", waiting.failure);
                    assert_eq!((waiting.delay, waiting.next_attempt), (NEVER, 2), "{code}: the backoff's");
                }
                ended => panic!("{code}: {ended:?}"),
            }
        }
    }

    async fn a_restart_is_waited_for_as_the_registry_advises() {
        for code in [1012, 1013] {
            match closed_with(code, |builder| builder).await {
                Outcome::Waits(waiting) => {
                    assert_eq!(waiting.failure.close_code(), Some(code));
                    assert!((5.0..=30.0).contains(&waiting.delay.as_secs_f64()), "{code}: {:?}", waiting.delay);
                }
                ended => panic!("{code}: {ended:?}"),
            }
        }
    }

    async fn codes_that_say_no_are_final() {
        for code in [1000, 1008, 1010, 3003, 4403] {
            match closed_with(code, |builder| builder).await {
                Outcome::Ended(Ended { cause: EndCause::GivenUp(failure), unknown, unsent, .. }) => {
                    assert_eq!(failure.close_code(), Some(code));
                    // told by the interruption before
                    assert!(unknown.is_empty() && unsent.is_empty());
                }
                other => panic!("{code}: {other:?}"),
            }
        }
    }

    async fn unauthorized_is_final_where_no_credentials_can_be_had() {
        for code in [3000, 4401] {
            match closed_with(code, |builder| builder).await {
                Outcome::Ended(Ended { cause: EndCause::CredentialsRefused(failure), .. }) => {
                    assert_eq!(failure.close_code(), Some(code));
                }
                other => panic!("{code}: {other:?}"),
            }
        }
    }

    async fn unauthorized_asks_the_provider_anew_once() {
        for code in [3000, 4401] {
            let script = Script::new(&format!("accept;expect;close:{code}"));
            let asked = Arc::new(Mutex::new(Vec::new()));
            let (url, seen) = (script.url.clone(), asked.clone());
            let mut socket = ReconnectingWebSocket::with_endpoint(move |attempt| {
                seen.lock().expect("whole").push((attempt.number, attempt.refresh));
                std::future::ready(Ok(url.clone()))
            })
            .open()
            .expect("a provider");
            socket.handle().set_sticky("go", "go");
            let mut delays = Vec::new();
            let cause = until(&mut socket, |event| match event {
                Event::State(State::Waiting(waiting)) => {
                    delays.push(waiting.delay);
                    None
                }
                Event::Ended(ended) => Some(ended.cause.clone()),
                _ => None,
            })
            .await;
            assert!(matches!(&cause, EndCause::CredentialsRefused(failure) if failure.close_code() == Some(code)));
            assert_eq!(delays, [ms(0)], "{code}: new credentials are tried at once");
            assert_eq!(*asked.lock().expect("whole"), [(1, false), (2, true)]);
        }
    }

    async fn settings_for_a_code_come_before_the_table() {
        let policy = || {
            RetryPolicy::new()
                .on_code(1000, Decision::RetryAfter(ms(100_000)))
                .on_code(1012, Decision::Retry)
                .on_code(4000, Decision::Stop)
        };
        match closed_with(1000, |builder| builder.retry(policy())).await {
            // up to 10 s more, so that not all come at once
            Outcome::Waits(waiting) => {
                assert!((100.0..=110.0).contains(&waiting.delay.as_secs_f64()), "{:?}", waiting.delay);
            }
            other => panic!("{other:?}"),
        }
        match closed_with(1012, |builder| builder.retry(policy())).await {
            Outcome::Waits(waiting) => assert_eq!(waiting.delay, NEVER),
            other => panic!("{other:?}"),
        }
        let stopped = closed_with(4000, |builder| builder.retry(policy())).await;
        assert!(matches!(&stopped, Outcome::Ended(Ended { cause: EndCause::GivenUp(_), .. })), "{stopped:?}");
    }

    async fn the_users_function_comes_before_all() {
        let policy = || {
            RetryPolicy::new().on_code(4001, Decision::Retry).on_failure(|failure| match failure {
                Failure::Closed(close) if close.reason == "maintenance" => Some(Decision::Stop),
                Failure::Closed(close) if close.reason == "hurry" => Some(Decision::RetryAfter(ms(0))),
                _ => None,
            })
        };
        let stopped = close_by("close:4001:maintenance", |builder| builder.retry(policy())).await;
        assert!(matches!(&stopped, Outcome::Ended(Ended { cause: EndCause::GivenUp(_), .. })), "{stopped:?}");
        match close_by("close:1000:hurry", |builder| builder.retry(policy())).await {
            Outcome::Waits(waiting) => assert_eq!(waiting.delay, ms(0)),
            other => panic!("{other:?}"),
        }
        match close_by("close:4001:other", |builder| builder.retry(policy())).await {
            Outcome::Waits(waiting) => assert_eq!(waiting.delay, NEVER, "the rest is as it was"),
            other => panic!("{other:?}"),
        }
    }
}
