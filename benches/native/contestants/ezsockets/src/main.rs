//! ezsockets.

use async_trait::async_trait;
use course::{Contestant, Kind, Payload};
use ezsockets::{Bytes, Client as Handle, ClientConfig, ClientExt, Error, Utf8Bytes};
use tokio::sync::watch;

struct Client {
    handle: Handle<Session>,
    received: watch::Receiver<usize>,
    taken: usize,
}

struct Session {
    connected: watch::Sender<bool>,
    received: watch::Sender<usize>,
}

#[async_trait]
impl ClientExt for Session {
    type Call = ();

    async fn on_text(&mut self, _: Utf8Bytes) -> Result<(), Error> {
        self.received.send_modify(|count| *count += 1);
        Ok(())
    }

    async fn on_binary(&mut self, _: Bytes) -> Result<(), Error> {
        self.received.send_modify(|count| *count += 1);
        Ok(())
    }

    async fn on_call(&mut self, (): ()) -> Result<(), Error> {
        Ok(())
    }

    async fn on_connect(&mut self) -> Result<(), Error> {
        self.connected.send_replace(true);
        Ok(())
    }
}

impl Contestant for Client {
    async fn open(url: &str) -> Self {
        let (connected, mut is_connected) = watch::channel(false);
        let (received, count) = watch::channel(0);
        let session = Session { connected, received };
        let (handle, future) = ezsockets::connect(|_| session, ClientConfig::new(url)).await;
        tokio::spawn(future);
        is_connected.wait_for(|connected| *connected).await.expect("it accepts");
        Self { handle, received: count, taken: 0 }
    }

    async fn receive(&mut self, count: usize) {
        self.taken += count;
        self.received.wait_for(|received| *received >= self.taken).await.expect("the server sends all");
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            let sent = match payload.kind {
                Kind::Text => self.handle.text(payload.text()),
                Kind::Binary => self.handle.binary(payload.bytes.clone()),
            };
            sent.expect("it is open");
        }
    }
}

fn main() {
    course::run::<Client>();
}
