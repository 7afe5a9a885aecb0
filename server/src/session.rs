//! Runs the steps of a script on a connection.

use crate::{
    connection::{Connection, Received},
    frame::{self, Header},
    http::{self, Request},
    script::{Accept, Fault, Protocol, Step},
};
use std::{io, time::Duration};

/// How long a script waits for a client that does nothing.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Session<'a> {
    pub(crate) connection: &'a mut Connection,
    request: &'a Request,
    headers: Vec<(String, String)>,
    upgraded: bool,
    /// A step has ended the connection.
    over: bool,
}

impl<'a> Session<'a> {
    pub(crate) fn new(connection: &'a mut Connection, request: &'a Request) -> Self {
        Self { connection, request, headers: Vec::new(), upgraded: false, over: false }
    }

    /// Accepts the upgrade, without a subprotocol.
    pub(crate) async fn begin(&mut self) -> io::Result<()> {
        self.accept(&Accept::default()).await
    }

    /// Runs all steps, and then an implied `end`. A client that leaves ends it early.
    pub(crate) async fn run(&mut self, steps: &[Step]) {
        for step in steps.iter().chain([&Step::End]) {
            if self.over {
                return;
            }
            if self.step(step).await.is_err() {
                self.connection.record.push("write-failed".to_owned());
                return self.connection.drain().await;
            }
        }
    }

    async fn step(&mut self, step: &Step) -> io::Result<()> {
        if step.needs_upgrade() && !self.upgraded {
            self.accept(&Accept::default()).await?;
        }
        match step {
            Step::Header(name, value) => self.headers.push((name.clone(), value.clone())),
            Step::Http(status, body) => {
                let answer = http::answer(*status, &self.headers, "text/plain", body.as_bytes());
                self.connection.write(&answer).await?;
                self.finish().await;
            }
            Step::Accept(accept) => self.accept(accept).await?,
            Step::Hold => self.connection.hold(),
            Step::Flush => self.connection.flush().await?,
            Step::Raw(bytes) => self.connection.write(bytes).await?,
            Step::Hang => {
                let _impatient = tokio::time::timeout(PATIENCE, self.connection.drain()).await;
                self.over = true;
            }
            Step::StopReading => {
                tokio::time::sleep(PATIENCE).await;
                self.over = true;
            }
            Step::Cut => self.finish().await,
            Step::Reset => {
                self.connection.transport().reset_at_end();
                self.over = true;
            }
            Step::Frame(header, payload) => self.connection.send(*header, payload).await?,
            Step::FrameHeader(header, length) => self.connection.write(&header.encode(*length)).await?,
            Step::Fill(opcode, size) => {
                let payload: Vec<u8> = (0..*size).map(|index| b'a' + (index % 26) as u8).collect();
                self.connection.send(Header::whole(*opcode), &payload).await?;
            }
            Step::Flood(count, size) => self.flood(*count, *size).await?,
            Step::Expect(count) => self.expect(*count, false).await?,
            Step::Echo(count) => self.expect(count.unwrap_or(usize::MAX), true).await?,
            Step::ExpectPing => self.until(|received| matches!(received, Received::Ping(_))).await,
            Step::ExpectPong => self.until(|received| matches!(received, Received::Pong)).await,
            Step::ExpectClose if self.connection.close_received.is_some() => {}
            Step::ExpectClose => self.until(|received| matches!(received, Received::Close)).await,
            Step::End => self.end().await?,
        }
        Ok(())
    }

    async fn finish(&mut self) {
        self.connection.shut_down().await;
        self.over = true;
    }

    async fn accept(&mut self, accept: &Accept) -> io::Result<()> {
        self.upgraded = true;
        let answer = self.answer(accept);
        if !accept.slow {
            return self.connection.write(answer.as_bytes()).await;
        }
        for byte in answer.as_bytes() {
            self.connection.write(&[*byte]).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// The answer to the upgrade request (RFC 6455 section 4.2.2), with at most one fault.
    fn answer(&self, accept: &Accept) -> String {
        let version = if accept.fault == Some(Fault::Http10) { "HTTP/1.0" } else { "HTTP/1.1" };
        let mut answer = format!("{version} 101 Switching Protocols\r\n");
        let mut header = |name: &str, value: &str| answer += &format!("{name}: {value}\r\n");
        if accept.fault != Some(Fault::NoUpgrade) {
            header("Upgrade", "websocket");
        }
        if accept.fault != Some(Fault::NoConnection) {
            header("Connection", "Upgrade");
        }
        match accept.fault {
            Some(Fault::WrongKey) => header("Sec-WebSocket-Accept", "bm90IHRoZSByaWdodCBrZXk="),
            _ => header("Sec-WebSocket-Accept", &self.request.accept_key()),
        }
        let protocol = match &accept.protocol {
            Protocol::None => None,
            Protocol::First => self.request.offered_protocols().next(),
            Protocol::Named(name) => Some(name.as_str()),
        };
        protocol.into_iter().for_each(|protocol| header("Sec-WebSocket-Protocol", protocol));
        accept.extension.iter().for_each(|extension| header("Sec-WebSocket-Extensions", extension));
        self.headers.iter().for_each(|(name, value)| header(name, value));
        answer + "\r\n"
    }

    /// Sends numbered messages, as fast as the client takes them.
    async fn flood(&mut self, count: u64, size: usize) -> io::Result<()> {
        let mut payload = vec![0; size.max(8)];
        let mut batch = Vec::new();
        for index in 0..count {
            payload[..8].copy_from_slice(&index.to_be_bytes());
            batch.extend(Header::whole(frame::BINARY).frame(&payload));
            if batch.len() > 64 * 1024 || index + 1 == count {
                self.connection.write(&batch).await?;
                batch.clear();
            }
        }
        self.connection.record.push("flood-done".to_owned());
        Ok(())
    }

    /// Reads so many messages, perhaps sending each back; a close or the end comes before any
    /// number.
    async fn expect(&mut self, count: usize, echo: bool) -> io::Result<()> {
        let mut seen = 0;
        while seen < count && self.connection.close_received.is_none() {
            match self.connection.receive().await {
                Some(Received::Message(opcode, payload)) => {
                    seen += 1;
                    if echo {
                        self.connection.send(Header::whole(opcode), &payload).await?;
                    }
                }
                Some(Received::Ping(payload)) => self.connection.send(Header::whole(frame::PONG), &payload).await?,
                Some(Received::Pong | Received::Close) => {}
                None => break,
            }
        }
        Ok(())
    }

    /// Reads until the awaited, or the end.
    async fn until(&mut self, awaited: impl Fn(&Received) -> bool) {
        while let Some(received) = self.connection.receive().await {
            if awaited(&received) {
                break;
            }
        }
    }

    /// The closing handshake, as far as it has not happened, and the end.
    async fn end(&mut self) -> io::Result<()> {
        self.connection.flush().await?;
        if self.connection.close_received.is_none() {
            let waiting = self.until_close();
            let _impatient = tokio::time::timeout(PATIENCE, waiting).await;
        }
        if let Some(body) = self.connection.close_received.clone().filter(|_| !self.connection.close_sent) {
            self.connection.send(Header::whole(frame::CLOSE), &body).await?;
        }
        self.finish().await;
        Ok(())
    }

    async fn until_close(&mut self) {
        self.until(|received| matches!(received, Received::Close)).await;
    }
}
