//! The link that the driver has, and what passes over it.

use super::{Driver, Endpoint, Failure, Heartbeat, HoldsMailbox};
use crate::{
    BinaryType, CloseEvent, Event as LinkEvent, Handle, Message, SendError, Tls, WebSocket,
    backend::{CloseRequest, Pacer},
    close::CloseFrame,
    reconnect::{Event, machine::Detach},
};
use std::{
    task::{Context, Poll},
    time::Duration,
};

/// How many events are taken from a link before what they are is handed on.
const BATCH: usize = 256;

/// What every connection is made with.
pub(crate) struct LinkOptions {
    pub(crate) protocols: Vec<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) tls: Option<Tls>,
    pub(crate) binary_type: BinaryType,
    pub(crate) max_message_size: usize,
    pub(crate) inbox_capacity: usize,
    pub(crate) close_timeout: Duration,
    /// How many bytes the transport may have that it has not handed to the network yet.
    pub(crate) transport_buffer: u64,
    #[cfg(feature = "test-kit")]
    pub(crate) network: Option<crate::test_kit::Network>,
}

impl LinkOptions {
    /// A builder for one connection. The machine keeps the deadline for connecting.
    pub(crate) fn builder(&self, endpoint: &Endpoint, observes_control: bool) -> crate::Builder {
        let mut builder = WebSocket::builder(&endpoint.url)
            .protocols(self.protocols.iter().chain(&endpoint.protocols))
            .binary_type(self.binary_type)
            .max_message_size(self.max_message_size)
            .inbox_capacity(self.inbox_capacity)
            .connect_timeout(None)
            .close_timeout(self.close_timeout)
            .control_frames(observes_control);
        for (name, value) in self.headers.iter().chain(&endpoint.headers) {
            builder = builder.header(name, value);
        }
        if let Some(tls) = &self.tls {
            builder = builder.tls(tls.clone());
        }
        #[cfg(feature = "test-kit")]
        if let Some(network) = &self.network {
            builder = builder.network(network.clone());
        }
        builder
    }
}

pub(super) struct Link {
    generation: u64,
    socket: WebSocket,
    handle: Handle,
    pacer: Pacer,
    first_messages: Vec<Message>,
    error: Option<crate::ConnectionError>,
    /// Its close event has come.
    ended: bool,
}

impl Link {
    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Begins the closing handshake.
    pub(super) fn close(&self, frame: CloseRequest) {
        // the only error is that of another thread, where no driver runs
        let _unreachable = self.handle.begin_close(frame);
    }

    /// Closes with a code, and forgets the link: its closing handshake goes on by itself.
    pub(super) fn let_go(self, detach: Detach) {
        let (code, reason) = match detach {
            Detach::Normal => (1000, ""),
            Detach::Unresponsive => (4000, "no answer to a heartbeat"),
            Detach::Away => (4001, "page left or hidden"),
            Detach::Unaccepted => (4002, "session handshake failed"),
        };
        self.close(CloseFrame::new(code, reason).ok());
    }
}

/// What one look at the link brought.
enum Step {
    /// Nothing is there now.
    Nothing,
    Message(Message),
    /// Something that shows life and is no message.
    Life,
    /// The machine has been told of something, and may have something to say.
    Told,
}

impl Driver {
    pub(super) fn connect(&mut self, generation: u64) {
        let Some(endpoint) = self.endpoint.take() else { return };
        let observes_control = self.hooks.heartbeat.as_ref().is_some_and(Heartbeat::uses_ping);
        match self.hooks.link.builder(&endpoint, observes_control).open() {
            Ok(socket) => {
                let handle = socket.handle();
                self.core.set_link(Some(handle.clone()));
                self.link = Some(Link {
                    generation,
                    socket,
                    handle,
                    pacer: Pacer::default(),
                    first_messages: endpoint.first_messages,
                    error: None,
                    ended: false,
                });
            }
            Err(error) => self.tell(|machine, now| machine.failed(generation, Failure::Endpoint(error), now)),
        }
    }

    /// Takes a batch of events from the link; whether there was anything.
    pub(super) fn poll_link(&mut self, context: &mut Context<'_>) -> bool {
        if self.has_room(context).is_pending() {
            return false;
        }
        let mut batch = Vec::new();
        let (mut lives, mut told) = (false, false);
        for _ in 0..BATCH {
            let (message, is_new) = match self.leftover.pop_front() {
                Some(message) => (message, false),
                None => match self.look(context) {
                    Step::Message(message) => (message, true),
                    Step::Life => {
                        lives = true;
                        continue;
                    }
                    Step::Told => {
                        told = true;
                        break;
                    }
                    Step::Nothing => break,
                },
            };
            lives |= is_new;
            if let Some(message) = self.sift(message, &mut told) {
                batch.push(Event::Message(message));
            }
            if told {
                break;
            }
        }
        let busy = told || lives || !batch.is_empty();
        if lives && let Some(generation) = self.link.as_ref().map(|link| link.generation) {
            self.tell(|machine, now| machine.received(generation, now));
        }
        if !batch.is_empty() {
            self.core.mailbox().deliver(batch);
        }
        self.report_end();
        busy
    }

    /// While the owner does not read, nothing is read from the link, so that natively the server
    /// waits and in a browser the link's own bound holds.
    fn has_room(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let unread = match &self.session {
            Some((_, _, inbox)) => inbox.bytes() > self.hooks.link.inbox_capacity as u64,
            None => self.core.mailbox().poll_room(context).is_pending(),
        };
        self.core.act(|machine| machine.set_stalled(unread));
        if unread { Poll::Pending } else { Poll::Ready(()) }
    }

    fn look(&mut self, context: &mut Context<'_>) -> Step {
        let Some(link) = self.link.as_mut().filter(|link| !link.ended) else { return Step::Nothing };
        let generation = link.generation;
        let Poll::Ready(Some(event)) = link.socket.poll_event(context) else { return Step::Nothing };
        match event {
            LinkEvent::Message(message) => return Step::Message(message),
            LinkEvent::Open(_) => {
                for message in link.first_messages.drain(..) {
                    // it is open; should it close at this moment, its end will tell
                    let _closing = link.handle.send(message);
                }
                self.tell(|machine, now| machine.opened(generation, now));
            }
            LinkEvent::Ping(_) => return Step::Life,
            LinkEvent::Pong(payload) => {
                let Ok(number) = <[u8; 8]>::try_from(&payload[..]) else { return Step::Life };
                let number = Some(u64::from_be_bytes(number));
                self.tell(|machine, now| machine.answered(generation, number, now));
            }
            LinkEvent::Error(error) => {
                link.error = Some(error);
                return Step::Life;
            }
            LinkEvent::Close(close) => {
                link.ended = true;
                self.end = Some((generation, link.error.take(), close));
            }
        }
        Step::Told
    }

    /// The end is told after what came before it has been delivered.
    fn report_end(&mut self) {
        if let Some((generation, error, close)) = self.end.take() {
            self.tell(|machine, now| machine.closed(generation, error, close, now));
        }
    }

    /// Keeps what is not for the owner: answers to heartbeats, refusals of credentials, and what
    /// comes during the session handshake.
    fn sift(&mut self, message: Message, told: &mut bool) -> Option<Message> {
        let generation = self.link.as_ref()?.generation;
        let is_answer = self.hooks.heartbeat.as_ref().is_some_and(|heartbeat| heartbeat.is_answer(&message));
        if is_answer {
            self.tell(|machine, now| machine.answered(generation, None, now));
            return None;
        }
        let credentials = self.hooks.credentials.as_ref();
        if credentials.is_some_and(|credentials| credentials.is_refusal(&message))
            && self.core.look(|machine| machine.may_be_refused())
        {
            self.tell(|machine, now| machine.refused(generation, now));
            *told = true;
            return None;
        }
        match &self.session {
            Some((_, _, inbox)) => {
                inbox.push(message);
                None
            }
            None => Some(message),
        }
    }

    pub(super) fn probe(&mut self, number: u64) {
        let (Some(link), Some(heartbeat)) = (&self.link, &self.hooks.heartbeat) else { return };
        // one that cannot be sent is not answered, which is what it is for
        let _unsent = match heartbeat.make() {
            Some(message) => link.handle.send(message),
            None => link.handle.ping(number.to_be_bytes().to_vec()),
        };
    }

    /// Hands over what waits, as far as the transport's buffer goes.
    pub(super) fn transmit(&mut self, context: &mut Context<'_>) {
        let limit = self.hooks.link.transport_buffer;
        let Some(link) = self.link.as_mut().filter(|link| !link.ended) else { return };
        if !self.core.wants_to_transmit() {
            return;
        }
        let mut buffered = link.handle.buffered_amount();
        if buffered >= limit && link.handle.link().poll_buffered(limit / 2, &mut link.pacer, context).is_pending() {
            return self.core.set_blocked(true);
        }
        let mut refusal = None;
        self.core.transmit(|message| {
            if buffered >= limit {
                return false;
            }
            refusal = link.handle.send(message.clone()).err();
            buffered += message.len().max(1);
            refusal.is_none()
        });
        let blocked = match refusal {
            None => false,
            // one that alone exceeds the link's bound goes when nothing else waits there
            Some(SendError::BufferFull { .. }) => {
                link.handle.link().poll_buffered(0, &mut link.pacer, context).is_pending()
            }
            // it is closing; to try again and again would keep its end from being told
            Some(_) => true,
        };
        self.core.set_blocked(blocked);
    }
}

/// The end of a link, to be told.
pub(super) type End = (u64, Option<crate::ConnectionError>, CloseEvent);
