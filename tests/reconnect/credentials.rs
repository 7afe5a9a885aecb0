//! Tokens: asked for once, carried to the server, and asked for anew when refused.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    OpenError, ReconnectingWebSocket, Unsupported,
    reconnect::{
        Backoff, BoxError, Builder, Carrier, Credentials, EndCause, Event, Failure, GiveUp, State, Token, TokenRequest,
    },
};
use std::sync::{Arc, Mutex};

/// Why tokens were asked for, in order.
type Requests = Arc<Mutex<Vec<TokenRequest>>>;

/// The tokens that the server issues for a name.
fn issued_for(name: &str) -> (Credentials, Requests) {
    let (name, requests) = (name.to_owned(), Requests::default());
    let seen = requests.clone();
    let credentials = Credentials::new(move |request| {
        seen.lock().expect("whole").push(request);
        let path = format!("/token/issue?name={name}");
        async move { Ok(Token::new(fetch(&path).await)) }
    });
    (credentials, requests)
}

fn asked(requests: &Requests) -> Vec<TokenRequest> {
    requests.lock().expect("whole").clone()
}

/// The ways of a token that this target has, as the server names them.
fn ways(credentials: &Credentials) -> Vec<(&'static str, Credentials)> {
    let of = |carrier| credentials.clone().carry(carrier);
    let first = of(Carrier::first_message(|token| token.to_owned()));
    let mut ways = vec![
        ("query", of(Carrier::query("token"))),
        ("protocol", of(Carrier::protocol("token."))),
        ("first", first.refused_by(|message| message.as_text() == Some("unauthorized"))),
    ];
    if !is_browser() {
        ways.push(("header", of(Carrier::bearer())));
    }
    ways
}

fn guarded(gate: &Gate, name: &str, how: &str) -> Builder {
    quick(&gate.url(&format!("/guarded?name={name}&how={how}&code=4401"))).protocols(["app"])
}

async fn works(socket: &mut ReconnectingWebSocket, word: &'static str) {
    socket.send(word).expect("accepted");
    assert_eq!(text(socket).await, word);
}

rules! {
    async fn every_carrier_brings_the_token_and_a_refused_one_is_replaced() {
        for index in 0..if is_browser() { 3 } else { 4 } {
            let (gate, name) = (Gate::new().await, token_name("secret1").await);
            let (credentials, requests) = issued_for(&name);
            let (how, credentials) = ways(&credentials).swap_remove(index);
            let mut socket = guarded(&gate, &name, how).credentials(credentials).open().expect("a valid URL");
            works(&mut socket, "one").await;
            assert_eq!(issued(&name).await, 1, "{how}");

            gate.cut().await;
            interrupted(&mut socket).await;
            works(&mut socket, "two").await;
            assert_eq!(issued(&name).await, 1, "{how}: a plain reconnect asks for no token");

            assert_eq!(fetch(&format!("/token/revoke?name={name}&value=secret2")).await, "revoked");
            assert_eq!(interrupted(&mut socket).await.failure.close_code(), Some(4401), "{how}");
            assert_eq!(waiting(&mut socket).await.delay, ms(0), "{how}");
            works(&mut socket, "three").await;
            assert_eq!(issued(&name).await, 2, "{how}");
            assert_eq!(asked(&requests), [TokenRequest::First, TokenRequest::Refused], "{how}");
            assert_eq!(gate.count().await, 3, "{how}");
        }
    }

    async fn a_fresh_token_that_is_refused_too_ends_it() {
        for index in 0..if is_browser() { 3 } else { 4 } {
            let (gate, name) = (Gate::new().await, token_name("right").await);
            let requests = Requests::default();
            let seen = requests.clone();
            let credentials = Credentials::new(move |request| {
                seen.lock().expect("whole").push(request);
                std::future::ready(Ok(Token::new("wrong")))
            });
            let (how, credentials) = ways(&credentials).swap_remove(index);
            let mut socket = guarded(&gate, &name, how).credentials(credentials).open().expect("a valid URL");
            let ended = socket.ended().await;
            let EndCause::CredentialsRefused(failure) = &ended.cause else { panic!("{how}: {ended:?}") };
            let by_message = *failure == Failure::CredentialsRefused;
            assert!(if how == "first" { by_message } else { failure.close_code() == Some(4401) }, "{how}: {failure}");
            assert_eq!(asked(&requests), [TokenRequest::First, TokenRequest::Refused], "{how}");
            assert_eq!(gate.count().await, 2, "{how}: no more attempts");
        }
    }

    // A browser hides the status, so that it goes on trying.
    async fn an_upgrade_refused_with_401_asks_for_another_token() {
        let (gate, name) = (Gate::new().await, token_name("right").await);
        let mut tokens = ["wrong", "right"].into_iter();
        let credentials = Credentials::new(move |_| {
            std::future::ready(tokens.next().map(Token::new).ok_or_else(|| BoxError::from("a third one")))
        });
        let url = gate.url(&format!("/guarded?name={name}&how=query"));
        let credentials = credentials.carry(Carrier::query("token"));
        let mut socket = quick(&url).credentials(credentials).open().expect("a valid URL");
        if is_browser() {
            for _ in 0..3 {
                assert!(matches!(waiting(&mut socket).await.failure, Failure::Connection(_)));
            }
        } else {
            assert_eq!(waiting(&mut socket).await.failure.http_status(), Some(401));
            works(&mut socket, "in").await;
        }
    }

    async fn sockets_that_share_credentials_ask_once() {
        let name = token_name("secret1").await;
        let gate = Gate::new().await;
        let (credentials, requests) = issued_for(&name);
        let credentials = credentials.carry(Carrier::query("token"));
        let one = || guarded(&gate, &name, "query").credentials(credentials.clone()).open().expect("a valid URL");
        let mut sockets = [one(), one(), one()];
        for socket in &mut sockets {
            works(socket, "one").await;
        }
        assert_eq!(issued(&name).await, 1);
        assert_eq!(fetch(&format!("/token/revoke?name={name}&value=secret2")).await, "revoked");
        for socket in &mut sockets {
            interrupted(socket).await;
            works(socket, "two").await;
        }
        assert_eq!(issued(&name).await, 2, "the refused one is replaced once for all");
        assert_eq!(asked(&requests), [TokenRequest::First, TokenRequest::Refused]);
    }

    // Differs by nature: a browser lets nobody set headers.
    async fn a_header_alone_is_an_error_in_a_browser() {
        for credentials in [
            Credentials::new(|_| std::future::ready(Ok(Token::new("secret")))),
            Credentials::new(|_| std::future::ready(Ok(Token::new("secret")))).carry(Carrier::header("X-Token", "")),
        ] {
            match quick(&echo()).credentials(credentials).open() {
                Ok(mut socket) if !is_browser() => open(&mut socket).await,
                Err(OpenError::Unsupported(Unsupported::RequestHeaders)) if is_browser() => {}
                other => panic!("{other:?}"),
            }
        }
    }

    async fn the_first_carrier_that_the_target_has_is_taken() {
        let (gate, name) = (Gate::new().await, token_name("secret1").await);
        let credentials = issued_for(&name).0.carry(Carrier::bearer()).or_carry(Carrier::query("token"));
        let how = if is_browser() { "query" } else { "header" };
        let mut socket = guarded(&gate, &name, how).credentials(credentials).open().expect("a valid URL");
        works(&mut socket, "in").await;
    }

    async fn a_token_that_has_expired_is_not_used_again() {
        let (gate, requests) = (Gate::new().await, Requests::default());
        let seen = requests.clone();
        let credentials = Credentials::new(move |request| {
            seen.lock().expect("whole").push(request);
            std::future::ready(Ok(Token::new("short").expires_in(ms(0))))
        });
        let credentials = credentials.carry(Carrier::query("token"));
        let mut socket = quick(&gate.echo()).credentials(credentials).open().expect("a valid URL");
        open(&mut socket).await;
        gate.cut().await;
        gap(&mut socket).await;
        assert_eq!(asked(&requests), [TokenRequest::First, TokenRequest::Expired]);
    }

    async fn a_source_that_fails_is_asked_again_unless_it_gives_up() {
        let mut answers = vec![
            Err(BoxError::from(GiveUp::new("signed out"))),
            Err("no network".into()),
        ];
        let credentials = Credentials::new(move |_| std::future::ready(answers.pop().expect("two requests")))
            .carry(Carrier::query("token"));
        let builder = quick(&echo()).backoff(Backoff::none());
        let mut socket = builder.credentials(credentials).open().expect("a valid URL");
        let mut failures = Vec::new();
        for event in rest(&mut socket).await {
            match event {
                Event::State(State::Waiting(waiting)) => failures.push(waiting.failure),
                Event::Ended(ended) => match ended.cause {
                    EndCause::GivenUp(failure) => failures.push(failure),
                    other => panic!("{other:?}"),
                },
                _ => {}
            }
        }
        let failures = failures.into_iter().map(|failure| match failure {
            Failure::Credentials { error, give_up } => (error.to_string(), give_up),
            other => panic!("{other:?}"),
        });
        let expected = [("no network".to_owned(), false), ("signed out".to_owned(), true)];
        assert_eq!(failures.collect::<Vec<_>>(), expected);
    }
}
