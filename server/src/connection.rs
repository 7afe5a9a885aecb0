//! One connection: frames in, each recorded; bytes out, perhaps held back.

use crate::{
    frame::{self, Frame, Header, MESSAGE_LIMIT, TooLong, take_frame},
    interjections::{Interjection, Interjections},
    open_sockets::OpenSocket,
    record::Record,
    transport::{self, Ending, Transport},
};
use bytes::{Buf, Bytes, BytesMut};
use std::{io, time::Duration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How long the client may take to end the connection after the server has.
const DRAIN: Duration = Duration::from_secs(5);
/// A payload up to this size is copied behind its header, so that both leave in one packet.
const JOINED: usize = 64 * 1024;

pub(crate) struct Connection {
    transport: Box<dyn Transport>,
    input: BytesMut,
    held: Option<Vec<u8>>,
    interjections: Interjections,
    /// What is left to write of the last interjection.
    interjected: Bytes,
    /// An interjection has closed it, after which nothing may follow.
    silenced: bool,
    /// How many bytes the system has taken.
    pub(crate) written: u64,
    pub(crate) record: Record,
    /// The body of the client's close frame.
    pub(crate) close_received: Option<BytesMut>,
    pub(crate) close_sent: bool,
    ended: bool,
    /// Kind and content of a message that comes in fragments.
    fragments: Option<(u8, BytesMut)>,
    /// Below the transport, which must be dropped first.
    pub(crate) counted: Option<OpenSocket>,
}

/// What the client sent, with fragments joined.
#[derive(Debug)]
pub(crate) enum Received {
    Message(u8, BytesMut),
    Ping(BytesMut),
    Pong,
    Close,
}

impl Connection {
    pub(crate) fn new(transport: Box<dyn Transport>, input: BytesMut, interjections: Interjections) -> Self {
        Self {
            transport,
            input,
            held: None,
            interjections,
            interjected: Bytes::new(),
            silenced: false,
            written: 0,
            record: Record::default(),
            close_received: None,
            close_sent: false,
            ended: false,
            fragments: None,
            counted: None,
        }
    }

    /// Lets go of the connection and keeps what was seen on it.
    pub(crate) fn into_record(self) -> Record {
        self.record
    }

    /// Makes the end of the connection a reset.
    pub(crate) fn reset_at_end(&self) {
        self.transport.reset_at_end();
    }

    /// Writes, or holds back what is to leave together.
    pub(crate) async fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.finish_interjection().await?;
        if let Some(held) = &mut self.held {
            held.extend_from_slice(bytes);
            return Ok(());
        }
        while !bytes.is_empty() {
            let count = self.transport.write(bytes).await?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.written += count as u64;
            bytes = &bytes[count..];
        }
        self.transport.flush().await
    }

    /// Begins where it was dropped, if it was.
    async fn finish_interjection(&mut self) -> io::Result<()> {
        while self.interjected.has_remaining() {
            let count = self.transport.write(&self.interjected).await?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.interjected.advance(count);
        }
        Ok(())
    }

    pub(crate) fn hold(&mut self) {
        self.held.get_or_insert_default();
    }

    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        let held = self.held.take().unwrap_or_default();
        self.write(&held).await
    }

    pub(crate) async fn send(&mut self, header: Header, payload: &[u8]) -> io::Result<()> {
        if self.silenced {
            return Ok(());
        }
        self.close_sent |= header.opcode == frame::CLOSE;
        if header.masked || payload.len() <= JOINED {
            return self.write(&header.frame(payload)).await;
        }
        self.write(&header.encode(payload.len())).await?;
        self.write(payload).await
    }

    /// The next thing that the client sends, recorded; `None` once it has ended the
    /// connection. Nothing is lost when this is dropped early.
    pub(crate) async fn receive(&mut self) -> Option<Received> {
        loop {
            let frame = self.next_frame().await?;
            if let Some(received) = self.accept(frame) {
                return Some(received);
            }
        }
    }

    async fn next_frame(&mut self) -> Option<Frame> {
        while !self.ended {
            match take_frame(&mut self.input) {
                Ok(Some(frame)) => return Some(frame),
                Ok(None) => self.fill().await,
                Err(TooLong(length)) => self.give_up(length),
            }
        }
        None
    }

    /// Reads more, and sends what is interjected until it comes. The end is recorded once.
    async fn fill(&mut self) {
        self.input.reserve(16 * 1024);
        let read = loop {
            // of a client that is gone the reading tells
            let _gone = self.finish_interjection().await;
            let open = self.counted.is_some() && !self.close_sent;
            tokio::select! {
                read = self.transport.read_buf(&mut self.input) => break read,
                interjection = self.interjections.next(), if open => self.interject(interjection),
            }
        };
        match read {
            Ok(0) => self.note_ending(Ending::Orderly),
            Ok(_) => {}
            // TLS that ends without its goodbye
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => self.note_ending(Ending::Orderly),
            Err(_) => self.note_ending(Ending::Reset),
        }
    }

    fn interject(&mut self, Interjection { frames, closes }: Interjection) {
        self.interjected = frames;
        self.close_sent |= closes;
        self.silenced |= closes;
    }

    fn note_ending(&mut self, ending: Ending) {
        self.ended = true;
        self.record.line(match ending {
            Ending::Orderly => "eof",
            Ending::Reset => "reset",
        });
    }

    /// Reads no further: what comes is too much to hold.
    fn give_up(&mut self, length: u64) {
        self.ended = true;
        self.record.line(format!("too-long {length}"));
    }

    fn accept(&mut self, frame: Frame) -> Option<Received> {
        if !frame.masked {
            self.record.line("unmasked-frame");
        }
        match frame.opcode {
            frame::TEXT | frame::BINARY | frame::CONTINUATION => self.join(frame),
            frame::PING => {
                self.record.bytes("ping", &frame.payload);
                Some(Received::Ping(frame.payload))
            }
            frame::PONG => {
                self.record.bytes("pong", &frame.payload);
                Some(Received::Pong)
            }
            frame::CLOSE => {
                self.record.close(&frame.payload);
                self.close_received = Some(frame.payload);
                Some(Received::Close)
            }
            opcode => {
                self.record.line(format!("unknown-opcode {opcode}"));
                None
            }
        }
    }

    fn join(&mut self, frame: Frame) -> Option<Received> {
        let (opcode, payload) = match self.fragments.take() {
            Some((opcode, mut so_far)) => {
                so_far.extend_from_slice(&frame.payload);
                (opcode, so_far)
            }
            None => (frame.opcode, frame.payload),
        };
        if payload.len() > MESSAGE_LIMIT {
            self.give_up(payload.len() as u64);
            return None;
        }
        if !frame.is_final {
            self.fragments = Some((opcode, payload));
            return None;
        }
        self.record.message(opcode, &payload);
        Some(Received::Message(opcode, payload))
    }

    /// Reads and records to the client's end.
    pub(crate) async fn drain(&mut self) {
        while self.receive().await.is_some() {}
    }

    /// As `drain`, but not for long.
    pub(crate) async fn drain_briefly(&mut self) {
        let _impatient = tokio::time::timeout(DRAIN, self.drain()).await;
    }

    /// Waits for the client's end without reading anything.
    pub(crate) async fn ignore(&mut self) {
        if !self.ended {
            let ending = transport::ended(&*self.transport).await;
            self.note_ending(ending);
        }
    }

    /// Ends the server's side, and waits for the client's.
    pub(crate) async fn shut_down(&mut self) {
        // a client that is gone already is what the drain finds
        let _gone = self.flush().await;
        let _gone = self.transport.shutdown().await;
        self.drain_briefly().await;
    }
}
