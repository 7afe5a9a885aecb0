//! The session handshake.

use super::*;
use eversocket::{
    SendError,
    reconnect::{Failure, Session},
};
use futures::channel::{mpsc, oneshot};

fn with_login(clock: &Clock, network: &Network) -> Builder {
    builder(clock, network).session_timeout(seconds(5)).session(|mut session: Session| async move {
        session.send("login")?;
        match session.next_message().await {
            Some(answer) if answer.as_text() == Some("welcome") => Ok(()),
            other => Err(format!("{other:?} in place of a welcome").into()),
        }
    })
}

crate::rules! {
    async fn messages_flow_after_the_handshake() {
        let (clock, network) = scene();
        let mut socket = with_login(&clock, &network).open().expect("valid");
        socket.send("first").expect("it waits");
        let mut peer = accept(&network).await;
        assert_eq!(peer.next().await, Some("login".into()));
        assert!(soon(peer.next()).await.is_none());
        peer.send("welcome");
        assert_eq!(peer.next().await, Some("first".into()));
        peer.send("hello");
        assert_eq!(socket.next_message().await, Some("hello".into()));
    }

    /// And what a handshake left unread never gets into that of another connection.
    async fn what_a_handshake_left_unread_comes_after_the_news_that_it_is_open() {
        let (clock, network) = scene();
        let read = |session: Session| async move {
            let mut session = session;
            session.next_message().await.ok_or("closed")?;
            Ok(())
        };
        let builder = builder(&clock, &network).session(read);
        let mut socket = builder.open().expect("valid");
        let peer = network.accept().await;
        for text in ["welcome", "early", "bird"] {
            peer.send(text);
        }
        peer.open();
        state(&socket.handle(), State::is_open).await;
        socket.handle().reconnect_now();
        let peer = accept(&network).await;
        peer.send("welcome again");
        let mut seen = Vec::new();
        while seen.last() != Some(&"bird".to_owned()) {
            match socket.next_event().await {
                Some(Event::State(State::Open)) => seen.push("open".to_owned()),
                Some(Event::Message(message)) => seen.push(message.as_text().expect("text").to_owned()),
                Some(_) => {}
                None => panic!("it has ended"),
            }
        }
        assert_eq!(seen, ["open", "early", "bird"]);
        state(&socket.handle(), State::is_open).await;
    }

    async fn a_handshake_has_a_deadline() {
        let (clock, network) = scene();
        let socket = with_login(&clock, &network).open().expect("valid");
        let mut peer = accept(&network).await;
        assert_eq!(peer.next().await, Some("login".into()));
        clock.advance(seconds(5));
        let wait = waiting(&socket.handle()).await;
        assert_eq!(wait.failure, Failure::HandshakeTimeout { after: seconds(5) });
        assert_eq!(peer.closed().await.code, 4002);
        clock.advance(wait.delay);
        let mut peer = accept(&network).await;
        assert_eq!(peer.next().await, Some("login".into()));
    }

    async fn a_handshake_that_was_behind_reads_on() {
        let (clock, network) = scene();
        let (go, gate) = oneshot::channel::<()>();
        let mut gate = Some(gate);
        let builder = builder(&clock, &network).inbox_capacity(4_000).session(move |mut session: Session| {
            let gate = gate.take();
            async move {
                gate.ok_or("only once")?.await?;
                for _ in 0..2 {
                    session.next_message().await.ok_or("closed")?;
                }
                Ok(())
            }
        });
        let mut socket = builder.open().expect("valid");
        let peer = accept(&network).await;
        state(&socket.handle(), |state| matches!(state, State::Handshaking { .. })).await;
        for _ in 0..2 {
            peer.send(vec![0; 5_000]);
            turns().await;
        }
        go.send(()).expect("it waits");
        assert!(soon(socket.opened()).await.is_some());
    }

    async fn a_session_that_is_kept_is_over_with_its_handshake() {
        for well in [true, false] {
            let (clock, network) = scene();
            let (keep, mut kept) = mpsc::unbounded();
            let (go, gate) = oneshot::channel();
            let mut gate = Some(gate);
            let builder = builder(&clock, &network).session(move |session: Session| {
                let (told, gate) = (keep.unbounded_send(session), gate.take());
                async move {
                    told?;
                    gate.ok_or("only once")?.await?
                }
            });
            let mut socket = builder.open().expect("valid");
            let mut peer = accept(&network).await;
            let mut session = kept.next().await.expect("a handshake");
            session.send("hello").expect("it goes on");
            assert_eq!(peer.next().await, Some("hello".into()));
            peer.send("first");
            assert_eq!(soon(session.next_message()).await, Some(Some("first".into())));
            let mut read = Box::pin(session.next_message());
            assert_eq!(soon(&mut read).await, None, "nothing came yet");

            go.send(if well { Ok(()) } else { Err("no".into()) }).expect("it waits");
            assert_eq!(soon(&mut read).await, Some(None), "it is over");
            drop(read);
            assert!(matches!(session.send("late"), Err(SendError::NotOpen { .. })));
            if well {
                peer.send("second");
                assert_eq!(soon(socket.next_message()).await, Some(Some("second".into())), "it is the owner's");
                socket.send("mine").expect("open");
                assert_eq!(peer.next().await, Some("mine".into()));
            }
            assert_eq!(soon(session.next_message()).await, Some(None));
        }
    }
}
