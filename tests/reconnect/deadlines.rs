//! Peers that hang: each phase has its deadline.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Backoff, EndCause, Endpoint, Event, Failure, State},
};
use std::{future, time::Duration};

const SHORT: Duration = Duration::from_millis(200);

rules! {
    async fn a_provider_that_never_answers_is_given_up() {
        let mut socket = ReconnectingWebSocket::with_endpoint(|attempt| {
            assert!(attempt.number <= 2);
            future::pending::<Result<Endpoint, _>>()
        })
        .provider_timeout(SHORT)
        .backoff(Backoff::steps([ms(0), NEVER]))
        .open()
        .expect("a provider");
        for next_attempt in [2, 3] {
            let waiting = waiting(&mut socket).await;
            assert_eq!((waiting.failure, waiting.next_attempt), (Failure::ProviderTimeout { after: SHORT }, next_attempt));
        }
    }

    async fn a_server_that_never_upgrades_is_given_up() {
        let gate = Gate::new().await;
        gate.set("hang").await;
        let mut socket = quick(&gate.echo()).connect_timeout(SHORT).open().expect("a valid URL");
        assert_eq!(waiting(&mut socket).await.failure, Failure::ConnectTimeout { after: SHORT });
        assert_eq!(waiting(&mut socket).await.failure, Failure::ConnectTimeout { after: SHORT });
        gate.set("serve").await;
        open(&mut socket).await;
    }

    async fn a_session_handshake_that_is_never_done_is_given_up() {
        let script = Script::new("accept");
        let mut socket = slow(&script.url)
            .session(|_session| future::pending())
            .session_timeout(SHORT)
            .open()
            .expect("a valid URL");
        socket.send("queued").expect("accepted");
        until_state(&mut socket, |state| matches!(state, State::Handshaking { attempt: 1 }).then_some(())).await;
        let told = socket.next_event().await;
        let Some(Event::State(State::Waiting(waiting))) = told else { panic!("{told:?}") };
        assert_eq!(waiting.failure, Failure::HandshakeTimeout { after: SHORT });
        assert_eq!(script.frames().await, ["close 4002 session not accepted", "eof"]);
    }

    async fn a_close_that_is_never_answered_ends_by_its_deadline() {
        let script = Script::new("accept;hang");
        let mut socket = quick(&script.url).close_timeout(SHORT).open().expect("a valid URL");
        open(&mut socket).await;
        socket.send("last").expect("accepted");
        socket.close();
        assert_eq!(socket.next_event().await, Some(Event::State(State::Closing)));
        let ended = socket.ended().await;
        assert!(matches!(ended.cause, EndCause::Closed { .. }), "{ended:?}");
        assert_eq!((ended.unsent.len(), numbers(&ended.unknown)), (0, vec![1]));
    }

    async fn a_close_does_not_wait_longer_for_a_queue_that_does_not_leave() {
        if crashes_when_clogged() {
            return;
        }
        let gate = Gate::new().await;
        let mut socket = crate::outages::clogged_with(&gate, |builder| builder.close_timeout(SHORT)).await;
        socket.send("two").expect("accepted");
        socket.close();
        let ended = socket.ended().await;
        assert!(matches!(ended.cause, EndCause::Closed { close: None }), "{ended:?}");
        assert_eq!(numbers(&ended.unknown), [1]);
        let unsent: Vec<_> = ended.unsent.into_iter().map(|(number, message)| (number.get(), message)).collect();
        assert_eq!(unsent, [(2, "two".into())]);
        // the connection that was let go ends by itself
        gate.cut().await;
    }
}
