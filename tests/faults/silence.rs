//! Peers and networks that say nothing, and servers that come and go.

use crate::{
    row::{Row, Watch},
    rules,
    sockets::{Act, Fault},
    support::{Script, reconnecting::*, unique},
};
use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Backoff, Failure, Heartbeat},
    test_kit::{Clock, Network},
};
use futures::{SinkExt, future::join_all};
use std::{collections::BTreeSet, time::Duration};

/// Waits until the server has had all of them. What is of unknown fate may have come too, so that the
/// number of lines tells nothing.
async fn all_arrive(id: &str, mut expected: BTreeSet<String>) {
    let mut lines = 0;
    loop {
        let record = stream_record(id, lines).await;
        for (_, text) in &record {
            expected.remove(text);
        }
        let Some(missing) = expected.first() else { return };
        assert!(record.len() >= lines, "{missing} is lost without a word");
        lines = record.len() + 1;
    }
}

rules! {
    async fn half_open() {
        let gate = Gate::new().await;
        Fault::new("half-open: nothing arrives any more", gate.echo(), Act::Freeze(&gate)).befall().await;
        // else the server keeps what is frozen, for other tests to count
        gate.cut().await;
    }

    async fn a_peer_that_does_not_read() {
        let url = Script::new("accept;stop-reading").url;
        Fault::new("frozen: the peer reads nothing", url, Act::Fill).befall().await;
    }

    async fn an_idle_cut() {
        let gate = Gate::new().await;
        Fault::new("an idle cut by a proxy", gate.echo(), Act::Cut(&gate)).befall().await;
    }

    /// The scripted clock stands for the machine's: while it sleeps nothing runs, and both its clocks
    /// have moved when it wakes. The plain socket has no clock.
    async fn sleep() {
        let clock = Clock::new();
        let network = Network::with_clock(clock.clone());
        let mut socket = ReconnectingWebSocket::builder("ws://example.com/")
            .network(network.clone())
            .clock(clock.clone())
            .backoff(Backoff::none())
            .heartbeat(Heartbeat::default().message(|| "beat", |_| false))
            .open()
            .expect("options that are allowed");
        let peer = network.accept().await;
        peer.open();
        open(&mut socket).await;
        peer.pause();
        let slept = Duration::from_secs(3600);
        clock.sleep(slept);
        let start = clock.now();
        let mut noticed = None;
        // whatever it asks for, time goes on until it dials again
        let again = loop {
            if let Some(peer) = network.try_accept() {
                break peer;
            }
            clock.advance_to_alarm().await;
            if noticed.is_none() && !socket.state().is_open() {
                noticed = Some(clock.now().saturating_sub(start));
            }
            assert!(clock.now() < start + slept, "it notices");
        };
        again.open();
        let failure = interrupted(&mut socket).await.failure;
        open(&mut socket).await;
        let row = Row {
            fault: "sleep of an hour, and the clock jumps",
            socket: "reconnecting",
            sees: format!("open; waits: {failure}"),
            noticed,
            recovered: noticed.map(|noticed| clock.now().saturating_sub(start + noticed)),
            message: "–",
        };
        assert!(matches!(failure, Failure::Unresponsive { .. } | Failure::Released(_)), "{failure:?}");
        row.keep().await;
    }

    async fn a_restart_under_load() {
        const SOCKETS: usize = 20;
        const MESSAGES: usize = 50;
        let (gate, id) = (Gate::new().await, unique());
        let url = gate.stream(&id, "");
        let opened = (0..SOCKETS).map(|_| async {
            let mut socket = quick(&url).open().expect("options that are allowed");
            open(&mut socket).await;
            socket
        });
        let mut sockets = join_all(opened).await;
        let say = |sockets: &mut Vec<ReconnectingWebSocket>, range: std::ops::Range<usize>| {
            for (index, socket) in sockets.iter_mut().enumerate() {
                for message in range.clone() {
                    socket.send(format!("{index}.{message}")).expect("accepted");
                }
            }
        };
        say(&mut sockets, 0..MESSAGES / 2);
        let watch = Watch::start();
        gate.stop().await;
        say(&mut sockets, MESSAGES / 2..MESSAGES);
        gate.start().await;
        let mut unknown = BTreeSet::new();
        for (index, socket) in sockets.iter_mut().enumerate() {
            let lost = interrupted(socket).await;
            unknown.extend(numbers(&lost.unknown).into_iter().map(|number| format!("{index}.{}", number - 1)));
            open(socket).await;
            socket.flush().await.expect("it goes on");
        }
        let recovered = watch.elapsed();
        let all = (0..SOCKETS).flat_map(|index| (0..MESSAGES).map(move |message| format!("{index}.{message}")));
        let surely_sent: BTreeSet<String> = all.filter(|text| !unknown.contains(text)).collect();
        all_arrive(&id, surely_sent).await;
        let row = Row {
            fault: "a restart under load, 20 sockets",
            socket: "reconnecting",
            sees: "open; waits".to_owned(),
            noticed: None,
            recovered: Some(recovered),
            message: "each delivered, or told as unknown",
        };
        row.keep().await;
    }
}
