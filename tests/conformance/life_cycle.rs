//! Callbacks, handles, bounds, and many sockets at once.

use crate::{rules, support::*};
use eversocket::{Cause, Event, Message, ReadyState};
use futures::{
    StreamExt,
    channel::{mpsc, oneshot},
    future::join_all,
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// A callback's way to tell the test what it saw.
fn reporter<T: Send + 'static>() -> (impl FnMut(T) + Send + Clone + 'static, mpsc::UnboundedReceiver<T>) {
    let (sender, receiver) = mpsc::unbounded();
    let report = move |value| sender.unbounded_send(value).expect("the test listens");
    (report, receiver)
}

rules! {
    async fn callbacks_see_every_event_in_order_with_its_state() {
        let script = Script::new("accept;text:one;text:two;close:4000:bye");
        let socket = script.open();
        let (report, seen) = reporter::<String>();
        let handle = socket.handle();
        let tell = move |what: String| report.clone()(format!("{what} {:?}", handle.ready_state()));
        let (on_open, on_message, on_error, on_close) = (tell.clone(), tell.clone(), tell.clone(), tell);
        let guards = [
            socket.on_open(move |_| on_open("open".to_owned())),
            socket.on_message(move |message| on_message(message.as_text().unwrap_or("?").to_owned())),
            socket.on_error(move |error| on_error(error.to_string())),
            socket.on_close(move |close| on_close(close.to_string())),
        ];
        let seen: Vec<String> = seen.collect().await;
        assert_eq!(seen, ["open Open", "one Open", "two Open", "closed cleanly with code 4000: bye Closed"]);
        drop(guards);
    }

    async fn a_callback_set_inside_another_takes_effect() {
        let script = Script::new("accept;text:one;expect;text:two;close:1000");
        let socket = Arc::new(Mutex::new(Some(script.open())));
        let (report, mut seen) = reporter::<Message>();
        let inner = Arc::new(Mutex::new(None));
        let keep = inner.clone();
        let shared = socket.clone();
        let guard = socket.lock().expect("whole").as_ref().map(|socket| socket.on_open(move |_| {
            let report = report.clone();
            let socket = shared.lock().expect("whole");
            let guard = socket.as_ref().map(|socket| socket.on_message(report));
            *keep.lock().expect("whole") = guard;
        }));
        assert_eq!(seen.next().await, Some("one".into()));
        socket.lock().expect("whole").as_mut().expect("whole").send("go on").expect("it is open");
        assert_eq!(seen.next().await, Some("two".into()));
        drop((guard, inner));
    }

    async fn a_callback_may_drop_its_own_guard() {
        let socket = connect(&echo()).await.expect("it connects");
        let count = Arc::new(AtomicUsize::new(0));
        let guard = Arc::new(Mutex::new(None));
        let (own, counter) = (guard.clone(), count.clone());
        *guard.lock().expect("whole") = Some(socket.on_message(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            own.lock().expect("whole").take();
        }));
        let mut socket = socket;
        socket.send("to the callback").expect("it is open");
        socket.send("to the stream").expect("it is open");
        assert_eq!(next_message(&mut socket).await, "to the stream".into());
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    async fn dropping_a_guard_frees_the_callback() {
        let socket = connect(&echo()).await.expect("it connects");
        let captured = Arc::new(());
        let inside = captured.clone();
        let guard = socket.on_message(move |_| drop(inside.clone()));
        assert_eq!(Arc::strong_count(&captured), 2);
        drop(guard);
        assert_eq!(Arc::strong_count(&captured), 1);
    }

    async fn dropping_the_socket_frees_its_callbacks() {
        let socket = connect(&echo()).await.expect("it connects");
        let captured = Arc::new(());
        let inside = [captured.clone(), captured.clone()];
        let [message, wake] = inside;
        socket.on_message(move |_| drop(message.clone())).forget();
        socket.on_wake(move || drop(wake.clone())).forget();
        assert_eq!(Arc::strong_count(&captured), 3);
        drop(socket);
        assert_eq!(Arc::strong_count(&captured), 1);
    }

    async fn the_close_event_frees_the_callbacks() {
        let script = Script::new("accept;close:1000");
        let socket = script.open();
        let (sender, receiver) = oneshot::channel::<()>();
        // dropped with the callback, which the receiver sees
        socket.on_message(move |_| assert!(!sender.is_canceled())).forget();
        assert!(receiver.await.is_err());
        assert_eq!(socket.ready_state(), ReadyState::Closed);
    }

    async fn each_event_goes_to_a_callback_or_to_the_stream_not_both() {
        let script = Script::new("accept;text:one;text:two;close:1000");
        let mut socket = script.open();
        let (report, seen) = reporter::<Message>();
        let guard = socket.on_message(report);
        let streamed = all_events(&mut socket).await;
        assert!(matches!(&streamed[..], [Event::Open(_), Event::Close(_)]), "{streamed:?}");
        drop(guard);
        assert_eq!(seen.collect::<Vec<_>>().await, ["one".into(), "two".into()]);
    }

    async fn a_callback_registered_late_gets_what_waits() {
        let script = Script::new("accept;text:one;text:two;close:1000");
        let socket = script.open();
        let (closed, ended) = oneshot::channel();
        let mut closed = Some(closed);
        let close_guard = socket.on_close(move |_| {
            closed.take().map(|closed| closed.send(()));
        });
        ended.await.expect("it closes");
        let (report, mut seen) = reporter::<Message>();
        let guard = socket.on_message(report);
        assert_eq!(seen.next().await, Some("one".into()));
        assert_eq!(seen.next().await, Some("two".into()));
        drop((guard, close_guard));
    }

    async fn several_callbacks_of_a_kind_are_called_in_order() {
        let script = Script::new("accept;text:x;close:1000");
        let socket = script.open();
        let (mut report, seen) = reporter::<u8>();
        let mut second = report.clone();
        let guards = (socket.on_message(move |_| report(1)), socket.on_message(move |_| second(2)));
        assert_eq!(seen.collect::<Vec<_>>().await, [1, 2]);
        drop(guards);
    }

    async fn try_next_and_the_wake_up_serve_frame_based_interfaces() {
        let script = Script::new("accept;text:x;close:1000");
        let mut socket = script.open();
        assert_eq!(socket.try_next(), None);
        let (mut report, mut woken) = reporter::<()>();
        let guard = socket.on_wake(move || report(()));
        let mut events = Vec::new();
        while !matches!(events.last(), Some(Event::Close(_))) {
            events.extend(std::iter::from_fn(|| socket.try_next()));
            if !matches!(events.last(), Some(Event::Close(_))) {
                woken.next().await.expect("there is more");
            }
        }
        assert!(matches!(&events[..], [Event::Open(_), Event::Message(_), Event::Close(_)]), "{events:?}");
        drop(guard);
    }

    async fn handles_are_clones_of_one_connection() {
        let mut socket = connect(&echo()).await.expect("it connects");
        let (first, second) = (socket.handle(), socket.handle().clone());
        first.send("one").expect("it is open");
        second.send("two").expect("it is open");
        assert_eq!(next_message(&mut socket).await, "one".into());
        assert_eq!(next_message(&mut socket).await, "two".into());
        second.close().expect("it closes");
        assert_eq!(first.ready_state(), ReadyState::Closing);
    }

    /// By default Firefox allows 200 in all, with those of other tests that are still closing;
    /// webdriver.json allows more.
    async fn two_hundred_sockets_at_once() {
        let one = |index: u32| async move {
            let mut socket = connect(&echo()).await.expect("it connects");
            socket.send(index.to_string()).expect("it is open");
            assert_eq!(next_message(&mut socket).await, index.to_string().into());
            socket.close().expect("it closes");
            closed(&mut socket).await.was_clean
        };
        assert!(join_all((0..200).map(one)).await.into_iter().all(|was_clean| was_clean));
    }

    // Differs by nature: a browser cannot be made to wait, so the bound ends the connection.
    async fn a_full_inbox_makes_the_server_wait_or_ends_the_connection() {
        let script = Script::new("accept;flood:2000:100000;close:1000");
        let mut socket = builder(&script.url).inbox_capacity(1_000_000).connect().await.expect("it connects");
        let handle = socket.handle();
        let mut count = 0;
        if !socket.has_backpressure() {
            assert!(is_browser());
            // nobody reads until the inbox has overflown
            let (closed, ended) = oneshot::channel();
            let mut closed = Some(closed);
            let guard = socket.on_close(move |close| {
                closed.take().map(|closed| closed.send(close));
            });
            assert_close(&ended.await.expect("it closes"), 1006, "", false);
            drop(guard);
            while let Some(event) = socket.try_next() {
                match event {
                    Event::Message(_) => count += 1,
                    Event::Error(error) => assert_eq!(*error.cause(), Cause::InboxFull { capacity: 1_000_000 }),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(count, 9, "what fits into the bound is still handed out");
            assert!(script.frames().await.contains(&"close 4008".to_owned()));
        } else {
            // nobody reads until the server waits; systems and browsers buffer far less
            let sent = script.held_back().await;
            assert!(sent < 1000, "{sent} messages were sent to a client that does not read");
            while let Some(event) = socket.next_event().await {
                if let Event::Message(message) = event {
                    assert_eq!(message.as_binary().map(|bytes| &bytes[..8]), Some(&u64::to_be_bytes(count)[..]));
                    count += 1;
                }
            }
            assert_eq!(count, 2000);
        }
        assert_eq!(handle.ready_state(), ReadyState::Closed);
    }
}
