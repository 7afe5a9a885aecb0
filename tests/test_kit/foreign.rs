//! Foreign code that uses a handle of the same socket, wherever it is called: hooks, conversions, callbacks,
//! and what is dropped. It must neither wait for itself nor be met by a lock.

use super::*;
use bytes::Bytes;
use eversocket::{
    Cause, Message,
    reconnect::{
        Backoff, BoxError, Carrier, Credentials, DropReason, Endpoint, Heartbeat, Outgoing, Overflow, RetryPolicy,
        Session,
    },
};
use futures::FutureExt;
use std::{
    pin::{Pin, pin},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Wake, Waker},
};

const MOST: usize = 1_000;

/// Each body runs on a thread of its own natively, and has to come to its end.
macro_rules! watched {
    ($($(#[$attribute:meta])* async fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[cfg(target_arch = "wasm32")]
        #[wasm_bindgen_test::wasm_bindgen_test]
        async fn $name() $body

        $(#[$attribute])*
        #[cfg(not(target_arch = "wasm32"))]
        #[test]
        fn $name() {
            watch(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(async $body);
            });
        }
    )*};
}

pub(super) use watched;

#[cfg(not(target_arch = "wasm32"))]
pub(super) fn watch(body: impl FnOnce() + Send + 'static) {
    let (sender, done) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        body();
        sender.send(()).expect("somebody waits");
    });
    match done.recv_timeout(seconds(60)) {
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        _ => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
    }
}

/// A handle that is there once the socket is, and what foreign code does with it.
#[derive(Clone, Default)]
struct Foreign {
    handle: Arc<OnceLock<Handle>>,
    /// How often it was called.
    calls: Arc<AtomicUsize>,
}

impl Foreign {
    fn of(handle: &Handle) -> Self {
        let foreign = Self::default();
        foreign.meet(handle);
        foreign
    }

    fn meet(&self, handle: &Handle) {
        assert!(self.handle.set(handle.clone()).is_ok());
    }

    /// Uses the handle; the first time it also has the connection replaced. Not for ever: what it does
    /// makes events, of which some call it again.
    fn call(&self) {
        let before = self.calls.fetch_add(1, Relaxed);
        let Some(handle) = self.handle.get().filter(|_| before < MOST) else { return };
        if let Ok(number) = handle.send("foreign") {
            handle.confirm_through(number);
            drop(handle.withdraw(number));
        }
        handle.set_sticky("foreign", "sticky");
        handle.remove_sticky("foreign");
        drop((handle.state(), handle.progress(), handle.health(), handle.round_trip(), handle.time_to_retry()));
        drop((handle.url(), handle.protocol(), handle.buffered_amount(), handle.take_unknown()));
        let mut context = Context::from_waker(Waker::noop());
        let _pending = pin!(handle.flushed()).poll(&mut context);
        let _pending = pin!(handle.ready_for(1)).poll(&mut context);
        let _pending = pin!(handle.opened()).poll(&mut context);
        let _pending = pin!(handle.send_wait_tracked("foreign")).poll(&mut context);
        handle.probe();
        if before == 0 {
            handle.reconnect_now();
        }
    }

    fn calls(&self) -> usize {
        self.calls.load(Relaxed)
    }

    fn payload(&self) -> Message {
        Bytes::from_owner(Payload(self.clone())).into()
    }

    fn error(&self) -> BoxError {
        Box::new(Error(self.clone()))
    }

    fn waker(&self) -> Waker {
        Arc::new(Payload(self.clone())).into()
    }
}

struct Payload(Foreign);

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        b"payload"
    }
}

impl Wake for Payload {
    fn wake(self: Arc<Self>) {
        self.0.call();
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        self.0.call();
    }
}

struct Error(Foreign);

impl std::fmt::Debug for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Error")
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("foreign")
    }
}

impl std::error::Error for Error {}

impl Drop for Error {
    fn drop(&mut self) {
        self.0.call();
    }
}

/// Converts itself by foreign code.
struct Converts(Foreign);

impl From<Converts> for Message {
    fn from(converts: Converts) -> Self {
        converts.0.call();
        "converted".into()
    }
}

impl From<Converts> for Outgoing {
    fn from(converts: Converts) -> Self {
        Self::new(Message::from(converts))
    }
}

watched! {
    async fn what_converts_a_message_may_use_the_socket() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).open().expect("valid");
        let handle = socket.handle();
        let (foreign, mut peers) = (Foreign::of(&handle), Vec::new());
        for _ in 0..2 {
            socket.send(Converts(foreign.clone())).expect("accepted");
            handle.send(Converts(foreign.clone())).expect("accepted");
            drop(handle.send_tracked(Converts(foreign.clone())).expect("accepted"));
            handle.send_wait(Converts(foreign.clone())).await.expect("accepted");
            drop(handle.send_wait_tracked(Converts(foreign.clone())).await.expect("accepted"));
            handle.set_sticky("converted", Converts(foreign.clone()));
            // and once more where it is open
            if let Some(peer) = soon(network.accept()).await {
                peer.open();
                turns().await;
                peers.push(peer);
            }
        }
        assert_eq!(foreign.calls(), 12);
    }

    async fn what_is_dropped_from_the_queue_may_use_the_socket() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).queue_capacity(5, 1_000).overflow(Overflow::DropOldest).open().expect("valid");
        let handle = socket.handle();
        let foreign = Foreign::of(&handle);
        // each is dropped by the next
        for _ in 0..20 {
            handle.send(foreign.payload()).expect("accepted");
        }
        for _ in 0..20 {
            handle.send(Outgoing::new(foreign.payload()).latest("key")).expect("accepted");
        }
        for _ in 0..20 {
            let number = handle.send(foreign.payload()).expect("accepted");
            drop(handle.withdraw(number));
            handle.set_sticky("key", foreign.payload());
        }
        assert!(handle.remove_sticky("key"));
        handle.send(Outgoing::new(foreign.payload()).expires_in(seconds(1))).expect("accepted");
        clock.advance(seconds(1));
        turns().await;
        let before = foreign.calls();
        assert!(before >= 75, "{before} calls");
        let mut reasons = Vec::new();
        while let Some(event) = socket.try_next() {
            if let Event::Dropped(dropped) = event {
                reasons.push(dropped.reason);
            }
        }
        for reason in [DropReason::Overflow, DropReason::Superseded, DropReason::Withdrawn] {
            assert!(reasons.contains(&reason), "{reasons:?}");
        }
        // what is refused is dropped by whoever sent it, and what is left by the end
        socket.close();
        drop(handle.send(foreign.payload()));
        drop(socket.ended().await);
        drop(socket);
        assert!(foreign.calls() > before);
    }

    async fn what_is_dropped_unsent_or_unread_at_the_end_may_use_the_socket() {
        let (clock, network) = scene();
        for is_read in [false, true] {
            let mut socket = builder(&clock, &network).open().expect("valid");
            let foreign = Foreign::of(&socket.handle());
            let peer = accept(&network).await;
            socket.opened().await.expect("open");
            foreign.calls.store(1, Relaxed);
            for _ in 0..10 {
                peer.send(foreign.payload());
            }
            socket.handle().pause();
            for _ in 0..10 {
                socket.send(foreign.payload()).expect("accepted");
                socket.handle().set_sticky("key", foreign.payload());
            }
            turns().await;
            if is_read {
                socket.close();
                drop(socket.ended().await);
            }
            drop(socket);
            turns().await;
            drop(peer);
            assert!(foreign.calls() >= 30, "{} calls", foreign.calls());
        }
    }

    async fn what_is_dropped_once_it_is_sent_may_use_the_socket() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).transport_buffer(20).open().expect("valid");
        let handle = socket.handle();
        let foreign = Foreign::of(&handle);
        foreign.calls.store(1, Relaxed);
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        // at once, and from the queue
        for _ in 0..10 {
            handle.send(foreign.payload()).expect("accepted");
            drop(handle.send_tracked(foreign.payload()).expect("accepted"));
            handle.set_sticky("key", foreign.payload());
            while peer.try_next().is_some() {}
        }
        peer.pause();
        for _ in 0..10 {
            handle.send(foreign.payload()).expect("accepted");
        }
        turns().await;
        peer.resume();
        turns().await;
        while peer.try_next().is_some() {}
        assert!(foreign.calls() >= 40, "{} calls", foreign.calls());
        peer.cut();
        drop(socket);
    }

    async fn what_is_kept_no_more_may_use_the_socket_and_is_dropped_at_once() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).retain_unknown(1_000).open().expect("valid");
        let handle = socket.handle();
        let foreign = Foreign::of(&handle);
        foreign.calls.store(1, Relaxed);
        let alive = Arc::strong_count(&foreign.calls);
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        turns().await;
        for _ in 0..1_000 {
            socket.send(foreign.payload()).expect("accepted");
            while peer.try_next().is_some() {}
            let kept = Arc::strong_count(&foreign.calls) - alive;
            assert!(kept < 100, "{kept} messages are kept, which have 1000 bytes at most");
        }
        let last = handle.send(foreign.payload()).expect("accepted");
        handle.confirm_through(last);
        for _ in 0..20 {
            handle.send(foreign.payload()).expect("accepted");
        }
        peer.cut();
        interrupted(&mut socket).await;
        drop(handle.take_unknown());
        drop(socket);
    }

    async fn wakers_may_use_the_socket() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).queue_capacity(2, 100).open().expect("valid");
        let handle = socket.handle();
        let foreign = Foreign::of(&handle);
        foreign.calls.store(1, Relaxed);
        let numbers = [(); 2].map(|()| handle.send("fills").expect("accepted"));
        let mut tracked = Some({
            handle.withdraw(numbers[0]).expect("it waits");
            handle.send_tracked("followed").expect("room")
        });
        let round = |socket: &mut ReconnectingWebSocket, tracked: &mut Option<eversocket::reconnect::Tracked>| {
            let mut waits: Vec<Pin<Box<dyn Future<Output = ()>>>> = Vec::new();
            let (one, two, three, four) = (handle.clone(), handle.clone(), handle.clone(), handle.clone());
            let (five, six, seven) = (handle.clone(), handle.clone(), handle.clone());
            waits.push(Box::pin(async move { drop(one.opened().await) }.fuse()));
            waits.push(Box::pin(async move { drop(two.states().skip(1).next().await) }.fuse()));
            waits.push(Box::pin(async move { drop(three.ready_for(50).await) }.fuse()));
            waits.push(Box::pin(async move { drop(four.send_wait("waits").await) }.fuse()));
            waits.push(Box::pin(async move { drop(five.flushed().await) }.fuse()));
            waits.push(Box::pin(async move { drop(six.ended().await) }.fuse()));
            waits.push(Box::pin(async move { drop(seven.send_wait_tracked("waits").await) }.fuse()));
            // twice, so that the first is replaced
            for _ in 0..2 {
                let waker = foreign.waker();
                let mut context = Context::from_waker(&waker);
                for wait in &mut waits {
                    let _pending = wait.as_mut().poll(&mut context);
                }
                if let Some(tracked) = tracked.as_mut() {
                    let _pending = Pin::new(tracked).poll(&mut context);
                }
                let _pending = pin!(socket.next_event()).poll(&mut context);
                let _pending = futures::Sink::<Message>::poll_ready(Pin::new(&mut *socket), &mut context);
                let _pending = futures::Sink::<Message>::poll_flush(Pin::new(&mut *socket), &mut context);
            }
            waits
        };
        // dropped while they wait, woken by the end of one connection, and by the end of all
        drop(round(&mut socket, &mut tracked));
        let waits = round(&mut socket, &mut tracked);
        let peer = accept(&network).await;
        turns().await;
        drop(waits);
        peer.cut();
        let waits = round(&mut socket, &mut tracked);
        turns().await;
        drop(waits);
        let waits = round(&mut socket, &mut tracked);
        socket.close();
        turns().await;
        drop((waits, tracked.take()));
        drop(socket);
        assert!(foreign.calls() > 10, "{} calls", foreign.calls());
    }

    async fn hooks_may_use_the_socket() {
        let (clock, network) = scene();
        let foreign = Foreign::default();
        let hooks: [Foreign; 10] = std::array::from_fn(|_| Foreign { handle: foreign.handle.clone(), ..Foreign::default() });
        let [provider, source, session, predicate, delays, iterator, make, is_answer, refused, carry] = hooks.clone();
        let is_refusal = move |message: &Message| {
            refused.call();
            message.as_text() == Some("refused")
        };
        let credentials = Credentials::new(move |_| {
            source.call();
            std::future::ready(Ok("token".into()))
        });
        let carrier = Carrier::first_message(move |token: &str| {
            carry.call();
            token.to_owned()
        });
        let heartbeat = Heartbeat::default().period(seconds(5)).message(
            move || {
                make.call();
                "ping"
            },
            move |message| {
                is_answer.call();
                message.as_text() == Some("pong")
            },
        );
        let builder = ReconnectingWebSocket::with_endpoint(move |_| {
            provider.call();
            std::future::ready(Ok(Endpoint::new(URL)))
        });
        let mut socket = builder
            .network(network.clone())
            .clock(clock.clone())
            .credentials(credentials.carry(carrier).refused_by(is_refusal))
            .session(move |session_of: Session| {
                session.call();
                let session = session.clone();
                async move {
                    session.call();
                    session_of.send(Converts(session))?;
                    Ok(())
                }
            })
            .retry(RetryPolicy::new().on_failure(move |_| {
                predicate.call();
                None
            }))
            .backoff(Backoff::custom(move || {
                delays.call();
                let iterator = iterator.clone();
                std::iter::from_fn(move || {
                    iterator.call();
                    Some(seconds(1))
                })
            }))
            .heartbeat(heartbeat.message_everywhere())
            .open()
            .expect("a provider");
        foreign.meet(&socket.handle());
        let told = Foreign { handle: foreign.handle.clone(), ..Foreign::default() };
        let guards = {
            let [a, b, c, d, e, f]: [Foreign; 6] = std::array::from_fn(|_| told.clone());
            [
                socket.on_message(move |_| a.call()),
                socket.on_interrupted(move |_| b.call()),
                socket.on_gap(move |_| c.call()),
                socket.on_dropped(move |_| d.call()),
                socket.on_ended(move |_| e.call()),
                socket.on_wake(move || f.call()),
            ]
        };
        for round in 0..40 {
            turns().await;
            clock.advance(socket.handle().time_to_retry().unwrap_or_default());
            turns().await;
            // those before it were replaced
            let Some(peer) = std::iter::from_fn(|| network.try_accept()).last() else { continue };
            if round % 4 == 0 {
                peer.refuse(Cause::Disconnected);
                continue;
            }
            peer.open();
            turns().await;
            for text in ["hello", "pong", if round == 30 { "refused" } else { "hello" }] {
                peer.send(text);
            }
            turns().await;
            clock.advance(seconds(5));
            turns().await;
            peer.cut();
        }
        socket.close();
        turns().await;
        for (index, hook) in hooks.iter().enumerate() {
            assert!(hook.calls() > 0, "hook {index} was not called");
        }
        assert!(told.calls() > 0);
        drop(guards);
        drop(socket);
    }

    async fn errors_may_use_the_socket_when_they_are_dropped() {
        let (clock, network) = scene();
        let foreign = Foreign::default();
        let (provider, greeting, mut attempt) = (foreign.clone(), foreign.clone(), 0);
        let builder = ReconnectingWebSocket::with_endpoint(move |_| {
            attempt += 1;
            let result = if attempt % 2 == 1 { Err(provider.error()) } else { Ok(URL) };
            std::future::ready(result)
        });
        let mut socket = builder
            .network(network.clone())
            .clock(clock.clone())
            .session(move |_| std::future::ready(Err(greeting.error())))
            .backoff(Backoff::constant(seconds(1)))
            .open()
            .expect("a provider");
        foreign.meet(&socket.handle());
        foreign.calls.store(1, Relaxed);
        for _ in 0..20 {
            if let Some(peer) = soon(network.accept()).await {
                peer.open();
                turns().await;
            }
            drop(socket.handle().health());
            while let Some(event) = socket.try_next() {
                drop(event);
            }
            clock.advance(seconds(1));
        }
        socket.close();
        drop(socket);
        turns().await;
        assert!(foreign.calls() > 10, "{} calls", foreign.calls());
    }
}
