//! fastwebsockets, which writes each frame at once.

use bytes::Bytes;
use course::{Contestant, Kind, Payload as Message};
use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, handshake};
use http_body_util::Empty;
use hyper::{
    Request,
    header::{CONNECTION, HOST, UPGRADE},
    upgrade::Upgraded,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

struct Client(FragmentCollector<TokioIo<Upgraded>>);

impl Contestant for Client {
    async fn open(url: &str) -> Self {
        let (host, path) = url.strip_prefix("ws://").and_then(|rest| rest.split_once('/')).expect("a URL");
        let stream = TcpStream::connect(host).await.expect("it listens");
        stream.set_nodelay(true).expect("it is open");
        let request = Request::get(format!("/{path}"))
            .header(HOST, host)
            .header(UPGRADE, "websocket")
            .header(CONNECTION, "upgrade")
            .header("Sec-WebSocket-Key", handshake::generate_key())
            .header("Sec-WebSocket-Version", "13")
            .body(Empty::<Bytes>::new())
            .expect("a request");
        let (socket, _) = handshake::client(&TokioExecutor::new(), request, stream).await.expect("it accepts");
        Self(FragmentCollector::new(socket))
    }

    async fn receive(&mut self, count: usize) {
        for _ in 0..count {
            self.0.read_frame().await.expect("it is open");
        }
    }

    async fn send(&mut self, message: &Message, count: usize) {
        let opcode = if message.kind == Kind::Text { OpCode::Text } else { OpCode::Binary };
        for _ in 0..count {
            let frame = Frame::new(true, opcode, None, Payload::Borrowed(&message.bytes));
            self.0.write_frame(frame).await.expect("it is open");
        }
    }
}

fn main() {
    course::run::<Client>();
}
