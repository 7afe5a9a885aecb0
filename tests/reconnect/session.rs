//! What application and server tell each other before messages flow.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Backoff, BoxError, EndCause, Endpoint, Event, Failure, GiveUp, Session, State, Unauthorized},
};
use std::{
    future,
    sync::{Arc, Mutex},
};

rules! {
    async fn the_handshake_comes_before_the_queue_and_leaves_what_it_does_not_read() {
        let script = Script::new("accept;text:welcome;expect;text:ready;text:news;echo");
        let mut socket = slow(&script.url)
            .session(|mut session: Session| async move {
                assert_eq!(session.next_message().await, Some("welcome".into()));
                session.send("init")?;
                assert_eq!(session.next_message().await, Some("ready".into()));
                Ok(())
            })
            .open()
            .expect("a valid URL");
        socket.send("queued").expect("accepted");
        socket.handle().set_sticky("topic", "sticky");
        let mut seen = Vec::new();
        while seen.len() < 6 {
            seen.push(socket.next_event().await.expect("it goes on"));
        }
        assert_eq!(seen, [
            Event::State(State::Connecting { attempt: 1 }),
            Event::State(State::Handshaking { attempt: 1 }),
            Event::State(State::Open),
            Event::Message("news".into()),
            Event::Message("sticky".into()),
            Event::Message("queued".into()),
        ]);
        socket.close();
        assert!(matches!(socket.ended().await.cause, EndCause::Closed { .. }));
        assert_eq!(script.frames().await, frames_to_the_close(&["init", "sticky", "queued"], "close empty"));
    }

    async fn a_handshake_that_fails_is_tried_again() {
        let gate = Gate::new().await;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let attempts = seen.clone();
        let mut socket = quick(&gate.echo())
            .session(move |session: Session| {
                attempts.lock().expect("whole").push(session.attempt());
                future::ready(if session.attempt() < 3 { Err("not yet".into()) } else { Ok(()) })
            })
            .open()
            .expect("a valid URL");
        for next_attempt in [2, 3] {
            let waiting = waiting(&mut socket).await;
            let Failure::Handshake { error, give_up: false } = waiting.failure else { panic!("{waiting:?}") };
            assert_eq!((error.to_string().as_str(), waiting.next_attempt), ("not yet", next_attempt));
        }
        open(&mut socket).await;
        assert_eq!(*seen.lock().expect("whole"), [1, 2, 3]);
    }

    async fn a_handshake_that_gives_up_ends_it() {
        let script = Script::new("accept");
        let mut socket = quick(&script.url)
            .session(|_| future::ready(Err(GiveUp::new("too old a client").into())))
            .open()
            .expect("a valid URL");
        socket.send("unsent").expect("accepted");
        let ended = socket.ended().await;
        let EndCause::GivenUp(Failure::Handshake { error, give_up: true }) = &ended.cause else { panic!("{ended:?}") };
        assert_eq!(error.find(), Some(&GiveUp::new("too old a client")));
        assert_eq!(ended.unsent.len(), 1);
        assert_eq!(script.frames().await, ["close 4002 session not accepted", "eof"]);
    }

    async fn a_handshake_may_tell_that_the_credentials_were_refused() {
        let gate = Gate::new().await;
        let refreshes = Arc::new(Mutex::new(Vec::new()));
        let (seen, url) = (refreshes.clone(), gate.echo());
        let mut socket = ReconnectingWebSocket::with_endpoint(move |attempt| {
            seen.lock().expect("whole").push(attempt.refresh);
            future::ready(Ok(url.clone()))
        })
        .session(|_| future::ready(Err(Unauthorized.into())))
        .open()
        .expect("a provider");
        assert_eq!(socket.ended().await.cause, EndCause::CredentialsRefused(Failure::CredentialsRefused));
        assert_eq!(*refreshes.lock().expect("whole"), [false, true]);
        assert_eq!(gate.count().await, 2);
    }

    async fn a_connection_that_is_lost_in_the_handshake_was_never_open() {
        let script = Script::new("accept;text:welcome;close:4000:bye");
        let mut socket = slow(&script.url)
            .session(|mut session: Session| async move {
                while session.next_message().await.is_some() {}
                Err("the connection is lost".into())
            })
            .open()
            .expect("a valid URL");
        socket.send("queued").expect("accepted");
        let failure = until(&mut socket, |event| match event {
            Event::State(State::Waiting(waiting)) => Some(waiting.failure.clone()),
            Event::Interrupted(_) | Event::Message(_) | Event::State(State::Open) => panic!("{event:?}"),
            _ => None,
        })
        .await;
        assert_eq!(failure.close_code(), Some(4000));
        socket.close();
        assert_eq!(socket.ended().await.unsent.len(), 1);
    }

    async fn the_resume_token_reaches_provider_and_handshake() {
        let gate = Gate::new().await;
        let told = Arc::new(Mutex::new(Vec::new()));
        let (by_provider, by_session, url) = (told.clone(), told.clone(), gate.echo());
        let mut socket = ReconnectingWebSocket::with_endpoint(move |attempt| {
            by_provider.lock().expect("whole").push(attempt.resume_token);
            future::ready(Ok::<_, BoxError>(Endpoint::new(url.clone())))
        })
        .backoff(Backoff::none())
        .session(move |session: Session| {
            by_session.lock().expect("whole").push(session.resume_token().map(str::to_owned));
            future::ready(Ok(()))
        })
        .open()
        .expect("a provider");
        open(&mut socket).await;
        for token in [Some("page 7"), None] {
            socket.handle().set_resume_token(token.map(str::to_owned));
            gate.cut().await;
            open(&mut socket).await;
        }
        let page = Some("page 7".to_owned());
        assert_eq!(*told.lock().expect("whole"), [None, None, page.clone(), page, None, None]);
    }
}
