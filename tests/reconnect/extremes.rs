//! Real timers and real connections with options at the ends of their ranges, and foreign code that uses
//! the socket's handle when it is dropped.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use bytes::Bytes;
use eversocket::{
    Message,
    reconnect::{Backoff, Builder, Handle, Heartbeat, Outgoing, Overflow},
};
use std::time::Duration;

fn with_all(builder: Builder, time: Duration) -> Builder {
    let heartbeat = Heartbeat::default().period(time).dead_after(Duration::MAX);
    builder
        .heartbeat(heartbeat.message(|| "ping", |answer| answer.as_text() == Some("ping")))
        .clock_check(time)
        .stable_after(time)
        .tcp_keep_alive(time)
        .hidden_limit(Duration::MAX)
        .max_elapsed(Duration::MAX)
        .provider_timeout(Duration::MAX)
        .connect_timeout(Duration::MAX)
        .session_timeout(Duration::MAX)
        .close_timeout(Duration::MAX)
}

/// Sends and receives over two connections, and ends.
async fn flows(time: Duration) {
    let gate = Gate::new().await;
    let mut socket = with_all(quick(&gate.echo()), time).open().expect("a valid URL");
    for text in ["one", "two"] {
        socket.send(Outgoing::new(text).expires_in(Duration::MAX)).expect("accepted");
        assert_eq!(self::text(&mut socket).await, text);
        socket.send("").expect("accepted");
        assert_eq!(self::text(&mut socket).await, "");
        gate.cut().await;
        interrupted(&mut socket).await;
    }
    open(&mut socket).await;
    socket.handle().shutdown(Duration::MAX);
    assert!(socket.ended().await.unsent.is_empty());
}

struct CallsBack(Handle);

impl AsRef<[u8]> for CallsBack {
    fn as_ref(&self) -> &[u8] {
        b"payload"
    }
}

impl Drop for CallsBack {
    fn drop(&mut self) {
        let Self(handle) = self;
        let _refused = handle.send(Outgoing::new("again").volatile());
        handle.set_sticky("key", "sticky");
        drop((handle.state(), handle.progress(), handle.health(), handle.take_unknown(), handle.buffered_amount()));
    }
}

fn payload(handle: &Handle) -> Message {
    Bytes::from_owner(CallsBack(handle.clone())).into()
}

rules! {
    async fn the_shortest_times_do_not_keep_messages_from_flowing() {
        // heartbeats never pause, and one is on its way when the connection is cut
        if crashes_when_clogged() {
            return;
        }
        flows(Duration::ZERO).await;
    }

    async fn the_longest_times_do_not_keep_messages_from_flowing() {
        flows(Duration::MAX).await;
    }

    async fn the_longest_delay_is_waited_and_ended_at_once() {
        let gate = Gate::new().await;
        gate.set("cut").await;
        let mut socket = quick(&gate.echo()).backoff(Backoff::constant(Duration::MAX)).open().expect("a valid URL");
        assert!(waiting(&mut socket).await.delay > NEVER);
        gate.set("serve").await;
        socket.handle().reconnect_now();
        open(&mut socket).await;
    }

    async fn what_is_dropped_may_use_the_socket() {
        if crashes_when_clogged() {
            return;
        }
        let (gate, id) = (Gate::new().await, unique());
        let builder = quick(&gate.stream(&id, "")).queue_capacity(20, 1 << 20).overflow(Overflow::DropOldest);
        let mut socket = builder.retain_unknown(50).transport_buffer(100).open().expect("a valid URL");
        let handle = socket.handle();
        for round in 0..5 {
            open(&mut socket).await;
            // at once, from the queue, and too many
            for _ in 0..200 {
                handle.send(payload(&handle)).expect("accepted");
            }
            handle.set_sticky("key", payload(&handle));
            let last = handle.send_wait(format!("{round}")).await.expect("accepted");
            handle.flushed().await.expect("it goes on");
            stream_record(&id, round + 1).await;
            handle.confirm_through(last);
            handle.send(payload(&handle)).expect("accepted");
            gate.cut().await;
            interrupted(&mut socket).await;
            handle.send(payload(&handle)).expect("accepted");
        }
        handle.pause();
        handle.send(payload(&handle)).expect("accepted");
        socket.close();
        drop(socket.ended().await);
        drop(handle.take_unknown());
    }
}

/// A sender that never pauses does not keep a large message from its turn.
#[cfg(not(target_arch = "wasm32"))]
#[tokio::test(flavor = "multi_thread")]
async fn a_large_message_has_its_turn_beside_senders_that_never_pause() {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    };
    let url = url(&format!("/apart?name={}", unique()));
    let builder = quick(&url).queue_capacity(1_000, 10_000).transport_buffer(1_000);
    let mut socket = builder.open().expect("a valid URL");
    open(&mut socket).await;
    let over = Arc::new(AtomicBool::new(false));
    let hot = {
        let (handle, over) = (socket.handle(), over.clone());
        std::thread::spawn(move || {
            while !over.load(Relaxed) {
                let _full = handle.send("small");
            }
        })
    };
    let waiting = [(); 8].map(|()| {
        let (handle, over) = (socket.handle(), over.clone());
        tokio::spawn(async move {
            while !over.load(Relaxed) {
                handle.send_wait("small").await.expect("it goes on");
            }
        })
    });
    for _ in 0..20 {
        socket.handle().send_wait(vec![0; 9_900]).await.expect("it has its turn");
    }
    over.store(true, Relaxed);
    hot.join().expect("it sends");
    for task in waiting {
        task.await.expect("it sends");
    }
}
