//! Where to connect to, asked for at each attempt.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    OpenError, ReconnectingWebSocket,
    reconnect::{Attempt, Backoff, BoxError, EndCause, Endpoint, Failure, GiveUp},
};
use std::{
    future,
    sync::{Arc, Mutex},
};

/// How a socket ends whose provider always answers so.
async fn end_of(answer: impl Fn() -> Result<Endpoint, BoxError> + Send + 'static) -> EndCause {
    let socket = ReconnectingWebSocket::with_endpoint(move |_| future::ready(answer()));
    socket.max_attempts(2).backoff(Backoff::none()).open().expect("a provider").ended().await.cause
}

rules! {
    async fn each_attempt_asks_and_tells_what_went_before() {
        let (gate, asked) = (Gate::new().await, Arc::new(Mutex::new(Vec::<Attempt>::new())));
        let (seen, closing, echo) = (asked.clone(), Script::new("accept;close:4000:bye").url, gate.echo());
        let mut socket = ReconnectingWebSocket::with_endpoint(move |attempt| {
            seen.lock().expect("whole").push(attempt.clone());
            future::ready(match attempt.number {
                1 => Err(BoxError::from("no ticket")),
                2 => Ok(closing.clone()),
                _ => Ok(echo.clone()),
            })
        })
        .backoff(Backoff::none())
        .open()
        .expect("a provider");
        // after the second connection, which was open for a moment
        gap(&mut socket).await;
        assert_eq!(gate.count().await, 1);
        let asked = asked.lock().expect("whole");
        let numbers: Vec<_> = asked.iter().map(|attempt| (attempt.number, attempt.refresh)).collect();
        assert_eq!(numbers, [(1, false), (2, false), (3, false)]);
        let failures: Vec<_> = asked.iter().map(|attempt| attempt.failure.clone()).collect();
        let [None, Some(Failure::Provider { error, give_up: false }), Some(closed)] = &failures[..] else {
            panic!("{failures:?}");
        };
        assert_eq!((error.to_string().as_str(), closed.close_code()), ("no ticket", Some(4000)));
    }

    async fn what_it_gives_is_what_is_used() {
        let script = Script::new("accept:second");
        let url = script.url.clone();
        let mut socket = ReconnectingWebSocket::with_endpoint(move |_| {
            let endpoint = Endpoint::new(url.clone()).protocol("second").first_message("one").first_message("two");
            future::ready(Ok(if is_browser() { endpoint } else { endpoint.header("X-Ticket", "7") }))
        })
        .protocols(["first"])
        .open()
        .expect("a provider");
        socket.send("three").expect("accepted");
        open(&mut socket).await;
        let handle = socket.handle();
        assert_eq!((handle.protocol().as_str(), handle.extensions().as_str()), ("second", ""));
        assert_eq!(handle.url(), script.url);
        socket.close();
        socket.ended().await;
        assert_eq!((handle.protocol().as_str(), handle.url().as_str()), ("", ""));
        assert_eq!(script.frames().await, frames_to_the_close(&["one", "two", "three"], "close empty"));
        assert_eq!(script.header("sec-websocket-protocol").await.as_deref(), Some("first, second"));
        assert_eq!(script.header("x-ticket").await.as_deref(), (!is_browser()).then_some("7"));
    }

    async fn errors_are_retried_and_giving_up_is_final() {
        let exhausted = end_of(|| Err("busy".into())).await;
        let EndCause::AttemptsExhausted { attempts: 2, failure: Failure::Provider { error, give_up: false } } = exhausted
        else {
            panic!("{exhausted:?}");
        };
        assert_eq!(error.to_string(), "busy");
        let given_up = end_of(|| Err(GiveUp::new("signed out").into())).await;
        let EndCause::GivenUp(Failure::Provider { error, give_up: true }) = given_up else { panic!("{given_up:?}") };
        assert_eq!(error.find(), Some(&GiveUp::new("signed out")));
    }

    async fn what_cannot_be_opened_is_final() {
        for bad in ["ftp://127.0.0.1/", "ws://", "ws://host:99999/"] {
            let cause = end_of(move || Ok(Endpoint::new(bad))).await;
            assert!(matches!(cause, EndCause::GivenUp(Failure::Endpoint(_))), "{bad}: {cause:?}");
        }
        let protocol = end_of(|| Ok(Endpoint::new("ws://127.0.0.1/").protocol("not a token"))).await;
        let EndCause::GivenUp(Failure::Endpoint(OpenError::InvalidProtocol { .. })) = protocol else {
            panic!("{protocol:?}");
        };
    }

    async fn a_fixed_url_is_checked_at_once() {
        for bad in ["ftp://127.0.0.1/", "ws://"] {
            assert!(ReconnectingWebSocket::new(bad).is_err(), "{bad}");
        }
    }
}
