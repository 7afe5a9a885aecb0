//! The floor: the bytes of the frames by themselves, written and read in large pieces.

use course::{Contestant, Kind, Payload};
use std::str::FromStr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const BUFFER: usize = 128 * 1024;
/// Of a frame without a mask.
const SHORT_HEADER: usize = 2;

struct Tcp {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Of each message that is received.
    frame: usize,
}

impl Tcp {
    async fn read(&mut self, mut left: usize) {
        while left > 0 {
            let most = left.min(BUFFER);
            let count = self.stream.read(&mut self.buffer[..most]).await.expect("it is open");
            assert!(count > 0, "the server sends all");
            left -= count;
        }
    }
}

impl Contestant for Tcp {
    async fn open(url: &str) -> Self {
        let (host, path) = url.strip_prefix("ws://").and_then(|rest| rest.split_once('/')).expect("a URL");
        let mut stream = TcpStream::connect(host).await.expect("it listens");
        stream.set_nodelay(true).expect("it is open");
        let head = format!(
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("it is open");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.expect("an answer"));
        }
        let sizes = |text: &str| Some(usize::from_str(text.split_once("size=")?.1.split('&').next()?).expect("a size"));
        // what the server says when it has counted all is as short as can be
        let size = sizes(path).filter(|_| !path.starts_with("send")).unwrap_or_default();
        let frame = size
            + if size < 126 {
                SHORT_HEADER
            } else if size < 65_536 {
                4
            } else {
                10
            };
        Self { stream, buffer: vec![0; BUFFER], frame }
    }

    async fn receive(&mut self, count: usize) {
        self.read(count * self.frame).await;
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            self.feed(payload, 1).await;
        }
    }

    /// The frames are made beforehand by nobody: copying them is the least that a client does.
    async fn feed(&mut self, payload: &Payload, count: usize) {
        let frame = masked(payload);
        let mut bytes = Vec::with_capacity(frame.len() * count);
        (0..count).for_each(|_| bytes.extend_from_slice(&frame));
        self.stream.write_all(&bytes).await.expect("it is open");
    }
}

/// With the mask 0.
fn masked(payload: &Payload) -> Vec<u8> {
    let length = payload.bytes.len();
    let opcode = if payload.kind == Kind::Text { 0x81 } else { 0x82 };
    let mut frame = vec![opcode];
    match length {
        0..=125 => frame.push(0x80 | length as u8),
        126..=65_535 => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend_from_slice(&payload.bytes);
    frame
}

fn main() {
    course::run::<Tcp>();
}
