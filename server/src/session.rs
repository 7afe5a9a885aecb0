//! Runs the steps of a script on a connection.

use crate::{
    connection::{Connection, Received},
    frame::{self, Header},
    handshake,
    http::{self, Request},
    open_sockets::OpenSockets,
    records::Records,
    script::{Accept, Step},
};
use bytes::BytesMut;
use std::{io, pin::pin, time::Duration};

/// How long a step that does nothing waits for the client to leave.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the client may take to answer a close frame.
const CLOSE_PATIENCE: Duration = Duration::from_secs(10);
/// How long a write may take before the client is said to keep a flood waiting.
const HELD_BACK: Duration = Duration::from_millis(500);
/// How much of a flood is written at once.
const BATCH: usize = 64 * 1024;

pub(crate) struct Session<'a> {
    pub(crate) connection: &'a mut Connection,
    request: &'a Request,
    /// Where it counts as open once it is.
    open_sockets: Option<&'a OpenSockets>,
    /// Where it is told of under a name.
    records: Option<(&'a Records, &'a str)>,
    headers: Vec<(String, String)>,
    upgraded: bool,
    /// The script answers the request by itself.
    raw_answer: bool,
    /// A step has ended the connection.
    over: bool,
}

impl<'a> Session<'a> {
    pub(crate) fn new(connection: &'a mut Connection, request: &'a Request) -> Self {
        Self {
            connection,
            request,
            open_sockets: None,
            records: None,
            headers: Vec::new(),
            upgraded: false,
            raw_answer: false,
            over: false,
        }
    }

    pub(crate) fn counted_in(self, open_sockets: &'a OpenSockets) -> Self {
        Self { open_sockets: Some(open_sockets), ..self }
    }

    pub(crate) fn told_of_in(self, records: &'a Records, id: &'a str) -> Self {
        Self { records: Some((records, id)), ..self }
    }

    /// Runs all steps, and then an implied `end`. A client that leaves ends it early.
    pub(crate) async fn run(&mut self, steps: &[Step]) {
        for step in steps.iter().chain([&Step::End]) {
            if self.over {
                return;
            }
            if self.step(step).await.is_err() {
                self.connection.record.line("write-failed");
                return self.connection.drain_briefly().await;
            }
        }
    }

    async fn step(&mut self, step: &Step) -> io::Result<()> {
        let implied = if *step == Step::End { !self.raw_answer } else { step.needs_upgrade() };
        if implied && !self.upgraded {
            self.accept(&Accept::default()).await?;
        }
        match step {
            Step::Header(name, value) => self.headers.push((name.clone(), value.clone())),
            Step::Http(status, body) => {
                let answer = http::answer(*status, &self.headers, "text/plain; charset=utf-8", body.as_bytes());
                self.connection.write(&answer).await?;
                self.finish().await;
            }
            Step::Accept(accept) => self.accept(accept).await?,
            Step::Hold => self.connection.hold(),
            Step::Flush => self.connection.flush().await?,
            Step::Raw(bytes) => {
                self.raw_answer |= !self.upgraded;
                self.connection.write(bytes).await?;
            }
            Step::Hang => {
                let _impatient = tokio::time::timeout(PATIENCE, self.connection.drain()).await;
                self.over = true;
            }
            Step::StopReading => {
                let _impatient = tokio::time::timeout(PATIENCE, self.connection.ignore()).await;
                self.over = true;
            }
            Step::Cut => self.finish().await,
            Step::Reset => {
                self.connection.reset_at_end();
                self.over = true;
            }
            Step::Frame(header, payload) => self.connection.send(*header, payload).await?,
            Step::FrameHeader(header, length) => self.connection.write(&header.encode_wide(*length)).await?,
            Step::Fill(opcode, size) => self.connection.send(Header::whole(*opcode), &alphabet(*size)).await?,
            Step::Flood(count, size) => self.flood(*count, *size).await?,
            Step::Expect(count) => self.expect(*count, false).await?,
            Step::Echo(Some(count)) => self.expect(*count, true).await?,
            Step::Echo(None) => {
                self.expect(usize::MAX, true).await?;
                self.end().await?;
            }
            Step::ExpectPing => self.until(|received| matches!(received, Received::Ping(_))).await,
            Step::ExpectPong => self.until(|received| matches!(received, Received::Pong)).await,
            Step::ExpectClose => self.until_close().await,
            Step::End => self.end().await?,
        }
        Ok(())
    }

    async fn finish(&mut self) {
        self.connection.shut_down().await;
        self.over = true;
    }

    pub(crate) async fn accept(&mut self, accept: &Accept) -> io::Result<()> {
        self.upgraded = true;
        // before the client can know, who may ask next
        self.connection.counted = self.open_sockets.map(OpenSockets::add);
        let answer = handshake::answer(self.request, accept, &self.headers);
        if !accept.slow {
            return self.connection.write(answer.as_bytes()).await;
        }
        for byte in answer.as_bytes() {
            self.connection.write(&[*byte]).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Sends numbered messages, as fast as the client takes them.
    async fn flood(&mut self, count: u64, size: usize) -> io::Result<()> {
        let header = Header::whole(frame::BINARY).encode(size);
        let mut message = [&header[..], &vec![0; size]].concat();
        let before = self.connection.written;
        let mut batch = Vec::new();
        let mut records = self.records;
        for index in 0..count {
            message[header.len()..][..8].copy_from_slice(&index.to_be_bytes());
            batch.extend_from_slice(&message);
            if batch.len() < BATCH && index + 1 < count {
                continue;
            }
            let waits = || records.take().map_or((), |(records, id)| records.hold_back(id, index));
            if let Err(error) = told_if_held_back(self.connection.write(&batch), waits).await {
                let sent = (self.connection.written - before) / message.len() as u64;
                self.connection.record.line(format!("flood-progress {sent}"));
                return Err(error);
            }
            batch.clear();
        }
        self.connection.record.line("flood-done");
        Ok(())
    }

    /// Reads so many messages, perhaps sending each back; a close or the end comes before any
    /// number.
    async fn expect(&mut self, count: usize, echo: bool) -> io::Result<()> {
        let mut seen = 0;
        while seen < count && self.connection.close_received.is_none() {
            let Some((opcode, payload)) = self.next_message().await? else { break };
            seen += 1;
            if echo {
                self.connection.send(Header::whole(opcode), &payload).await?;
            }
        }
        Ok(())
    }

    /// The next message, with pings answered until it comes; `None` once the client closes or ends
    /// the connection.
    pub(crate) async fn next_message(&mut self) -> io::Result<Option<(u8, BytesMut)>> {
        loop {
            match self.connection.receive().await {
                Some(Received::Message(opcode, payload)) => return Ok(Some((opcode, payload))),
                Some(Received::Ping(payload)) => self.connection.send(Header::whole(frame::PONG), &payload).await?,
                Some(Received::Pong) => {}
                Some(Received::Close) | None => return Ok(None),
            }
        }
    }

    /// Reads until the awaited, or the end.
    async fn until(&mut self, awaited: impl Fn(&Received) -> bool) {
        while let Some(received) = self.connection.receive().await {
            if awaited(&received) {
                break;
            }
        }
    }

    async fn until_close(&mut self) {
        if self.connection.close_received.is_none() {
            self.until(|received| matches!(received, Received::Close)).await;
        }
    }

    /// The closing handshake, as far as it has not happened, and the end.
    async fn end(&mut self) -> io::Result<()> {
        self.connection.flush().await?;
        if self.connection.close_sent {
            let _impatient = tokio::time::timeout(CLOSE_PATIENCE, self.until_close()).await;
        } else {
            self.until_close().await;
            if let Some(body) = self.connection.close_received.clone() {
                self.connection.send(Header::whole(frame::CLOSE), &body).await?;
            }
        }
        self.finish().await;
        Ok(())
    }
}

/// So many letters, from a to z again and again.
fn alphabet(size: usize) -> Vec<u8> {
    let mut letters = b"abcdefghijklmnopqrstuvwxyz".repeat(size / 26 + 1);
    letters.truncate(size);
    letters
}

/// Calls the function when it takes long.
async fn told_if_held_back<T>(writing: impl Future<Output = T>, tell: impl FnOnce()) -> T {
    let mut writing = pin!(writing);
    match tokio::time::timeout(HELD_BACK, &mut writing).await {
        Ok(done) => done,
        Err(_) => {
            tell();
            writing.await
        }
    }
}
