//! A token that is asked for is waited for to the end, whatever becomes of the attempt.

use super::*;
use eversocket::reconnect::{BoxError, Carrier, Credentials, Failure, Handle, Token, TokenRequest};
use futures::channel::{mpsc, oneshot};

/// Why a token is asked for, and where the test puts the answer.
pub type Asked = (TokenRequest, oneshot::Sender<Result<Token, BoxError>>);

/// Credentials whose source is the test.
pub fn desk() -> (Credentials, mpsc::UnboundedReceiver<Asked>) {
    let (ask, asked) = mpsc::unbounded();
    let credentials = Credentials::new(move |why| {
        let (answer, answered) = oneshot::channel();
        let told = ask.unbounded_send((why, answer));
        async move {
            told?;
            answered.await?
        }
    });
    (credentials.carry(Carrier::query("t")), asked)
}

/// Opens the next connection; the token that it carries, and the server's end.
pub async fn carried(network: &Network, socket: &ReconnectingWebSocket) -> (String, Peer) {
    let peer = soon(accept(network)).await.expect("an attempt");
    state(&socket.handle(), State::is_open).await;
    (peer.url().rsplit_once("?t=").expect("a token").1.to_owned(), peer)
}

crate::rules! {
    async fn an_answer_that_comes_after_the_deadline_is_kept() {
        let (clock, network) = scene();
        let (credentials, mut asked) = desk();
        let socket = builder(&clock, &network).credentials(credentials).open().expect("valid");
        let (why, answer) = asked.next().await.expect("asked");
        assert_eq!(why, TokenRequest::First);
        clock.advance(seconds(10));
        let wait = waiting(&socket.handle()).await;
        assert_eq!(wait.failure, Failure::ProviderTimeout { after: seconds(10) });
        answer.send(Ok("late".into())).expect("it is waited for");
        clock.advance(wait.delay);
        assert_eq!(carried(&network, &socket).await.0, "late");
        assert!(soon(asked.next()).await.is_none(), "asked once");
    }

    async fn the_next_attempt_waits_for_the_same_answer() {
        let (clock, network) = scene();
        let (credentials, mut asked) = desk();
        let socket = builder(&clock, &network).credentials(credentials).open().expect("valid");
        let (_, answer) = asked.next().await.expect("asked");
        clock.advance(seconds(10));
        clock.advance(waiting(&socket.handle()).await.delay);
        state(&socket.handle(), |state| *state == State::Connecting { attempt: 2 }).await;
        assert!(soon(asked.next()).await.is_none(), "asked once");
        answer.send(Ok("late".into())).expect("it is waited for");
        assert_eq!(carried(&network, &socket).await.0, "late");
    }

    async fn what_a_socket_asked_before_it_was_paused_or_closed_is_kept() {
        for stop in [Handle::pause as fn(&Handle), |handle| handle.close()] {
            let (clock, network) = scene();
            let (credentials, mut asked) = desk();
            let socket = builder(&clock, &network).credentials(credentials.clone()).open().expect("valid");
            let (_, answer) = asked.next().await.expect("asked");
            stop(&socket.handle());
            state(&socket.handle(), |state| matches!(state, State::Paused(_) | State::Ended(_))).await;
            turns().await;
            answer.send(Ok("kept".into())).expect("it is waited for");
            let other = builder(&clock, &network).credentials(credentials).open().expect("valid");
            assert_eq!(carried(&network, &other).await.0, "kept");
            assert!(soon(asked.next()).await.is_none(), "asked once");
        }
    }

    async fn sockets_share_an_answer_and_its_failure() {
        let (clock, network) = scene();
        let (credentials, mut asked) = desk();
        let sockets = [(); 3].map(|()| {
            let builder = builder(&clock, &network).backoff(eversocket::reconnect::Backoff::constant(seconds(1)));
            builder.credentials(credentials.clone()).open().expect("valid")
        });
        let (_, answer) = asked.next().await.expect("asked");
        assert!(soon(asked.next()).await.is_none(), "asked once");
        answer.send(Err("no network".into())).expect("they wait");
        let mut failures = Vec::new();
        for socket in &sockets {
            failures.push(soon(waiting(&socket.handle())).await.expect("each has failed").failure);
        }
        assert_eq!(failures, [failures[0].clone(), failures[0].clone(), failures[0].clone()]);
        clock.advance(seconds(1));
        let (_, answer) = asked.next().await.expect("asked again");
        assert!(soon(asked.next()).await.is_none(), "once");
        answer.send(Ok("shared".into())).expect("they wait");
        for _ in &sockets {
            assert!(soon(accept(&network)).await.expect("each").url().ends_with("?t=shared"));
        }
    }
}
