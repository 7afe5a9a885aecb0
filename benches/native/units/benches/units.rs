//! What parts of the crate cost by themselves: no network, and a floor beside each. To see what a
//! change does to one of them; how the crate compares with others is told by `cargo xtask bench`.

use divan::{Bencher, black_box, counter::ItemsCount};
use eversocket::{
    Event, Message, ReconnectingWebSocket, Text, WebSocket,
    reconnect::{Backoff, Outgoing, RetryPolicy},
    test_kit::{Network, Peer, Simulation},
};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::runtime::{Builder, Runtime};

fn main() {
    divan::main();
}

/// In each go.
const COUNT: usize = 1_000;
const URL: &str = "ws://example.com/";

/// The scripted network runs on the thread that drives this.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

async fn accept(network: &Network) -> Peer {
    let peer = network.accept().await;
    peer.open();
    peer
}

/// From the wire to the owner, through inbox and reader.
#[divan::bench_group]
mod receive {
    use super::*;

    #[divan::bench]
    fn floor_a_queue(bencher: Bencher) {
        bencher.counter(ItemsCount::new(COUNT)).bench_local(|| {
            let mut queue: VecDeque<Message> = (0..COUNT).map(|_| Message::from("hello")).collect();
            while let Some(message) = queue.pop_front() {
                black_box(message);
            }
        });
    }

    #[divan::bench]
    fn plain(bencher: Bencher) {
        let (runtime, network) = (runtime(), Network::new());
        let (mut socket, peer) = runtime.block_on(async {
            let socket = WebSocket::builder(URL).network(network.clone()).open().expect("a socket");
            let peer = accept(&network).await;
            (socket, peer)
        });
        bencher.counter(ItemsCount::new(COUNT)).bench_local(|| {
            (0..COUNT).for_each(|_| peer.send("hello"));
            runtime.block_on(async {
                let mut left = COUNT;
                while left > 0 {
                    left -= usize::from(matches!(socket.next_event().await, Some(Event::Message(_))));
                }
            });
        });
    }

    #[divan::bench]
    fn reconnecting(bencher: Bencher) {
        let (runtime, network) = (runtime(), Network::new());
        let (mut socket, peer) = runtime.block_on(async {
            let socket = ReconnectingWebSocket::builder(URL).network(network.clone()).open().expect("a socket");
            let peer = accept(&network).await;
            (socket, peer)
        });
        bencher.counter(ItemsCount::new(COUNT)).bench_local(|| {
            (0..COUNT).for_each(|_| peer.send("hello"));
            runtime.block_on(async {
                for _ in 0..COUNT {
                    black_box(socket.next_message().await);
                }
            });
        });
    }
}

/// Into the queue of a socket that is not connected, which is dropped with it.
#[divan::bench_group]
mod queue {
    use super::*;

    fn offline() -> ReconnectingWebSocket {
        let builder = ReconnectingWebSocket::builder(URL).network(Network::new());
        builder.queue_capacity(COUNT, u64::MAX).open().expect("a socket")
    }

    fn bench(bencher: Bencher, outgoing: impl Fn(usize) -> Outgoing) {
        let runtime = runtime();
        let _entered = runtime.enter();
        bencher.counter(ItemsCount::new(COUNT)).with_inputs(offline).bench_local_values(|mut socket| {
            (0..COUNT).for_each(|index| drop(black_box(socket.send(outgoing(index)))));
            socket
        });
    }

    #[divan::bench]
    fn floor_a_queue(bencher: Bencher) {
        bencher.counter(ItemsCount::new(COUNT)).bench_local(|| {
            let mut queue = VecDeque::new();
            (0..COUNT).for_each(|_| queue.push_back(black_box(Message::from("hello"))));
            queue
        });
    }

    #[divan::bench]
    fn any(bencher: Bencher) {
        bench(bencher, |_| Outgoing::new("hello"));
    }

    #[divan::bench]
    fn that_expires(bencher: Bencher) {
        bench(bencher, |_| Outgoing::new("hello").expires_in(Duration::from_secs(9)));
    }

    #[divan::bench]
    fn latest_of_one_key(bencher: Bencher) {
        bench(bencher, |_| Outgoing::new("hello").latest("key"));
    }

    #[divan::bench]
    fn latest_of_as_many_keys(bencher: Bencher) {
        bench(bencher, |index| Outgoing::new("hello").latest((index * 7919 % COUNT).to_string()));
    }
}

#[divan::bench_group]
mod text {
    use super::*;

    #[divan::bench]
    fn floor_an_arc(bencher: Bencher) {
        let text: Arc<str> = "hello".into();
        bencher.bench_local(|| black_box(&text).clone());
    }

    #[divan::bench]
    fn clone(bencher: Bencher) {
        let text = Text::from("hello".to_owned());
        bencher.bench_local(|| black_box(&text).clone());
    }
}

/// One attempt of the state machine that is refused, and the decision when to try again.
#[divan::bench]
fn attempt(bencher: Bencher) {
    let mut client = Simulation::new(Backoff::default(), RetryPolicy::new(), 7);
    bencher.bench_local(|| {
        client.refuse();
        black_box(client.next_attempt())
    });
}
