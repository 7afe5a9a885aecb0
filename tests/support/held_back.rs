//! A server that sends 200 MB, and tells when its client keeps it from sending on.

use futures::{SinkExt, StreamExt, channel::oneshot};
use std::{net::SocketAddr, pin::pin, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_tungstenite::tungstenite;

/// How many messages it sends, each beginning with its index as 8 bytes; then it closes, with an
/// empty frame.
pub const COUNT: u64 = 2_000;
const SIZE: usize = 100_000;
/// More than both systems' buffers and the client's inboxes can hold.
const FAR_LESS: u64 = COUNT / 2;

pub struct Server {
    pub address: SocketAddr,
    held_back: oneshot::Receiver<u64>,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, held_back) = oneshot::channel();
        Self { address, held_back, task: tokio::spawn(serve(listener, sender)) }
    }

    /// Waits until it is held back.
    pub async fn held_back(&mut self) {
        let sent = (&mut self.held_back).await.expect("the server is held back");
        assert!(sent < FAR_LESS, "{sent} messages were sent to a client that does not read");
    }

    pub async fn end(self) {
        self.task.await.expect("it ends");
    }
}

async fn serve(listener: TcpListener, held_back: oneshot::Sender<u64>) {
    let (stream, _) = listener.accept().await.expect("a client");
    let mut socket = tokio_tungstenite::accept_async(stream).await.expect("a handshake");
    let mut held_back = Some(held_back);
    for index in 0..COUNT {
        let payload = [&index.to_be_bytes()[..], &vec![0; SIZE - 8]].concat();
        let mut sending = pin!(SinkExt::send(&mut socket, tungstenite::Message::Binary(payload.into())));
        // a send that has to wait so long waits for the client
        while tokio::time::timeout(Duration::from_millis(500), &mut sending).await.is_err() {
            held_back.take().map(|held_back| held_back.send(index));
        }
    }
    socket.close(None).await.expect("it closes");
    while let Some(Ok(_)) = socket.next().await {}
}
