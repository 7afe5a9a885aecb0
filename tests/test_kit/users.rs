//! The application steps in: another user's token, none any more, a source that hangs.

use super::{
    fetches::{carried, desk},
    *,
};
use eversocket::reconnect::{Carrier, Credentials, Token, TokenRequest};

crate::rules! {
    async fn a_replaced_token_is_carried_from_the_next_attempt_on() {
        let (clock, network) = scene();
        let (credentials, mut asked) = desk();
        credentials.replace(Token::new("ada").expires_in(seconds(300)));
        let socket = builder(&clock, &network).credentials(credentials.clone()).open().expect("valid");
        let (token, mut peer) = carried(&network, &socket).await;
        assert_eq!(token, "ada");

        credentials.replace("brian");
        assert!(soon(peer.closed()).await.is_none(), "an open connection stays");
        socket.handle().reconnect_now();
        let (token, peer) = carried(&network, &socket).await;
        assert_eq!(token, "brian");
        peer.close(4401, "who is brian?");
        assert_eq!(asked.next().await.expect("asked").0, TokenRequest::Refused);
    }

    async fn a_replaced_token_expires_as_any_other() {
        let (clock, network) = scene();
        let (credentials, mut asked) = desk();
        // before there is a socket, and once there is one
        credentials.replace(Token::new("ada").expires_in(seconds(100)));
        let socket = builder(&clock, &network).credentials(credentials.clone()).open().expect("valid");
        let (token, _peer) = carried(&network, &socket).await;
 assert_eq!(token, "ada");
        clock.advance(seconds(95));
        socket.handle().reconnect_now();
        let (why, answer) = asked.next().await.expect("asked");
        assert_eq!(why, TokenRequest::Expired);
        answer.send(Ok("fetched".into())).expect("it waits");
        let (token, _peer) = carried(&network, &socket).await;
 assert_eq!(token, "fetched");
        credentials.replace(Token::new("brian").expires_in(seconds(100)));
        clock.sleep(seconds(95));
        socket.handle().reconnect_now();
        assert_eq!(asked.next().await.expect("asked").0, TokenRequest::Expired);
    }

    async fn a_fetch_under_way_does_not_overwrite_a_replaced_token() {
        let (clock, network) = scene();
        let (credentials, mut asked) = desk();
        let socket = builder(&clock, &network).credentials(credentials.clone()).open().expect("valid");
        let (_, answer) = asked.next().await.expect("asked");
        credentials.replace("mine");
        let (token, _peer) = carried(&network, &socket).await;
 assert_eq!(token, "mine", "without waiting for the source");
        answer.send(Ok("fetched".into())).expect("it comes to its end");
        turns().await;
        socket.handle().reconnect_now();
        let (token, _peer) = carried(&network, &socket).await;
 assert_eq!(token, "mine");
    }

    async fn an_invalidated_token_is_asked_for_as_the_first_was() {
        let (clock, network) = scene();
        let (credentials, mut asked) = desk();
        let socket = builder(&clock, &network).credentials(credentials.clone()).open().expect("valid");
        for user in ["ada", "brian"] {
            let (why, answer) = asked.next().await.expect("asked");
            assert_eq!(why, TokenRequest::First);
            answer.send(Ok(user.into())).expect("it waits");
            let (token, _peer) = carried(&network, &socket).await;
 assert_eq!(token, user);
            credentials.invalidate();
            socket.handle().reconnect_now();
        }
    }

    async fn what_is_fetched_for_an_invalidated_user_is_not_kept() {
        let (clock, network) = scene();
        let (credentials, mut asked) = desk();
        let socket = builder(&clock, &network).credentials(credentials.clone()).open().expect("valid");
        let (_, old) = asked.next().await.expect("asked");
        credentials.invalidate();
        assert!(soon(asked.next()).await.is_none(), "one fetch at a time");
        old.send(Ok("ada".into())).expect("it comes to its end");
        let (why, answer) = soon(asked.next()).await.flatten().expect("asked for the new user");
        assert_eq!(why, TokenRequest::First);
        answer.send(Ok("brian".into())).expect("it waits");
        let (token, _peer) = carried(&network, &socket).await;
 assert_eq!(token, "brian");
    }

    async fn a_source_that_hangs_is_asked_again() {
        let (clock, network) = scene();
        let (credentials, mut asked) = desk();
        let builder = builder(&clock, &network).credentials(credentials.fetch_timeout(seconds(25)));
        let socket = builder.backoff(eversocket::reconnect::Backoff::constant(seconds(1))).open().expect("valid");
        let (_, hung) = asked.next().await.expect("asked");
        for _ in 0..2 {
            clock.advance(seconds(10));
            waiting(&socket.handle()).await;
            clock.advance(seconds(1));
            state(&socket.handle(), |state| matches!(state, State::Connecting { .. })).await;
            assert!(soon(asked.next()).await.is_none() && !hung.is_canceled());
        }
        clock.advance(seconds(3));
        let failure = waiting(&socket.handle()).await.failure;
        assert_eq!(format!("{failure:#}"), "the token source failed: it took longer than 25000 ms");
        assert!(hung.is_canceled());
        clock.advance(seconds(1));
        let (_, answer) = asked.next().await.expect("asked again");
        answer.send(Ok("late".into())).expect("it waits");
        let (token, _peer) = carried(&network, &socket).await;
 assert_eq!(token, "late");
    }

    async fn the_margin_of_a_token_can_be_set() {
        let (clock, network) = scene();
        let mut asked = 0;
        let credentials = Credentials::new(move |_| {
            asked += 1;
            let token = Token::new(asked.to_string()).expires_in(seconds(300));
            async { Ok(token) }
        });
        let credentials = credentials.carry(Carrier::query("t")).renew_before(seconds(100));
        let socket = builder(&clock, &network).credentials(credentials).open().expect("valid");
        for (passes, expected) in [(199, "1"), (1, "1"), (199, "2"), (1, "2"), (0, "3")] {
            let (token, _peer) = carried(&network, &socket).await;
 assert_eq!(token, expected);
            clock.advance(seconds(passes));
            socket.handle().reconnect_now();
        }
    }
}
