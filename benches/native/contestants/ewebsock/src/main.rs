//! ewebsock, with its default options.

use course::{Contestant, Kind, Payload};
use ewebsock::{Options, WsEvent, WsMessage, WsReceiver, WsSender};
use std::sync::mpsc;

struct Client {
    sender: WsSender,
    receiver: WsReceiver,
    /// Told before each event.
    woken: mpsc::Receiver<()>,
}

impl Client {
    fn next(&self) -> WsEvent {
        loop {
            if let Some(event) = self.receiver.try_recv() {
                return event;
            }
            self.woken.recv().expect("it is open");
            std::thread::yield_now();
        }
    }
}

impl Contestant for Client {
    async fn open(url: &str) -> Self {
        let (wake, woken) = mpsc::channel();
        let wake = move || {
            // only at the end nobody hears
            let _heard = wake.send(());
        };
        let (sender, receiver) = ewebsock::connect_with_wakeup(url, Options::default(), wake).expect("a thread");
        let client = Self { sender, receiver, woken };
        while !matches!(client.next(), WsEvent::Opened) {}
        client
    }

    async fn receive(&mut self, count: usize) {
        let mut left = count;
        while left > 0 {
            match self.next() {
                WsEvent::Message(_) => left -= 1,
                WsEvent::Opened => {}
                WsEvent::Error(error) => panic!("{error}"),
                WsEvent::Closed => panic!("the server sends all"),
            }
        }
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            self.sender.send(match payload.kind {
                Kind::Text => WsMessage::Text(payload.text()),
                Kind::Binary => WsMessage::Binary(payload.bytes.to_vec()),
            });
        }
    }
}

fn main() {
    course::run::<Client>();
}
