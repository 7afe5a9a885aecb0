//! A plain socket over a scripted network.

use super::*;
use crate::calls_back::CallsBack;
use crate::support::{all_events, assert_close, assert_leaves_nothing, is_browser, next_message, poll_as_a_crowd};
use bytes::Bytes;
use eversocket::{Builder, Cause, Event, Handle, HandshakeFault, Message, OpenError, ReadyState, SendError, WebSocket};
use futures::{FutureExt, SinkExt};
use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Wake, Waker},
};

/// A payload or a waker that uses the socket when it is dropped.
struct Closes(Handle);

impl AsRef<[u8]> for Closes {
    fn as_ref(&self) -> &[u8] {
        b"closes"
    }
}

impl Wake for Closes {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Closes {
    fn drop(&mut self) {
        self.0.close().expect("on its thread");
    }
}

fn plain(network: &Network) -> Builder {
    WebSocket::builder(URL).network(network.clone())
}

async fn open(builder: Builder, network: &Network) -> (WebSocket, Peer) {
    let mut socket = builder.open().expect("valid");
    let peer = accept(network).await;
    assert!(matches!(socket.next_event().await, Some(Event::Open(_))));
    (socket, peer)
}

/// The cause that the socket failed for, at its end.
async fn failure(socket: &mut WebSocket) -> Cause {
    let events = all_events(socket).await;
    let [Event::Error(error), Event::Close(close)] = &events[..] else { panic!("{events:?}") };
    assert_close(close, 1006, "", false);
    error.cause().clone()
}

/// What users see of a cause that the network has.
fn seen(cause: Cause) -> Cause {
    if is_browser() { Cause::Hidden } else { cause }
}

crate::rules! {
    async fn both_ends_talk_and_the_client_closes() {
        let network = Network::new();
        let (mut socket, mut peer) = open(plain(&network).protocols(["b", "a"]), &network).await;
        assert_eq!((socket.protocol(), peer.protocols()), ("b".to_owned(), &["b".to_owned(), "a".to_owned()][..]));
        socket.send("question").expect("open");
        assert_eq!(peer.try_next(), Some("question".into()));
        peer.send(vec![1, 2]);
        peer.send("answer");
        assert_eq!(next_message(&mut socket).await, vec![1, 2].into());
        assert_eq!(next_message(&mut socket).await, "answer".into());
        socket.close_with(3001, "done").expect("valid");
        assert_eq!(peer.next().await, None);
        let [Event::Close(close)] = &all_events(&mut socket).await[..] else { panic!() };
        assert_close(close, 3001, "done", true);
        assert_close(&peer.closed().await, 3001, "done", true);
    }

    async fn who_waits_in_vain_leaves_nothing() {
        let network = Network::new();
        let (socket, mut peer) = open(plain(&network).high_water_mark(1), &network).await;
        peer.pause();
        socket.handle().send("held").expect("open");
        assert_leaves_nothing(|| socket.ready());
        assert_leaves_nothing(|| socket.flushed());
        let alive = poll_as_a_crowd(|context| pin!(peer.next()).poll(context).is_pending());
        assert_eq!(Arc::strong_count(&alive), 1);
        let alive = poll_as_a_crowd(|context| pin!(peer.closed()).poll(context).is_pending());
        assert_eq!(Arc::strong_count(&alive), 1);
        peer.resume();
        socket.flushed().await.expect("open");
        assert_eq!(peer.next().await, Some("held".into()));
    }

    async fn what_is_dropped_may_call_back() {
        let network = Network::new();
        let (socket, mut peer) = open(plain(&network).high_water_mark(1).control_frames(!is_browser()), &network).await;
        let (handle, alive) = (socket.handle(), Arc::new(()));
        // not taken from the client, and not handed to it
        peer.pause();
        handle.send(CallsBack::payload(&handle, &alive)).expect("open");
        if !is_browser() {
            handle.pong(Bytes::from_owner(CallsBack::new(&handle, &alive))).expect("open");
            peer.resume();
            peer.pause();
            assert_eq!(Arc::strong_count(&alive), 2, "a pong that nobody reads is gone");
            while peer.try_next().is_some() {}
            handle.send(CallsBack::payload(&handle, &alive)).expect("open");
        }
        for _ in 0..2 {
            let waker = CallsBack::waker(&handle, &alive);
            let mut context = Context::from_waker(&waker);
            assert!(pin!(handle.flushed()).poll(&mut context).is_pending());
            assert!(pin!(peer.next()).poll(&mut context).is_pending());
        }
        handle.close().expect("open");
        peer.send(CallsBack::payload(&handle, &alive));
        peer.cut();
        peer.send(CallsBack::payload(&handle, &alive));
        assert_eq!(Arc::strong_count(&alive), 1);
        assert_eq!(handle.flushed().await, Err(SendError::NotOpen { state: ReadyState::Closed }));
    }

    // In a browser's manner the inbox is never full for longer than it takes to fail.
    async fn a_cut_behind_what_nobody_reads_is_noticed() {
        if is_browser() {
            return;
        }
        let network = Network::new();
        let (mut socket, peer) = open(plain(&network).inbox_capacity(1).high_water_mark(1), &network).await;
        peer.pause();
        socket.send("held").expect("open");
        let (handle, ready) = (socket.handle(), socket.handle());
        let mut waiting = pin!(ready.ready());
        assert!(waiting.as_mut().now_or_never().is_none());
        peer.send("one");
        peer.send("two");
        assert_eq!(handle.ready_state(), ReadyState::Open);
        peer.cut();
        let closing = Err(SendError::NotOpen { state: ReadyState::Closing });
        assert_eq!(handle.send("late"), closing);
        assert_eq!((waiting.await, handle.flushed().await), (closing.clone(), closing));
        let events = all_events(&mut socket).await;
        let [Event::Message(one), Event::Message(two), Event::Error(_), Event::Close(_)] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!([one, two], [&Message::from("one"), &Message::from("two")]);

        let (mut socket, peer) = open(plain(&network).inbox_capacity(1), &network).await;
        peer.send("one");
        peer.send("two");
        peer.cut();
        SinkExt::<Message>::close(&mut socket).await.expect("it closes, though nobody reads");
        let events = all_events(&mut socket).await;
        assert!(matches!(&events[..], [Event::Message(_), Event::Error(_), Event::Close(_)]), "{events:?}");
    }

    async fn the_server_closes() {
        let network = Network::new();
        let (mut socket, mut peer) = open(plain(&network), &network).await;
        peer.send("last");
        peer.close(1001, "restart");
        let events = all_events(&mut socket).await;
        let [Event::Message(_), Event::Close(close)] = &events[..] else { panic!("{events:?}") };
        assert_close(close, 1001, "restart", true);
        assert_close(&peer.closed().await, 1001, "restart", true);
        assert!(matches!(socket.send("late"), Err(SendError::NotOpen { state: ReadyState::Closed })));
    }

    async fn a_peer_that_is_dropped_has_cut() {
        let network = Network::new();
        let (mut socket, peer) = open(plain(&network), &network).await;
        drop(peer);
        assert_eq!(failure(&mut socket).await, seen(Cause::Disconnected));
        let mut socket = plain(&network).open().expect("valid");
        drop(network.accept().await);
        assert_eq!(failure(&mut socket).await, seen(Cause::Disconnected));
    }

    async fn a_socket_that_is_dropped_has_closed() {
        let network = Network::new();
        let (socket, mut peer) = open(plain(&network), &network).await;
        drop(socket);
        assert_close(&peer.closed().await, 1000, "", true);
        drop(plain(&network).open().expect("valid"));
        let mut peer = network.accept().await;
        peer.open();
        assert_close(&peer.closed().await, 1006, "", false);
    }

    async fn subprotocols_are_checked() {
        let network = Network::new();
        let mut socket = plain(&network).protocols(["a"]).open().expect("valid");
        network.accept().await.open_with("b");
        let fault = HandshakeFault::UnofferedProtocol { protocol: "b".to_owned() };
        assert_eq!(failure(&mut socket).await, seen(Cause::Handshake(fault)));
        let mut socket = plain(&network).protocols(["a"]).open().expect("valid");
        network.accept().await.open_with("");
        assert_eq!(failure(&mut socket).await, seen(Cause::Handshake(HandshakeFault::NoProtocolChosen)));
    }

    async fn what_is_sent_before_opening_waits_for_it() {
        let network = Network::new();
        let mut socket = plain(&network).open().expect("valid");
        let peer = network.accept().await;
        peer.send("early");
        assert!(soon(socket.next_event()).await.is_none());
        peer.open();
        assert!(matches!(socket.next_event().await, Some(Event::Open(_))));
        assert_eq!(next_message(&mut socket).await, "early".into());
    }

    async fn both_deadlines_go_by_the_clock() {
        let (clock, network) = scene();
        let connecting = plain(&network).connect_timeout(seconds(5)).connect();
        let mut peer = None;
        let (result, ()) = futures::join!(connecting, async {
            peer = Some(network.accept().await);
            clock.advance(seconds(5));
        });
        let Err(OpenError::Failed(error)) = result else { panic!("{result:?}") };
        assert_eq!(*error.cause(), Cause::ConnectTimeout { after: seconds(5) });
        assert_eq!(peer.expect("accepted").next().await, None);

        let (mut socket, peer) = open(plain(&network).close_timeout(seconds(7)), &network).await;
        peer.answer_closes(false);
        socket.close().expect("on its thread");
        clock.advance(seconds(6));
        assert_eq!(socket.ready_state(), ReadyState::Closing);
        clock.advance(seconds(1));
        assert_eq!(failure(&mut socket).await, Cause::CloseTimeout { after: seconds(7) });
    }

    async fn without_a_clock_deadlines_are_real() {
        let network = Network::new();
        let after = Duration::from_millis(30);
        let result = plain(&network).connect_timeout(after).connect().await;
        let Err(OpenError::Failed(error)) = result else { panic!("{result:?}") };
        assert_eq!(*error.cause(), Cause::ConnectTimeout { after });
    }

    async fn a_paused_peer_lets_the_buffer_grow() {
        let network = Network::new();
        let (mut socket, mut peer) = open(plain(&network).max_buffered_amount(10), &network).await;
        peer.pause();
        socket.send("12345678").expect("open");
        assert_eq!(socket.buffered_amount(), 8);
        assert_eq!(socket.send("901"), Err(SendError::BufferFull { buffered: 8, limit: 10 }));
        assert_eq!(peer.try_next(), None);
        assert!(soon(SinkExt::<Message>::flush(&mut socket)).await.is_none());
        peer.resume();
        assert_eq!(soon(SinkExt::<Message>::flush(&mut socket)).await, Some(Ok(())));
        assert_eq!((socket.buffered_amount(), peer.try_next()), (0, Some("12345678".into())));
    }

    async fn flushing_goes_on_when_the_peer_does() {
        let (_clock, network) = scene();
        let (mut socket, peer) = open(plain(&network), &network).await;
        peer.pause();
        socket.send("x").expect("open");
        let (flushed, ()) = futures::join!(SinkExt::<Message>::flush(&mut socket), async {
            turns().await;
            peer.resume();
        });
        assert_eq!(flushed, Ok(()));
    }

    async fn the_limits_hold() {
        let network = Network::new();
        let (mut socket, mut peer) = open(plain(&network).max_message_size(4), &network).await;
        peer.send("1234");
        peer.send("12345");
        assert_eq!(next_message(&mut socket).await, "1234".into());
        assert_eq!(failure(&mut socket).await, Cause::MessageTooBig { limit: 4 });
        assert_eq!(peer.closed().await.code.0, if is_browser() { 4009 } else { 1009 });

        let (mut socket, mut peer) = open(plain(&network).inbox_capacity(1), &network).await;
        for text in ["1", "2", "3"] {
            peer.send(text);
        }
        assert_eq!(next_message(&mut socket).await, "1".into());
        if is_browser() {
            assert_eq!(failure(&mut socket).await, Cause::InboxFull { capacity: 1 });
            assert_eq!(peer.closed().await.code, 4008);
        } else {
            assert_eq!(next_message(&mut socket).await, "2".into());
            peer.cut();
            assert_eq!(next_message(&mut socket).await, "3".into());
            assert_eq!(failure(&mut socket).await, Cause::Disconnected);
        }
    }

    async fn pings_are_answered_where_there_are_any() {
        let network = Network::new();
        if is_browser() {
            assert!(plain(&network).control_frames(true).open().is_err());
            return;
        }
        let (mut socket, peer) = open(plain(&network).control_frames(true), &network).await;
        socket.ping("1").expect("open");
        assert_eq!(socket.next_event().await, Some(Event::Pong("1".into())));
        peer.answer_pings(false);
        socket.ping("2").expect("open");
        assert!(soon(socket.next_event()).await.is_none());
    }

    async fn what_is_dropped_unread_may_use_the_socket() {
        let network = Network::new();
        let (socket, peer) = open(plain(&network), &network).await;
        let handle = socket.handle();
        peer.send(Bytes::from_owner(Closes(handle.clone())));
        drop(socket);
        assert_eq!(handle.ready_state(), ReadyState::Closed);

        // and where a callback was to have it
        let (socket, peer) = open(plain(&network), &network).await;
        let handle = socket.handle();
        peer.send(Bytes::from_owner(Closes(handle.clone())));
        socket.on_message(|_| ()).forget();
        drop(socket);
        assert_eq!(handle.ready_state(), ReadyState::Closed);
    }

    async fn the_waker_of_another_task_may_use_the_socket() {
        let network = Network::new();
        let (mut socket, peer) = open(plain(&network), &network).await;
        let waker = Waker::from(Arc::new(Closes(socket.handle())));
        assert!(socket.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        assert_eq!(socket.ready_state(), ReadyState::Open, "it is kept");
        assert!(socket.poll_next_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(socket.ready_state(), ReadyState::Closed, "it is dropped");
        assert!(matches!(&all_events(&mut socket).await[..], [Event::Close(_)]));
        drop(peer);
    }

    async fn callbacks_run_and_may_close() {
        let network = Network::new();
        let (socket, mut peer) = open(plain(&network), &network).await;
        let handle = socket.handle();
        socket.on_message(move |_| handle.close().expect("on its thread")).forget();
        peer.send("go");
        peer.send("discarded");
        assert_eq!(peer.closed().await.code, 1005);
        assert_eq!(socket.ready_state(), ReadyState::Closed);
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn no_runtime_is_needed() {
    let (clock, network) = scene();
    futures::executor::block_on(async {
        let (mut socket, mut peer) = open(plain(&network), &network).await;
        socket.send("question").expect("open");
        assert_eq!(peer.next().await, Some("question".into()));
        peer.answer_closes(false);
        socket.close().expect("on its thread");
        clock.advance(seconds(10));
        assert_eq!(failure(&mut socket).await, Cause::CloseTimeout { after: seconds(10) });
    });
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn all_of_it_may_move_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<(Clock, Network, Peer)>();
}
