//! The link that the driver has, and what passes over it.

use super::{Driver, Endpoint, Failure, Heartbeat, HoldsMailbox};
use crate::{
    BinaryType, CloseEvent, Event as LinkEvent, Handle, Message, Proxy, Tls, WebSocket,
    backend::{Backpressure, CAN_PING, CloseRequest},
    close::CloseFrame,
    mailbox::Mail,
    reconnect::{
        core::Taken,
        event::Letter,
        machine::{Detach, Transport},
        offers::Offers,
    },
    socket::builder::{
        DEFAULT_CLOSE_TIMEOUT, DEFAULT_INBOX_CAPACITY, DEFAULT_MAX_MESSAGE_SIZE, DEFAULT_TCP_KEEP_ALIVE,
    },
    waiters::Wait,
};
use std::{
    collections::VecDeque,
    task::{Context, Poll},
    time::Duration,
};

/// How many events are taken from a link before what they are is handed on.
const BATCH: usize = 256;
/// How much more than the inbox's bound may wait of what had arrived before a connection was lost, and
/// nobody has read. A system keeps less than that for a connection.
const REST: usize = 16 << 20;

/// What every connection is made with.
pub(crate) struct LinkOptions {
    pub(crate) offers: Offers,
    pub(crate) tls: Option<Tls>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) tcp_keep_alive: Option<Duration>,
    #[cfg(feature = "deflate")]
    pub(crate) deflate: Option<crate::Deflate>,
    pub(crate) binary_type: BinaryType,
    pub(crate) max_message_size: usize,
    pub(crate) inbox_capacity: usize,
    pub(crate) backpressure: Backpressure,
    pub(crate) close_timeout: Duration,
    /// How many bytes the transport may have that it has not handed to the network yet.
    pub(crate) transport_buffer: u64,
    #[cfg(feature = "test-kit")]
    pub(crate) network: Option<crate::test_kit::Network>,
}

impl Default for LinkOptions {
    fn default() -> Self {
        Self {
            offers: Offers::default(),
            tls: None,
            proxy: None,
            tcp_keep_alive: Some(DEFAULT_TCP_KEEP_ALIVE),
            #[cfg(feature = "deflate")]
            deflate: None,
            binary_type: BinaryType::default(),
            max_message_size: DEFAULT_MAX_MESSAGE_SIZE,
            inbox_capacity: DEFAULT_INBOX_CAPACITY,
            backpressure: Backpressure::default(),
            close_timeout: DEFAULT_CLOSE_TIMEOUT,
            transport_buffer: 1 << 20,
            #[cfg(feature = "test-kit")]
            network: None,
        }
    }
}

impl LinkOptions {
    /// A builder for one connection, to which protocols and headers of the endpoint are moved. The machine
    /// keeps the deadline for connecting.
    pub(crate) fn builder(&self, endpoint: &mut Endpoint, observes_control: bool) -> crate::Builder {
        let offers = self.offers.clone().and(std::mem::take(&mut endpoint.offers));
        let checked = offers.check();
        let mut builder = WebSocket::builder(&endpoint.url)
            .binary_type(self.binary_type)
            .max_message_size(self.max_message_size)
            .inbox_capacity(self.inbox_capacity)
            .backpressure_by(self.backpressure)
            .connect_timeout(None)
            .close_timeout(self.close_timeout)
            .tcp_keep_alive(self.tcp_keep_alive)
            .control_frames(observes_control)
            // what may lie there is bounded before it is handed over
            .max_buffered_amount(u64::MAX)
            .offering(offers.into_parts(), checked);
        if let Some(tls) = &self.tls {
            builder = builder.tls(tls.clone());
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        #[cfg(feature = "deflate")]
        {
            builder = builder.deflate(self.deflate);
        }
        #[cfg(feature = "test-kit")]
        if let Some(network) = &self.network {
            builder = builder.network(network.clone());
        }
        builder
    }
}

impl LinkOptions {
    /// Whether so many bytes may not wait to be read.
    pub(super) fn is_too_much(&self, bytes: u64) -> bool {
        bytes > self.inbox_capacity as u64
    }
}

pub(super) struct Link {
    generation: u64,
    socket: WebSocket,
    handle: Handle,
    /// Waits until it takes more.
    drained: Wait,
    /// Waits for its end while nothing is read from it.
    gone: Wait,
    first_messages: Vec<Message>,
    error: Option<crate::ConnectionError>,
    opened: bool,
    /// Its close event has come.
    ended: bool,
}

impl Link {
    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// How far it has come.
    pub(super) fn transport(&self) -> Transport {
        Transport {
            taken: self.handle.taken_by_network(),
            buffered: self.handle.buffered_amount(),
            is_refused: self.handle.link().is_refused(),
        }
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
            Detach::Unaccepted => (4002, "session not accepted"),
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
    /// Something that did not come from the peer.
    Noted,
    /// The machine has been told of something, and may have something to say.
    Told,
}

impl Driver {
    pub(super) fn connect(&mut self, generation: u64) {
        let Some(mut endpoint) = self.endpoint.take() else { return };
        let observes_control = self.hooks.heartbeat.as_ref().is_some_and(Heartbeat::uses_ping);
        match self.hooks.link.builder(&mut endpoint, observes_control).open() {
            Ok(socket) => {
                let handle = socket.handle();
                self.core.set_link(Some(handle.clone()));
                self.link = Some(Link {
                    generation,
                    socket,
                    handle,
                    drained: Wait::default(),
                    gone: Wait::default(),
                    first_messages: endpoint.first_messages,
                    error: None,
                    opened: false,
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
        let mut batch = std::mem::take(&mut self.batch);
        let mut cost = self.take_messages(&mut batch, context);
        // answers to requests and heartbeats are the application's word too
        let (mut spoken, mut lives, mut told) = (!batch.is_empty(), false, false);
        for _ in batch.len()..BATCH {
            match self.look(context) {
                Step::Message(message) => {
                    if let Some(message) = self.sift(message, &mut told) {
                        let letter = Letter::Message(message);
                        cost += letter.cost();
                        batch.push_back(letter);
                    }
                    spoken |= !told;
                    lives |= told;
                }
                Step::Life => lives = true,
                Step::Noted => {}
                Step::Told => told = true,
                Step::Nothing => break,
            }
            if told || cost > self.hooks.link.inbox_capacity {
                break;
            }
        }
        let busy = told || lives || spoken;
        if let Some(generation) = self.link.as_ref().map(|link| link.generation) {
            match (spoken, lives) {
                (true, _) => self.tell(|machine, now| machine.received_messages(generation, now)),
                (false, true) => self.tell(|machine, now| machine.received(generation, now)),
                (false, false) => {}
            }
        }
        if !batch.is_empty() {
            self.core.mailbox().deliver_batch(&mut batch, cost);
        }
        self.batch = batch;
        self.report_end();
        busy
    }

    /// Moves messages at which nobody has to look, in one go; what they weigh. One by one, as what
    /// comes after them is looked at, each would cost a third of what receiving it costs in all.
    fn take_messages(&mut self, batch: &mut VecDeque<Letter>, context: &mut Context<'_>) -> usize {
        if self.reads_messages() {
            return 0;
        }
        let Some(link) = self.link.as_mut().filter(|link| !link.ended) else { return 0 };
        let Poll::Ready(events) = link.socket.poll_all(context) else { return 0 };
        // one at least, of whatever size
        let room = self.hooks.link.inbox_capacity.max(1);
        let mut cost = 0;
        for _ in batch.len()..BATCH {
            match events.pop_front() {
                Some(LinkEvent::Message(message)) => {
                    let letter = Letter::Message(message);
                    cost += letter.cost();
                    batch.push_back(letter);
                }
                Some(other) => {
                    events.push_front(other);
                    break;
                }
                None => break,
            }
            if cost >= room {
                break;
            }
        }
        cost
    }

    /// Whether messages may not be for the owner.
    fn reads_messages(&self) -> bool {
        let credentials = self.hooks.credentials.as_ref();
        self.session.is_some()
            || self.core.answers().is_some()
            || credentials.is_some_and(|credentials| credentials.reads_messages()) && self.may_be_refused()
            || self.hooks.heartbeat.as_ref().is_some_and(Heartbeat::reads_messages)
    }

    /// Not once the connection is stable.
    fn may_be_refused(&self) -> bool {
        self.core.look(|machine| machine.may_be_refused())
    }

    /// While the owner does not read, nothing is read from the link, so that natively the server
    /// waits and in a browser the link's own bound holds. That it opens, or does not, is read
    /// nevertheless, and so is that it has ended: then what it had brought is read to its end, since
    /// what follows from that must not wait for an owner.
    fn has_room(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let brings_messages = self.link.as_ref().is_some_and(|link| link.opened);
        let unread = match &self.session {
            _ if !brings_messages => false,
            Some((_, greeting)) => self.hooks.link.is_too_much(greeting.bytes()) && !self.is_gone(context),
            None => self.core.mailbox().poll_room(context).is_pending() && !self.is_gone(context),
        };
        if std::mem::replace(&mut self.stalled, unread) != unread {
            self.core.act(|machine| machine.set_stalled(unread));
        }
        if unread { Poll::Pending } else { Poll::Ready(()) }
    }

    /// Whether the link is lost, or has ended, and is to be read to its end in spite of a full inbox. Of
    /// more than there may be the rest is given up, which the gap after the interruption tells.
    fn is_gone(&mut self, context: &mut Context<'_>) -> bool {
        let Some(link) = self.link.as_mut().filter(|link| !link.ended) else { return false };
        if link.handle.poll_gone(&mut link.gone, context).is_pending() {
            return false;
        }
        let greeted = self.session.as_ref().map_or(0, |(_, greeting)| greeting.bytes());
        let waiting = self.core.mailbox().weight().saturating_add(usize::try_from(greeted).unwrap_or(usize::MAX));
        if waiting > self.hooks.link.inbox_capacity.saturating_add(REST) {
            link.ended = true;
            let error = link.error.take().unwrap_or_else(|| link.handle.disconnected());
            self.end = Some((link.generation, Some(error), CloseEvent::abnormal()));
        }
        true
    }

    fn look(&mut self, context: &mut Context<'_>) -> Step {
        let Some(link) = self.link.as_mut().filter(|link| !link.ended) else { return Step::Nothing };
        let generation = link.generation;
        let Poll::Ready(Some(event)) = link.socket.poll_event(context) else { return Step::Nothing };
        match event {
            LinkEvent::Message(message) => return Step::Message(message),
            LinkEvent::Open(_) => {
                link.opened = true;
                for message in link.first_messages.drain(..) {
                    // it is open; should it close at this moment, its end will tell
                    let _closing = link.handle.send(message);
                }
                self.tell(|machine, now| machine.opened(generation, now));
            }
            LinkEvent::Pong(payload) if CAN_PING => {
                let Ok(number) = <[u8; 8]>::try_from(&payload[..]) else { return Step::Life };
                let number = Some(u64::from_be_bytes(number));
                self.tell(|machine, now| machine.answered(generation, number, now));
            }
            LinkEvent::Ping(_) | LinkEvent::Pong(_) => return Step::Life,
            LinkEvent::Error(error) => {
                link.error = Some(error);
                return Step::Noted;
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

    /// Keeps what is not for the owner: answers to heartbeats and to requests, refusals of credentials, and
    /// what comes during the session handshake.
    fn sift(&mut self, message: Message, told: &mut bool) -> Option<Message> {
        let Some(generation) = self.link.as_ref().map(|link| link.generation) else { return Some(message) };
        let credentials = self.hooks.credentials.as_ref();
        // a function of the user's, so the last to be asked
        if credentials.is_some_and(|credentials| {
            credentials.reads_messages() && self.may_be_refused() && credentials.is_refusal(&message)
        }) {
            self.tell(|machine, now| machine.refused(generation, now));
            *told = true;
            return None;
        }
        if let Some((_, greeting)) = &self.session {
            greeting.push(message);
            return None;
        }
        if self.hooks.heartbeat.as_ref().is_some_and(|heartbeat| heartbeat.is_answer(&message)) {
            self.tell(|machine, now| machine.answered(generation, None, now));
            return None;
        }
        self.unanswering(message)
    }

    /// What is no answer to a request.
    pub(super) fn unanswering(&self, message: Message) -> Option<Message> {
        match self.core.answers() {
            Some(answers) => answers.take(message),
            None => Some(message),
        }
    }

    pub(super) fn probe(&mut self, number: u64) {
        let (Some(link), Some(heartbeat)) = (&self.link, &self.hooks.heartbeat) else { return };
        // one that cannot be sent is not answered, which is what it is for
        let _unsent = match heartbeat.make() {
            Some(message) => link.handle.send(message),
            None if CAN_PING => link.handle.ping(number.to_be_bytes().to_vec()),
            None => return,
        };
    }

    /// Hands over what waits, as far as the transport's buffer goes; whether somebody is to be told.
    pub(super) fn transmit(&mut self, context: &mut Context<'_>) -> bool {
        let limit = self.hooks.link.transport_buffer;
        let Some(link) = self.link.as_mut().filter(|link| !link.ended) else { return false };
        let clock = self.core.clock();
        self.core.transmit(|machine| {
            let mut buffered = link.handle.buffered_amount();
            if buffered >= limit && link.handle.link().poll_buffered(limit / 2, &mut link.drained, context).is_pending()
            {
                return Taken::NoMoreNow;
            }
            let mut taken = Taken::All;
            machine.transmit(
                || clock.now(),
                |message| {
                    // what refuses is closing, and about to tell so; to ask it again until then would
                    // keep a browser from ever telling
                    if buffered >= limit || link.handle.send(message.clone()).is_err() {
                        taken = Taken::NoMoreNow;
                        return false;
                    }
                    buffered += message.len().max(1);
                    true
                },
            );
            // registers for the buffer to drain, unless it has meanwhile
            let drained = || link.handle.buffered_amount() < limit;
            if buffered >= limit
                && link.handle.link().poll_buffered(limit / 2, &mut link.drained, context).is_ready()
                && drained()
            {
                taken = Taken::All;
            }
            taken
        })
    }
}

/// The end of a link, to be told.
pub(super) type End = (u64, Option<crate::ConnectionError>, CloseEvent);
