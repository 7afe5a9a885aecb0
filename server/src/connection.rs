//! One connection: frames in, each recorded; bytes out, perhaps held back.

use crate::{
    frame::{self, Frame, Header, take_frame},
    transport::Transport,
};
use bytes::BytesMut;
use sha1::{Digest, Sha1};
use std::{io, time::Duration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How long the client may take to end the connection after the server has.
const DRAIN: Duration = Duration::from_secs(5);
/// Longer payloads are recorded by length and hash.
const SHORT: usize = 256;

pub(crate) struct Connection {
    transport: Box<dyn Transport>,
    pub(crate) input: BytesMut,
    held: Option<Vec<u8>>,
    pub(crate) record: Vec<String>,
    /// The body of the client's close frame.
    pub(crate) close_received: Option<Vec<u8>>,
    pub(crate) close_sent: bool,
    ended: bool,
    /// Kind and content of a message that comes in fragments.
    fragments: Option<(u8, Vec<u8>)>,
}

/// What the client sent, with fragments joined.
#[derive(Debug)]
pub(crate) enum Received {
    Message(u8, Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    Close,
}

impl Connection {
    pub(crate) fn new(transport: Box<dyn Transport>, input: BytesMut) -> Self {
        Self {
            transport,
            input,
            held: None,
            record: Vec::new(),
            close_received: None,
            close_sent: false,
            ended: false,
            fragments: None,
        }
    }

    pub(crate) fn transport(&mut self) -> &mut dyn Transport {
        &mut *self.transport
    }

    /// Writes, or holds back what is to leave together.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.held {
            Some(held) => {
                held.extend_from_slice(bytes);
                Ok(())
            }
            None => {
                self.transport.write_all(bytes).await?;
                self.transport.flush().await
            }
        }
    }

    pub(crate) fn hold(&mut self) {
        self.held.get_or_insert_default();
    }

    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        let held = self.held.take().unwrap_or_default();
        self.write(&held).await
    }

    pub(crate) async fn send(&mut self, header: Header, payload: &[u8]) -> io::Result<()> {
        self.close_sent |= header.opcode == frame::CLOSE;
        self.write(&header.frame(payload)).await
    }

    /// The next thing that the client sends, recorded; `None` once it has ended the
    /// connection.
    pub(crate) async fn receive(&mut self) -> Option<Received> {
        loop {
            let frame = self.next_frame().await?;
            if let Some(received) = self.accept(frame) {
                return Some(received);
            }
        }
    }

    async fn next_frame(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = take_frame(&mut self.input) {
                return Some(frame);
            }
            self.fill().await?;
        }
    }

    /// Reads more; `None` at the end, which is recorded once.
    async fn fill(&mut self) -> Option<()> {
        if self.ended {
            return None;
        }
        self.input.reserve(16 * 1024);
        let end = match self.transport.read_buf(&mut self.input).await {
            Ok(0) => "eof",
            Ok(_) => return Some(()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => "eof",
            Err(_) => "reset",
        };
        self.ended = true;
        self.record.push(end.to_owned());
        None
    }

    fn accept(&mut self, frame: Frame) -> Option<Received> {
        if !frame.masked {
            self.record.push("unmasked-frame".to_owned());
        }
        match frame.opcode {
            frame::TEXT | frame::BINARY | frame::CONTINUATION => self.join(frame),
            frame::PING => {
                self.note("ping", &hex(&frame.payload));
                Some(Received::Ping(frame.payload))
            }
            frame::PONG => {
                self.note("pong", &hex(&frame.payload));
                Some(Received::Pong)
            }
            frame::CLOSE => {
                let line = describe_close(&frame.payload);
                self.record.push(line);
                self.close_received = Some(frame.payload);
                Some(Received::Close)
            }
            opcode => {
                self.note("unknown-opcode", &opcode.to_string());
                None
            }
        }
    }

    fn join(&mut self, frame: Frame) -> Option<Received> {
        let (opcode, payload) = match self.fragments.take() {
            Some((opcode, mut so_far)) => {
                so_far.extend(frame.payload);
                (opcode, so_far)
            }
            None => (frame.opcode, frame.payload),
        };
        if !frame.is_final {
            self.fragments = Some((opcode, payload));
            return None;
        }
        let kind = if opcode == frame::TEXT { "text" } else { "binary" };
        if payload.len() > SHORT {
            self.note(&format!("{kind}-long"), &format!("{} {}", payload.len(), hex(&Sha1::digest(&payload))));
        } else if opcode == frame::TEXT {
            self.note(kind, &escape(&String::from_utf8_lossy(&payload)));
        } else {
            self.note(kind, &hex(&payload));
        }
        Some(Received::Message(opcode, payload))
    }

    fn note(&mut self, what: &str, detail: &str) {
        self.record.push(format!("{what} {detail}").trim_end().to_owned());
    }

    /// Reads and records to the client's end.
    pub(crate) async fn drain(&mut self) {
        while self.receive().await.is_some() {}
    }

    /// Ends the server's side, and waits for the client's.
    pub(crate) async fn shut_down(&mut self) {
        // a client that is gone already is what the drain finds
        let _gone = self.transport.shutdown().await;
        let _impatient = tokio::time::timeout(DRAIN, self.drain()).await;
    }
}

/// A close frame's body as a line of the record.
fn describe_close(body: &[u8]) -> String {
    match body {
        [] => "close empty".to_owned(),
        [high, low, reason @ ..] => match std::str::from_utf8(reason) {
            Ok(reason) => {
                format!("close {} {}", u16::from_be_bytes([*high, *low]), escape(reason)).trim_end().to_owned()
            }
            Err(_) => format!("close-bad {}", hex(body)),
        },
        [_] => format!("close-bad {}", hex(body)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps a text on its line.
fn escape(text: &str) -> String {
    let escape = |character: char| match character {
        '\\' => "\\\\".to_owned(),
        character if character.is_control() => character.escape_default().to_string(),
        character => character.to_string(),
    };
    text.chars().map(escape).collect()
}
