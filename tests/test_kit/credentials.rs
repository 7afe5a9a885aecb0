//! Tokens that are refused, and that expire.

use super::*;
use eversocket::reconnect::{Carrier, Credentials, EndCause, Token, TokenRequest};
use std::sync::{Arc, Mutex};

/// Tokens of this life, and why they were asked for.
fn lasting(life: Duration) -> (Credentials, Arc<Mutex<Vec<TokenRequest>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = asked.clone();
    let credentials = Credentials::new(move |why| {
        log.lock().expect("whole").push(why);
        async move { Ok(Token::new("secret").expires_in(life)) }
    });
    (credentials.carry(Carrier::query("t")), asked)
}

/// Loses the connection, and has another.
async fn renew(clock: &Clock, network: &Network, socket: &ReconnectingWebSocket, peer: Peer) -> Peer {
    peer.cut();
    clock.advance(waiting(&socket.handle()).await.delay);
    let peer = accept(network).await;
    state(&socket.handle(), State::is_open).await;
    peer
}

crate::rules! {
    async fn a_short_token_is_used_for_nine_tenths_of_its_life() {
        let (clock, network) = scene();
        let (credentials, asked) = lasting(seconds(20));
        let socket = builder(&clock, &network).credentials(credentials).open().expect("valid");
        let peer = accept(&network).await;
        state(&socket.handle(), State::is_open).await;
        clock.advance(seconds(10));
        let peer = renew(&clock, &network, &socket, peer).await;
        assert_eq!(*asked.lock().expect("whole"), [TokenRequest::First]);
        clock.advance(seconds(8));
        renew(&clock, &network, &socket, peer).await;
        assert_eq!(*asked.lock().expect("whole"), [TokenRequest::First, TokenRequest::Expired]);
    }

    async fn a_token_expires_while_the_computer_sleeps() {
        let (clock, network) = scene();
        let (credentials, asked) = lasting(seconds(300));
        let socket = builder(&clock, &network).credentials(credentials).open().expect("valid");
        let peer = accept(&network).await;
        state(&socket.handle(), State::is_open).await;
        clock.sleep(seconds(8 * 3600));
        renew(&clock, &network, &socket, peer).await;
        assert_eq!(*asked.lock().expect("whole"), [TokenRequest::First, TokenRequest::Expired]);
    }

    async fn a_token_that_is_refused_after_its_expiry_has_expired() {
        for (age, expected) in [(19, TokenRequest::Refused), (20, TokenRequest::Expired)] {
            let (clock, network) = scene();
            let (credentials, asked) = lasting(seconds(20));
            let socket = builder(&clock, &network).credentials(credentials).open().expect("valid");
            let peer = accept(&network).await;
            state(&socket.handle(), State::is_open).await;
            clock.advance(seconds(age));
            peer.close(4401, "not today");
            soon(accept(&network)).await.expect("at once");
            assert_eq!(*asked.lock().expect("whole"), [TokenRequest::First, expected]);
        }
    }

    async fn messages_are_no_refusals_once_the_connection_is_stable() {
        let (clock, network) = scene();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let credentials = lasting(seconds(300)).0.refused_by(move |message| {
            log.lock().expect("whole").push(message.clone());
            false
        });
        let builder = builder(&clock, &network).stable_after(seconds(3)).credentials(credentials);
        let mut socket = builder.open().expect("valid");
        let peer = accept(&network).await;
        socket.opened().await.expect("open");
        for text in ["at first", "later"] {
            peer.send(text);
            assert_eq!(socket.next_message().await, Some(text.into()));
            clock.advance(seconds(3));
            // the driver has its turn
            turns().await;
        }
        assert_eq!(*asked.lock().expect("whole"), ["at first".into()]);
    }

    async fn a_refused_token_is_replaced_once() {
        let (clock, network) = scene();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let credentials = Credentials::new(move |why| {
            log.lock().expect("whole").push(why);
            let token = Token::new(format!("token{}", log.lock().expect("whole").len()));
            async { Ok(token) }
        });
        let credentials = credentials.carry(Carrier::query("t"));
        let mut socket = builder(&clock, &network).credentials(credentials).open().expect("valid");

        let peer = accept(&network).await;
        assert_eq!(peer.url(), "wss://example.com/chat?t=token1");
        peer.close(4401, "expired");
        let peer = soon(accept(&network)).await.expect("at once");
        assert_eq!(peer.url(), "wss://example.com/chat?t=token2");
        peer.close(4401, "who are you?");
        let ended = ended(&mut socket).await;
        assert!(matches!(ended.cause, EndCause::CredentialsRefused(_)), "{ended:?}");
        assert_eq!(*asked.lock().expect("whole"), [TokenRequest::First, TokenRequest::Refused]);
    }

    async fn a_plain_reconnect_asks_for_no_token() {
        let (clock, network) = scene();
        let credentials = Credentials::new(|why| async move {
            assert_eq!(why, TokenRequest::First);
            Ok(Token::new("secret"))
        });
        let credentials = credentials.or_carry(Carrier::protocol("token."));
        let socket = builder(&clock, &network).protocols(["chat"]).credentials(credentials).open().expect("valid");
        for _ in 0..3 {
            let peer = accept(&network).await;
            let carried = match crate::support::is_browser() {
                true => peer.protocols()[1] == "token.secret",
                false => peer.header("authorization") == Some("Bearer secret"),
            };
            assert!(carried);
            state(&socket.handle(), State::is_open).await;
            assert_eq!(socket.handle().protocol(), "chat");
            peer.cut();
            clock.advance(waiting(&socket.handle()).await.delay);
        }
    }
}
