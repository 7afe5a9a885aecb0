//! Waits of a reconnecting socket: who gives up leaves nothing, and who waits for room has it in turn.

use super::*;
use crate::support::{CROWD, assert_leaves_nothing, poll_as_a_crowd};
use eversocket::{
    Message,
    reconnect::{Outcome, Overflow, SendError, SequenceNumber, SinkError, Tracked},
};
use futures::{FutureExt, Sink, SinkExt, future::join, stream};
use std::{
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Wake, Waker},
};

/// Counts how often its task is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A socket that is not open, and whose queue has no room for another of a hundred bytes.
fn full(clock: &Clock, network: &Network, overflow: Overflow) -> (ReconnectingWebSocket, Vec<SequenceNumber>) {
    let mut socket = builder(clock, network).queue_capacity(10, 1_000).overflow(overflow).open().expect("valid");
    let numbers = (0..10).map(|_| socket.send(vec![0; 100]).expect("room")).collect();
    (socket, numbers)
}

fn pending<F: Future + Unpin>(future: &mut F, waker: &Waker) -> bool {
    Pin::new(future).poll(&mut Context::from_waker(waker)).is_pending()
}

crate::rules! {
    async fn who_waits_in_vain_leaves_nothing_of_its_task() {
        let (clock, network) = scene();
        let (socket, _) = full(&clock, &network, Overflow::Wait);
        let handle = socket.handle();
        assert_leaves_nothing(|| handle.opened());
        assert_leaves_nothing(|| async { handle.states().skip(1).next().await });
        assert_leaves_nothing(|| handle.ready_for(1));
        assert_leaves_nothing(|| handle.send_wait("waits"));
        assert_leaves_nothing(|| handle.send_wait_tracked("waits"));
        assert_leaves_nothing(|| handle.flushed());
        assert_leaves_nothing(|| handle.ended());
        assert_leaves_nothing(|| network.accept().map(drop).then(|()| std::future::pending::<()>()));
        assert_eq!(handle.progress().queued, 10, "nothing of them was sent");
    }

    // Nothing is accepted any more, long before the end.
    async fn who_waits_for_room_is_refused_when_a_shutdown_begins() {
        let (clock, network) = scene();
        let (socket, _) = full(&clock, &network, Overflow::Wait);
        let handle = socket.handle();
        let (mut send, mut ready) = (pin!(handle.send_wait(vec![0; 100])), pin!(handle.ready_for(100)));
        let woken = [(); 2].map(|()| Arc::new(Woken::default()));
        let wakers = woken.each_ref().map(|woken| Waker::from(woken.clone()));
        assert!(pending(&mut send, &wakers[0]) && pending(&mut ready, &wakers[1]));
        handle.shutdown(Duration::from_secs(3_600));
        assert_eq!(woken.map(|woken| woken.0.load(Relaxed)), [1, 1]);
        assert!(matches!(send.await, Err(SendError::Ended { .. })));
        ready.await.expect("what is sent now is refused, and says so");
        assert_eq!(handle.progress().queued, 10, "what was accepted has its time");
    }

    async fn who_follows_a_message_in_vain_leaves_nothing_of_its_task() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).open().expect("valid");
        let handle = socket.handle();
        let mut tracked = handle.send_tracked("waits").expect("room");
        let alive = poll_as_a_crowd(|context| Pin::new(&mut tracked).poll(context).is_pending());
        drop(tracked);
        assert_eq!(Arc::strong_count(&alive), 1);
        // a wait that is dropped, of a message that is followed nevertheless
        let mut followed: Vec<Tracked> = (0..2 * CROWD).map(|_| handle.send_tracked("waits").expect("room")).collect();
        let mut index = 0;
        let alive = poll_as_a_crowd(|context| {
            index += 1;
            pin!(followed[index - 1].handed_over()).poll(context).is_pending()
        });
        assert_eq!(Arc::strong_count(&alive), 1, "{} tasks are kept", Arc::strong_count(&alive) - 1);
        let alive = poll_as_a_crowd(|context| {
            index += 1;
            pin!(followed[index - 1].reached()).poll(context).is_pending()
        });
        assert_eq!(Arc::strong_count(&alive), 1, "{} tasks are kept", Arc::strong_count(&alive) - 1);
        socket.close();
        assert!(matches!(followed.pop().expect("many").await, Outcome::NotSent(_)));
    }

    async fn the_sinks_waits_keep_one_task_at_most() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).queue_capacity(1, 100).open().expect("valid");
        socket.feed("fed".into()).await.expect("room");
        let crowds = [
            poll_as_a_crowd(|context| Sink::<Message>::poll_ready(Pin::new(&mut socket), context).is_pending()),
            poll_as_a_crowd(|context| Sink::<Message>::poll_flush(Pin::new(&mut socket), context).is_pending()),
        ];
        assert!(crowds.iter().all(|alive| Arc::strong_count(alive) <= 2), "the last of each is to be woken");
        drop(socket);
        assert!(crowds.iter().all(|alive| Arc::strong_count(alive) == 1));
        let (mut socket, _) = full(&clock, &network, Overflow::DropOldest);
        socket.feed("fed".into()).await.expect("room is made");
        let alive = poll_as_a_crowd(|context| Sink::<Message>::poll_close(Pin::new(&mut socket), context).is_pending());
        assert!(Arc::strong_count(&alive) <= 2);
        drop(socket);
        assert_eq!(Arc::strong_count(&alive), 1);
    }

    async fn a_large_message_has_its_turn_among_small_ones() {
        let (clock, network) = scene();
        let (socket, numbers) = full(&clock, &network, Overflow::Wait);
        let handle = socket.handle();
        let mut large = pin!(handle.send_wait(vec![1; 900]));
        assert!(large.as_mut().now_or_never().is_none());
        let mut small: Vec<_> = (0..100).map(|_| Box::pin(handle.send_wait("small"))).collect();
        assert!(small.iter_mut().all(|small| small.now_or_never().is_none()));
        for number in &numbers[..9] {
            for _ in 0..100 {
                assert!(matches!(handle.send("small"), Err(SendError::QueueFull { .. })), "room is kept");
            }
            assert!(small.iter_mut().all(|small| small.now_or_never().is_none()), "it is not their turn");
            assert!(large.as_mut().now_or_never().is_none(), "there is no room yet");
            handle.withdraw(*number).expect("it waits");
        }
        assert_eq!(large.now_or_never().expect("room at last").map(SequenceNumber::get), Ok(11));
        assert_eq!(handle.progress().queued_bytes, 1_000);
    }

    async fn one_place_wakes_one_sender_and_who_gives_up_passes_it_on() {
        let (clock, network) = scene();
        let (socket, numbers) = full(&clock, &network, Overflow::Wait);
        let handle = socket.handle();
        let wakers: Vec<Arc<Woken>> = (0..100).map(|_| Arc::default()).collect();
        let mut sends: Vec<_> = wakers.iter().map(|_| Box::pin(handle.send_wait(vec![0; 100]))).collect();
        for (send, woken) in sends.iter_mut().zip(&wakers) {
            assert!(pending(send, &woken.clone().into()));
        }
        let counts = |count: usize| wakers[..count].iter().map(|woken| woken.0.load(Relaxed)).collect::<Vec<_>>();
        let total = || wakers.iter().map(|woken| woken.0.load(Relaxed)).sum::<usize>();
        handle.withdraw(numbers[0]).expect("it waits");
        assert_eq!((counts(1), total()), (vec![1], 1), "one place, one sender");
        // another place goes to the next when the first has taken its own
        handle.withdraw(numbers[1]).expect("it waits");
        assert_eq!(total(), 1, "it has not looked yet");
        assert!(!pending(&mut sends[0], Waker::noop()));
        assert_eq!((counts(2), total()), (vec![1, 1], 2));
        drop(sends.remove(1));
        assert_eq!((counts(3), total()), (vec![1, 1, 1], 3), "who gives up passes it on");
        assert!(!pending(&mut sends[1], Waker::noop()));
        assert_eq!(total(), 3, "there is no more room");
        drop(sends.drain(3..4));
        assert_eq!(total(), 3, "whose turn it was not had none to pass on");
    }

    async fn one_producer_that_waits_for_room_is_never_refused() {
        let (clock, network) = scene();
        let policies = [Overflow::Wait, Overflow::Refuse, Overflow::DropNewest];
        for (seed, overflow) in policies.into_iter().enumerate() {
            let builder = builder(&clock, &network).queue_capacity(7, 1_000).overflow(overflow).transport_buffer(100);
            let mut socket = builder.open().expect("valid");
            let handle = socket.handle();
            let mut random = fastrand::Rng::with_seed(seed as u64);
            let mut peer = accept(&network).await;
            let produce = async {
                for _ in 0..2_000 {
                    let bytes = random.u64(0..=1_000);
                    handle.ready_for(bytes).await.expect("it goes on");
                    handle.send(vec![0; bytes as usize]).expect("there is room for it");
                }
            };
            let consume = async {
                for index in 0..2_000 {
                    // behind for a while now and then
                    if index % 100 == 0 {
                        peer.pause();
                        soon(std::future::pending::<()>()).await;
                        peer.resume();
                    }
                    peer.next().await.expect("it goes on");
                }
            };
            join(produce, consume).await;
            socket.close();
        }
    }

    /// Forwarding takes the socket by value, so only its error can tell.
    async fn forwarding_tells_of_all_that_was_accepted_before_the_end() {
        let (clock, network) = scene();
        let builder = builder(&clock, &network).transport_buffer(1).queue_capacity(2, 100).max_attempts(1);
        let mut socket = builder.open().expect("valid");
        let peer = accept(&network).await;
        socket.opened().await.expect("open");
        peer.pause();
        let texts = ["a", "b", "c", "d"].map(Message::from);
        let forwarding = stream::iter(texts).map(Ok).forward(socket);
        let (result, ()) = join(forwarding, async {
            turns().await;
            peer.cut();
        })
        .await;
        let Err(SinkError::Unsent(unsent)) = result else { panic!("{result:?}") };
        assert_eq!(unsent.unknown.to_string(), "#1");
        let given_back = SinkError::Unsent(unsent).into_messages();
        assert_eq!(given_back, ["b", "c", "d"].map(Message::from));
    }

    /// Programs send by the socket's own method, and flush.
    async fn flushing_waits_for_what_was_sent_by_whichever_way() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).transport_buffer(1).open().expect("valid");
        let mut peer = accept(&network).await;
        socket.opened().await.expect("open");
        peer.pause();
        for text in ["a", "b", "c"] {
            socket.send(text).expect("accepted");
        }
        assert!(soon(SinkExt::<Message>::flush(&mut socket)).await.is_none(), "they wait");
        peer.resume();
        assert_eq!(soon(SinkExt::<Message>::flush(&mut socket)).await, Some(Ok(())));
        for text in ["a", "b", "c"] {
            assert_eq!(peer.try_next(), Some(text.into()));
        }
        socket.handle().pause();
        socket.handle().send("d").expect("it waits");
        socket.close();
        let failure = soon(SinkExt::<Message>::flush(&mut socket)).await.expect("it has ended").expect_err("unsent");
        assert_eq!(failure.into_messages(), ["d".into()]);
    }

    async fn what_is_forwarded_before_it_is_open_arrives_or_comes_back() {
        let (clock, network) = scene();
        let texts: Vec<Message> = (0..500).map(|number| number.to_string().into()).collect();
        let socket = builder(&clock, &network).queue_capacity(3, 100).open().expect("valid");
        let forward = |socket| stream::iter(texts.clone()).map(Ok).forward(socket);
        let serve = async {
            let mut peer = accept(&network).await;
            let mut got = Vec::new();
            while let Some(message) = peer.next().await {
                got.push(message);
            }
            got
        };
        let (result, got) = join(forward(socket), serve).await;
        assert_eq!((result, got), (Ok(()), texts.clone()));

        let socket = builder(&clock, &network).max_attempts(1).open().expect("valid");
        let refuse = async { network.accept().await.cut() };
        let (result, ()) = join(forward(socket), refuse).await;
        assert_eq!(result.map_err(SinkError::into_messages), Err(texts));
    }

    async fn what_the_sink_lost_with_its_connection_is_named_at_the_end() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).open().expect("valid");
        let mut peer = accept(&network).await;
        socket.feed("lost".into()).await.expect("room");
        SinkExt::<Message>::flush(&mut socket).await.expect("it was handed over");
        assert_eq!(peer.next().await, Some("lost".into()));
        peer.cut();
        clock.advance(waiting(&socket.handle()).await.delay);
        let mut peer = accept(&network).await;
        socket.feed("arrives".into()).await.expect("room");
        let (closed, got) = join(SinkExt::<Message>::close(&mut socket), async {
            let got = peer.next().await;
            assert_eq!(peer.next().await, None);
            got
        })
        .await;
        assert_eq!(got, Some("arrives".into()));
        let Err(SinkError::Unsent(unsent)) = closed else { panic!("{closed:?}") };
        assert!(unsent.messages.is_empty(), "{unsent:?}");
        assert_eq!(unsent.unknown.iter().map(SequenceNumber::get).collect::<Vec<_>>(), [1]);
    }
}
