//! Tokens that are refused.

use super::*;
use eversocket::reconnect::{Carrier, Credentials, EndCause, Token, TokenRequest};
use std::sync::{Arc, Mutex};

crate::rules! {
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
