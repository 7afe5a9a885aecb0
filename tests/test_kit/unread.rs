//! An owner who does not read.

use super::*;
use crate::support::is_browser;
use eversocket::{Message, reconnect::Backoff};

const CAPACITY: usize = 64 << 10;
/// How much more may wait of connections that were lost.
const REST: usize = 16 << 20;

crate::rules! {
    async fn a_cut_behind_a_full_inbox_is_noticed_and_what_had_arrived_is_read_before_it() {
        let (clock, network) = scene();
        let mut socket = builder(&clock, &network).inbox_capacity(100).backoff(Backoff::none()).open().expect("valid");
        let handle = socket.handle();
        let peer = accept(&network).await;
        handle.opened().await.expect("open");
        for number in 0..20_u8 {
            peer.send(vec![number; 10]);
        }
        peer.cut();
        let mut peer = accept(&network).await;
        state(&handle, State::is_open).await;
        handle.send("goes on").expect("accepted");
        assert_eq!(soon(peer.next()).await, Some(Some("goes on".into())));
        let mut arrived = Vec::new();
        loop {
            match socket.next_event().await.expect("it goes on") {
                Event::Message(message) => arrived.push(message),
                Event::Interrupted(_) => break,
                _ => {}
            }
        }
        let all: Vec<Message> = (0..20_u8).map(|number| vec![number; 10].into()).collect();
        match is_browser() {
            true => assert_eq!(arrived, all[..arrived.len()]),
            false => assert_eq!(arrived, all),
        }
    }

    async fn what_nobody_reads_is_bounded_over_any_number_of_connections() {
        let (clock, network) = scene();
        let builder = builder(&clock, &network).inbox_capacity(CAPACITY).backoff(Backoff::none());
        let mut socket = builder.open().expect("valid");
        let handle = socket.handle();
        for round in 0..50_u8 {
            let peer = accept(&network).await;
            state(&handle, State::is_open).await;
            for _ in 0..16 {
                peer.send(vec![round; CAPACITY]);
            }
            peer.cut();
        }
        let _last = accept(&network).await;
        state(&handle, State::is_open).await;
        let (mut bytes, mut rounds, mut last) = (0, 0, 0);
        while let Some(event) = socket.try_next() {
            match event {
                Event::Message(message) => {
                    let round = message.as_binary().expect("binary")[0];
                    assert!(round >= last, "in order");
                    last = round;
                    bytes += message.len() as usize;
                }
                Event::Interrupted(_) => rounds += 1,
                _ => {}
            }
        }
        assert!(bytes <= CAPACITY + REST + (2 << 20), "{bytes} bytes were kept");
        assert!(bytes >= CAPACITY && rounds > 0, "{bytes} bytes, {rounds} interruptions");
    }
}
