//! What becomes of messages.

use super::*;
use eversocket::{
    Message,
    reconnect::{Backoff, DropReason, EndCause, Heartbeat, Outcome, Outgoing, SendError},
};

crate::rules! {
    async fn what_was_sent_meanwhile_flows_in_order_after_reopening() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).open().expect("valid");
        let handle = socket.handle();
        let mut peer = accept(&network).await;
        socket.send("1").expect("accepted");
        assert_eq!(peer.next().await, Some("1".into()));
        peer.cut();
        let lost = interrupted(&mut socket).await;
        assert_eq!((lost.unknown.to_string(), lost.unsent.to_string()), ("#1".to_owned(), "none".to_owned()));
        handle.set_sticky("topic", "subscribe");
        for text in ["2", "3", "4"] {
            socket.send(text).expect("it waits");
        }
        clock.advance(waiting(&handle).await.delay);
        let mut peer = accept(&network).await;
        for text in ["subscribe", "2", "3", "4"] {
            assert_eq!(peer.next().await, Some(text.into()));
        }
    }

    async fn a_volatile_message_is_refused_where_the_link_is_behind() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).transport_buffer(10).open().expect("valid");
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        socket.send(Outgoing::new("typing").volatile()).expect("it leaves at once");
        assert_eq!(peer.next().await, Some("typing".into()));
        peer.pause();
        for _ in 0..3 {
            socket.send("1234567890").expect("accepted");
        }
        turns().await;
        let refused = socket.send(Outgoing::new("typing").volatile());
        assert_eq!(refused.map_err(SendError::into_message), Err("typing".into()));
        peer.resume();
        assert_eq!(peer.next().await, Some("1234567890".into()));
        turns().await;
        socket.send(Outgoing::new("typing").volatile()).expect("it has caught up");
    }

    /// What is not read but told to callbacks of messages alone must not pile up, nor keep messages
    /// from being read.
    async fn an_owner_who_reads_messages_alone_gets_them_after_any_number_of_reconnects() {
        let (clock, network) = scene();
        let socket = builder(&clock, &network).backoff(Backoff::none()).inbox_capacity(4_000).open().expect("valid");
        let (sender, mut messages) = futures::channel::mpsc::unbounded();
        let _guard = socket.on_message(move |message| sender.unbounded_send(message).expect("the test listens"));
        for _ in 0..2_000 {
            let peer = accept(&network).await;
            state(&socket.handle(), State::is_open).await;
            peer.cut();
        }
        let peer = accept(&network).await;
        peer.send("still here");
        assert_eq!(soon(messages.next()).await.flatten(), Some("still here".into()));
    }

    async fn a_close_gives_the_unsent_back() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).open().expect("valid");
        let first = socket.send("a").expect("it waits");
        let second = socket.send("b").expect("it waits");
        let mut peer = network.accept().await;
        socket.close();
        let ended = ended(&mut socket).await;
        assert_eq!(ended.cause, EndCause::Closed { close: None });
        assert_eq!(ended.unsent, [(first, Message::from("a")), (second, Message::from("b"))]);
        assert_eq!(peer.next().await, None);
    }

    async fn a_close_follows_what_is_queued_where_it_is_open() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).open().expect("valid");
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        socket.send("last words").expect("accepted");
        socket.close_with(4005, "enough").expect("valid");
        let ended = ended(&mut socket).await;
        assert!(ended.unsent.is_empty());
        let EndCause::Closed { close: Some(close) } = ended.cause else { panic!("{:?}", ended.cause) };
        assert!(close.was_clean && close.code == 4005);
        assert_eq!(peer.next().await, Some("last words".into()));
        assert_eq!(peer.next().await, None);
        let closed = peer.closed().await;
        assert_eq!((closed.code.0, closed.reason.as_str()), (4005, "enough"));
    }

    async fn a_tracked_message_tells_what_became_of_it() {
        let (clock, network) = scene();
        let heartbeat = Heartbeat::default()
            .period(seconds(5))
            .message(|| "ping", |answer| answer.as_text() == Some("pong"))
            .message_everywhere();
        let mut socket = builder(&clock, &network).heartbeat(heartbeat).open().expect("valid");
        let handle = socket.handle();
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");

        let delivered = handle.send_tracked("a").expect("accepted");
        assert_eq!(peer.next().await, Some("a".into()));
        clock.advance(seconds(5));
        assert_eq!(peer.next().await, Some("ping".into()));
        peer.send("pong");
        assert_eq!(soon(delivered).await, Some(Outcome::Delivered));

        let unknown = handle.send_tracked("b").expect("accepted");
        assert_eq!(peer.next().await, Some("b".into()));
        peer.cut();
        assert_eq!(soon(unknown).await, Some(Outcome::Unknown));

        let expired = handle.send_tracked(Outgoing::new("c").expires_in(seconds(3))).expect("accepted");
        handle.pause();
        clock.advance(seconds(3));
        assert_eq!(soon(expired).await, Some(Outcome::NotSent(DropReason::Expired)));

        let unsent = handle.send_tracked("d").expect("accepted");
        socket.close();
        assert_eq!(soon(unsent).await, Some(Outcome::NotSent(DropReason::Ended)));
    }

    async fn a_close_that_cannot_send_what_is_queued_gives_it_back() {
        let (clock, network) = scene();
        let builder = builder(&clock, &network).transport_buffer(1).close_timeout(seconds(4));
        let mut socket = builder.open().expect("valid");
        let peer = accept(&network).await;
        socket.opened().await.expect("open");
        peer.pause();
        let handed_over = socket.send("a").expect("accepted");
        let queued = socket.send("b").expect("accepted");
        turns().await;
        socket.close();
        clock.advance(seconds(3));
        assert!(soon(socket.ended()).await.is_none());
        clock.advance(seconds(1));
        let ended = ended(&mut socket).await;
        assert_eq!(ended.unsent, [(queued, Message::from("b"))]);
        assert!(ended.unknown.contains(handed_over) && ended.unknown.len() == 1);
        assert_eq!(ended.cause, EndCause::Closed { close: None });
    }

    async fn a_close_of_which_the_peer_is_gone_ends() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).open().expect("valid");
        let peer = accept(&network).await;
        socket.opened().await.expect("open");
        peer.pause();
        socket.send("a").expect("accepted");
        socket.close();
        assert!(soon(socket.ended()).await.is_none());
        peer.cut();
        let ended = ended(&mut socket).await;
        let EndCause::Closed { close: Some(close) } = ended.cause else { panic!("{:?}", ended.cause) };
        assert!(!close.was_clean);
        assert_eq!(ended.unknown.len(), 1);
    }

    async fn a_hand_over_is_told_at_once() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).open().expect("valid");
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        turns().await;
        let mut tracked = socket.handle().send_tracked("a").expect("accepted");
        assert_eq!(peer.next().await, Some("a".into()));
        assert_eq!(soon(tracked.handed_over()).await, Some(true));
    }

    async fn a_link_that_was_behind_does_not_hold_up_what_is_sent_later() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).transport_buffer(1).open().expect("valid");
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        peer.pause();
        socket.send("fills the buffer").expect("accepted");
        socket.send(Outgoing::new("expires").expires_in(seconds(2))).expect("accepted");
        turns().await;
        assert_eq!(socket.handle().progress().queued, 1, "the transport takes no more");
        clock.advance(seconds(2));
        turns().await;
        assert_eq!(socket.handle().progress().queued, 0);
        peer.resume();
        assert_eq!(peer.next().await, Some("fills the buffer".into()));
        turns().await;
        socket.send("later").expect("accepted");
        assert_eq!(soon(peer.next()).await, Some(Some("later".into())));
    }

    async fn a_new_link_does_not_wait_for_the_old_ones_buffer() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).transport_buffer(1).open().expect("valid");
        let peer = accept(&network).await;
        socket.opened().await.expect("open");
        peer.pause();
        socket.send("fills the buffer").expect("accepted");
        let queued = socket.send("taken back").expect("accepted");
        turns().await;
        assert_eq!(socket.handle().withdraw(queued), Some("taken back".into()));
        peer.cut();
        clock.advance(waiting(&socket.handle()).await.delay);
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        turns().await;
        socket.send("later").expect("accepted");
        assert_eq!(soon(peer.next()).await, Some(Some("later".into())));
    }

    async fn a_server_that_is_behind_fills_the_transport_then_the_queue() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).transport_buffer(10).open().expect("valid");
        let handle = socket.handle();
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        peer.pause();
        for _ in 0..5 {
            socket.send("12345").expect("accepted");
        }
        turns().await;
        assert_eq!((handle.buffered_amount(), handle.progress().queued), (10, 3));
        peer.resume();
        for _ in 0..5 {
            assert_eq!(soon(peer.next()).await, Some(Some("12345".into())));
        }
        assert_eq!(handle.buffered_amount(), 0);
    }
}

/// The driver of a link that takes no more must not try again and again: in a browser that would
/// keep the page from ever going on.
#[cfg(not(target_arch = "wasm32"))]
#[tokio::test(start_paused = true)]
async fn a_driver_whose_link_takes_no_more_is_at_rest() {
    let (clock, network) = scene();
    let mut socket = builder(&clock, &network).transport_buffer(10).open().expect("valid");
    let mut peer = accept(&network).await;
    socket.opened().await.expect("open");
    peer.pause();
    for _ in 0..5 {
        socket.send("12345").expect("accepted");
    }
    // tokio's clock goes on by itself only while no task has anything to do
    let (sender, too_late) = futures::channel::oneshot::channel::<()>();
    std::thread::spawn(move || {
        std::thread::sleep(seconds(5));
        drop(sender);
    });
    let at_rest = Box::pin(tokio::time::sleep(seconds(3600)));
    assert!(matches!(select(at_rest, too_late).await, futures::future::Either::Left(_)), "it is busy");
    assert_eq!(socket.handle().progress().queued, 3);
    peer.resume();
    for _ in 0..5 {
        assert_eq!(soon(peer.next()).await, Some(Some("12345".into())));
    }
}
