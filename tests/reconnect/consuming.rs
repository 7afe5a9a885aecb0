//! The ways to receive what happens.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    Message,
    reconnect::{DropReason, EndCause, Event, Failure, Outgoing, State},
};
use futures::{StreamExt, channel::mpsc, stream::FusedStream};
use std::sync::{Arc, Mutex};

/// A callback's way to tell the test what it saw.
fn reporter<T: Send + 'static>() -> (impl FnMut(T) + Send + Clone + 'static, mpsc::UnboundedReceiver<T>) {
    let (sender, receiver) = mpsc::unbounded();
    let report = move |value| sender.unbounded_send(value).expect("the test listens");
    (report, receiver)
}

rules! {
    async fn the_stream_has_all_events_and_ends() {
        let script = Script::new("accept;text:one;binary:02;close:1000:bye");
        let mut socket = quick(&script.url).open().expect("a valid URL");
        let events: Vec<Event> = (&mut socket).collect().await;
        let [
            Event::State(State::Connecting { attempt: 1 }),
            Event::State(State::Open),
            Event::Message(one),
            Event::Message(two),
            Event::Interrupted(lost),
            Event::Ended(ended),
        ] = &events[..]
        else {
            panic!("{events:?}");
        };
        assert_eq!((one, two), (&"one".into(), &Message::from(vec![2])));
        assert_eq!(ended.cause, EndCause::GivenUp(lost.failure.clone()));
        assert!(socket.is_terminated());
        assert_eq!(socket.next().await, None);
    }

    async fn messages_alone_may_be_read() {
        let (gate, mut expected) = (Gate::new().await, 0);
        let mut socket = quick(&gate.url("/stream?greet=1")).open().expect("a valid URL");
        let handle = socket.handle();
        let mut messages = socket.messages();
        while let Some(message) = messages.next().await {
            assert!(message.as_text().is_some_and(|text| text.starts_with("hello ")), "{message:?}");
            expected += 1;
            if expected == 3 { handle.close() } else { gate.cut().await }
        }
        assert_eq!(expected, 3);
        assert!(matches!(handle.state(), State::Ended(EndCause::Closed { .. })));
    }

    async fn callbacks_get_each_kind_of_event() {
        let gate = Gate::new().await;
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        let (on_state, states) = reporter();
        let (on_message, mut messages) = reporter();
        let (on_interrupted, mut interruptions) = reporter();
        let (on_gap, mut gaps) = reporter();
        let (on_dropped, mut drops) = reporter();
        let (on_ended, mut ends) = reporter();
        let guards = [
            socket.on_state(on_state),
            socket.on_message(on_message),
            socket.on_interrupted(on_interrupted),
            socket.on_gap(on_gap),
            socket.on_dropped(on_dropped),
            socket.on_ended(on_ended),
        ];
        let handle = socket.handle();
        handle.send("one").expect("accepted");
        assert_eq!(messages.next().await, Some("one".into()));
        gate.stop().await;
        assert_eq!(interruptions.next().await.map(|lost| numbers(&lost.unknown)), Some(vec![1]));
        handle.send(Outgoing::new("x=1").latest("x")).expect("accepted");
        handle.send(Outgoing::new("x=2").latest("x")).expect("accepted");
        let dropped = drops.next().await.expect("one was dropped");
        assert_eq!((dropped.reason, numbers(&dropped.messages)), (DropReason::Superseded, vec![2]));
        gate.start().await;
        assert_eq!(gaps.next().await.map(|gap| numbers(&gap.unknown)), Some(vec![1]));
        assert_eq!(messages.next().await, Some("x=2".into()));
        handle.close();
        assert!(ends.next().await.is_some_and(|ended| matches!(ended.cause, EndCause::Closed { .. })));
        // the end frees the callbacks, and with them the senders
        let states: Vec<State> = states.collect().await;
        assert_eq!(states.first(), Some(&State::Connecting { attempt: 1 }));
        assert_eq!(states.last(), Some(&State::Closing));
        assert_eq!(states.iter().filter(|state| state.is_open()).count(), 2);
        assert_eq!(socket.try_next(), None, "each event is told once");
        drop(guards);
    }

    async fn the_stream_ends_also_where_a_callback_took_the_end() {
        let mut socket = quick(&echo()).open().expect("a valid URL");
        let (report, mut ends) = reporter();
        let guard = socket.on_ended(report);
        open(&mut socket).await;
        socket.close();
        assert!(ends.next().await.is_some());
        assert_eq!(rest(&mut socket).await, [Event::State(State::Closing)]);
        assert!(socket.is_terminated());
        drop(guard);
    }

    async fn a_callback_may_use_handles() {
        let socket = quick(&echo()).open().expect("a valid URL");
        let (mut report, mut ended) = reporter();
        let (on_state, on_message) = (socket.handle(), socket.handle());
        let guards = [
            socket.on_state(move |state| {
                if state.is_open() {
                    on_state.send("from a callback").expect("accepted");
                }
            }),
            socket.on_message(move |_| on_message.close()),
            socket.on_ended(move |ended| report(ended.cause)),
        ];
        assert!(matches!(ended.next().await, Some(EndCause::Closed { .. })));
        drop(guards);
    }

    async fn what_no_callback_takes_is_left_to_the_stream() {
        let script = Script::new("accept;text:one;close:1000");
        let mut socket = quick(&script.url).open().expect("a valid URL");
        let (report, messages) = reporter::<Message>();
        let guard = socket.on_message(report);
        let events = rest(&mut socket).await;
        assert!(!events.iter().any(|event| matches!(event, Event::Message(_))), "{events:?}");
        assert!(matches!(events.last(), Some(Event::Ended(_))));
        drop(guard);
        assert_eq!(messages.collect::<Vec<_>>().await, ["one".into()]);
    }

    async fn a_callback_gets_its_kind_whoever_reads_meanwhile() {
        let script = Script::new("accept;flood:20000:8;close:1000");
        let mut socket = quick(&script.url).open().expect("a valid URL");
        let (report, messages) = reporter::<Message>();
        let guard = socket.on_message(report);
        let events = rest(&mut socket).await;
        assert!(!events.iter().any(|event| matches!(event, Event::Message(_))), "{} events", events.len());
        drop(guard);
        let messages: Vec<Message> = messages.collect().await;
        assert_eq!(messages.len(), 20_000);
        assert!((0_u64..).zip(&messages).all(|(index, message)| message.as_binary() == Some(&index.to_be_bytes()[..])));
    }

    async fn a_callback_that_comes_late_gets_what_the_reader_has_taken() {
        let script = Script::new("accept;text:one;text:two;close:1000");
        let mut socket = quick(&script.url).open().expect("a valid URL");
        let _until_the_end: Vec<State> = socket.handle().states().collect().await;
        // which takes out all others with it
        assert!(matches!(socket.next_event().await, Some(Event::State(State::Connecting { attempt: 1 }))));
        let (report, messages) = reporter::<Message>();
        let guard = socket.on_message(report);
        assert_eq!(messages.collect::<Vec<_>>().await, ["one".into(), "two".into()]);
        let events = rest(&mut socket).await;
        assert!(!events.iter().any(|event| matches!(event, Event::Message(_))), "{events:?}");
        assert!(matches!(events.last(), Some(Event::Ended(_))));
        drop(guard);
    }

    async fn what_a_callback_leaves_goes_to_the_reader_in_order() {
        let script = Script::new("accept;text:1;text:2;text:3;text:4;close:1000");
        let mut socket = quick(&script.url).open().expect("a valid URL");
        let own = Arc::new(Mutex::new(None));
        let guard = own.clone();
        *own.lock().expect("whole") = Some(socket.on_message(move |message| {
            if message == "2".into() {
                guard.lock().expect("whole").take();
            }
        }));
        let events = rest(&mut socket).await;
        let read = events.split(|event| *event == Event::State(State::Open)).nth(1).expect("it opened");
        let [Event::Message(three), Event::Message(four), Event::Interrupted(_), Event::Ended(_)] = read else {
            panic!("{events:?}");
        };
        assert_eq!((three, four), (&"3".into(), &"4".into()));
    }

    async fn interfaces_that_draw_frames_need_not_wait() {
        let script = Script::new("accept;text:one;close:1000");
        let mut socket = quick(&script.url).open().expect("a valid URL");
        let (mut report, mut woken) = reporter::<()>();
        let guard = socket.on_wake(move || report(()));
        let mut events = Vec::new();
        loop {
            events.extend(std::iter::from_fn(|| socket.try_next()));
            if matches!(events.last(), Some(Event::Ended(_))) {
                break;
            }
            woken.next().await.expect("there is more");
        }
        assert!(events.contains(&Event::Message("one".into())), "{events:?}");
        drop(guard);
    }

    async fn states_are_a_stream_of_their_own() {
        let gate = Gate::new().await;
        gate.set("cut").await;
        let mut socket = slow(&gate.echo()).open().expect("a valid URL");
        let handle = socket.handle();
        let mut states = handle.states();
        while !matches!(states.next().await, Some(State::Waiting(_))) {}
        gate.set("serve").await;
        handle.reconnect_now();
        while states.next().await != Some(State::Open) {}
        // one that is asked for later begins with the state now
        assert_eq!(handle.states().next().await, Some(State::Open));
        assert_eq!(handle.opened().await, Ok(()));
        handle.close();
        let last = states.collect::<Vec<_>>().await.pop();
        assert!(matches!(last, Some(State::Ended(EndCause::Closed { .. }))), "{last:?}");
        // nobody has read an event so far
        assert!(rest(&mut socket).await.contains(&Event::State(State::Open)));
    }

    async fn an_owner_who_never_reads_still_learns_the_end() {
        let script = Script::new("accept;close:4403:go away");
        let mut socket = quick(&script.url).open().expect("a valid URL");
        let states: Vec<_> = socket.handle().states().collect().await;
        assert!(matches!(states.last(), Some(State::Ended(EndCause::GivenUp(Failure::Closed(_))))), "{states:?}");
        assert!(matches!(socket.ended().await.cause, EndCause::GivenUp(_)));
    }
}
