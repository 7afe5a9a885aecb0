//! An open connection: messages out, messages in, and the closing handshake.

mod outgoing;

use super::Engine;
use crate::{
    Cause, CloseCode, CloseEvent, Event, Message, ReadyState,
    backend::{
        CloseRequest, Request,
        native::{close_tap::CloseBody, deflate::Codec, failure::Failure, outbox::Outbox},
    },
    channel::Channel,
    platform::Sleep,
};
use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio_tungstenite::tungstenite::{self, Utf8Bytes, protocol::CloseFrame};

/// How many messages are read before what they are is handed on and other tasks get a turn.
const READ_BUDGET: usize = 1024;
/// How much is read before that, in what events weigh. It stays in the processor's cache, and
/// below what allocators give back to the system when it is free again.
const READ_COST: usize = 64 * 1024;
/// How long a failed connection is kept to tell the peer why, and a closed one for the server
/// to end it first (RFC 6455 section 7.1.1). Chrome waits as long.
const LINGER: Duration = Duration::from_secs(2);

/// How often it is looked whether the peer is gone while nothing is read: what is unread keeps the system from
/// telling of the end after it.
const LOOK: Duration = Duration::from_millis(250);

/// How a connection ended, and the code to part with, if the peer is still to be told.
pub(in crate::backend::native) struct Ending {
    pub(in crate::backend::native) failure: Option<Cause>,
    pub(in crate::backend::native) close: CloseEvent,
    pub(super) parting: Option<u16>,
}

pub(in crate::backend::native) struct Flow {
    engine: Engine,
    /// The peer's close frame as it came.
    close_body: CloseBody,
    /// Compresses and inflates, if that was agreed on.
    codec: Option<Codec>,
    channel: Arc<Channel>,
    outbox: Arc<Outbox>,
    control_frames: bool,
    close_timeout: Duration,
    /// Taken out of the outbox.
    sending: VecDeque<tungstenite::Message>,
    /// To be sent after those.
    closing: Option<CloseRequest>,
    /// Payload that the engine has and the network has not.
    fed: u64,
    flushed: bool,
    close_asked: bool,
    close_sent: bool,
    /// The peer's close frame.
    closed_by_peer: Option<CloseEvent>,
    deadline: Option<Sleep>,
    /// When to look next whether the peer is gone, while nothing is read.
    next_look: Option<Sleep>,
    /// Nothing more can be written; what the peer still said is read to its end first, since
    /// it may say why.
    broken: Option<Failure>,
    /// Read and not handed on yet.
    received: VecDeque<Event>,
    /// What those weigh.
    received_cost: usize,
}

/// Whether there may be more to do at once.
enum Step {
    Idle,
    Again,
}

impl Flow {
    pub(in crate::backend::native) fn new(
        engine: Engine,
        close_body: CloseBody,
        codec: Option<Codec>,
        channel: Arc<Channel>,
        outbox: Arc<Outbox>,
        request: &Request,
    ) -> Self {
        Self {
            engine,
            close_body,
            codec,
            channel,
            outbox,
            control_frames: request.control_frames,
            close_timeout: request.close_timeout,
            sending: VecDeque::new(),
            closing: None,
            fed: 0,
            flushed: true,
            close_asked: false,
            close_sent: false,
            closed_by_peer: None,
            deadline: None,
            next_look: None,
            broken: None,
            received: VecDeque::new(),
            received_cost: 0,
        }
    }

    /// Does all that can be done now; ready at the connection's end.
    pub(in crate::backend::native) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Ending> {
        if let Some(ending) = self.poll_deadline(context) {
            return Poll::Ready(ending);
        }
        if self.broken.is_none() {
            self.broken = self.write(context).err();
            // one that is lost comes to its end without the peer
            if self.broken.is_some() && !self.channel.is_lost() {
                self.start_deadline(LINGER, context);
            }
        }
        self.notice_close(context);
        let outcome = self.read(context);
        self.hand_on();
        match outcome {
            Ok(Step::Idle) => Poll::Pending,
            Ok(Step::Again) => {
                yield_now(context);
                Poll::Pending
            }
            Err(failure) => Poll::Ready(self.end(failure)),
        }
    }

    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Option<Ending> {
        match Pin::new(self.deadline.as_mut()?).poll(context) {
            Poll::Pending => None,
            Poll::Ready(()) => {
                let cause = Cause::CloseTimeout { after: self.close_timeout };
                Some(self.end(Failure { cause, code: None }))
            }
        }
    }

    /// Reads until there is no more, the inbox is full, or others deserve a turn.
    fn read(&mut self, context: &mut Context<'_>) -> Result<Step, Failure> {
        let mut room = 0;
        for _ in 0..READ_BUDGET {
            // reading stops while the inbox is full, so that the server has to wait; not while
            // closing, when nothing more goes there
            if self.received_cost >= room && self.takes_messages() {
                if room > 0 {
                    return Ok(Step::Again);
                }
                match self.channel.poll_room(context) {
                    Poll::Ready(most) => room = most.min(READ_COST),
                    Poll::Pending => {
                        self.watch(context);
                        return Ok(Step::Idle);
                    }
                }
            }
            match self.engine.poll_message(context) {
                Poll::Ready(Ok(message)) => {
                    let message = match &mut self.codec {
                        Some(codec) => codec.inflate(message)?,
                        None => message,
                    };
                    self.receive(message, context)?;
                }
                Poll::Ready(Err(error)) => return Err(error.into()),
                Poll::Pending => return Ok(Step::Idle),
            }
        }
        Ok(Step::Again)
    }

    /// The standard discards what arrives once a close was asked for, by either side. What a lost connection has
    /// still to tell arrived before.
    fn takes_messages(&self) -> bool {
        let is_closing = self.close_asked || self.closed_by_peer.is_some();
        !is_closing && (self.channel.ready_state() == ReadyState::Open || self.channel.is_lost())
    }

    /// While nothing is read for want of room, an end of the peer's is not read either: so it is looked for,
    /// beside what is unread.
    fn watch(&mut self, context: &mut Context<'_>) {
        while !self.channel.is_lost() {
            if self.engine.stream().stream().is_read_closed() {
                return self.lose();
            }
            let look = self.next_look.get_or_insert_with(|| Sleep::new(LOOK));
            if Pin::new(look).poll(context).is_pending() {
                return;
            }
            self.next_look = None;
        }
    }

    /// The peer has ended its side of TCP, or both. RFC 6455 knows no half-closed connection: what is sent from now
    /// on has no answer, and no close either, so that a close could not be clean (section 7.1.4) unless the peer's
    /// own is in what is unread. So the connection is CLOSING from now on. What came before is no less a message of
    /// an open connection, and is handed on as there is room, which the peer need not be waited for.
    fn lose(&mut self) {
        self.deadline = None;
        self.next_look = None;
        // in this order, so that who is woken sees why
        self.channel.lose();
        self.outbox.lose();
    }

    fn hand_on(&mut self) {
        let cost = std::mem::take(&mut self.received_cost);
        if !self.received.is_empty() {
            self.channel.deliver_batch(&mut self.received, cost);
        }
    }

    fn receive(&mut self, message: tungstenite::Message, context: &mut Context<'_>) -> Result<(), Failure> {
        let event = match message {
            tungstenite::Message::Text(text) => Event::Message(Message::Text(text.into())),
            tungstenite::Message::Binary(bytes) => Event::Message(self.channel.binary_message(bytes)),
            tungstenite::Message::Ping(payload) => {
                // the engine has prepared the pong, and sends it with the next flush
                self.flushed = false;
                self.flush(context)?;
                if !self.control_frames {
                    return Ok(());
                }
                Event::Ping(payload)
            }
            tungstenite::Message::Pong(payload) if self.control_frames => Event::Pong(payload),
            tungstenite::Message::Pong(_) | tungstenite::Message::Frame(_) => return Ok(()),
            tungstenite::Message::Close(_) => return self.receive_close(context),
        };
        // the answer to a ping that went before our close frame tells what arrived
        let is_answer = matches!(event, Event::Pong(_)) && self.closed_by_peer.is_none();
        if is_answer || self.takes_messages() {
            self.received_cost += event.cost();
            self.received.push_back(event);
        }
        Ok(())
    }

    fn receive_close(&mut self, context: &mut Context<'_>) -> Result<(), Failure> {
        let close = match self.close_body.get().map(Vec::as_slice).unwrap_or_default() {
            [high, low, reason @ ..] => {
                let code = u16::from_be_bytes([*high, *low]);
                if !is_allowed_on_the_wire(code) {
                    return Err(Failure::protocol(format!("close code {code} is not allowed")));
                }
                // the engine has checked that the reason is UTF-8
                CloseEvent::new(code, String::from_utf8_lossy(reason).into_owned(), true)
            }
            _ => CloseEvent::new(CloseCode::NO_STATUS.0, String::new(), true),
        };
        self.hand_on();
        self.outbox.seal();
        self.channel.advance(ReadyState::Closing);
        self.closed_by_peer = Some(close);
        self.close_sent = true;
        // the engine has prepared the answer; then the server is to end the connection
        self.flushed = false;
        self.flush(context)?;
        self.deadline = None;
        self.start_deadline(LINGER.min(self.close_timeout), context);
        Ok(())
    }

    fn start_deadline(&mut self, duration: Duration, context: &mut Context<'_>) {
        if self.deadline.is_none() {
            let mut deadline = Sleep::new(duration);
            // registers the waker; a deadline of zero is seen at the next turn
            if Pin::new(&mut deadline).poll(context).is_ready() {
                context.waker().wake_by_ref();
            }
            self.deadline = Some(deadline);
        }
    }

    /// After the peer's close frame the end is clean, however the stream ended.
    fn end(&mut self, failure: Failure) -> Ending {
        if let Some(close) = self.closed_by_peer.take() {
            return Ending { failure: None, close, parting: None };
        }
        let failure = self.broken.take().unwrap_or(failure);
        let parting = failure.code.filter(|_| !self.close_sent);
        Ending { failure: Some(failure.cause), close: CloseEvent::abnormal(), parting }
    }

    /// Tells the peer why the connection failed, as far as it still listens, and leaves.
    pub(super) async fn part(mut self, code: u16) {
        let frame = CloseFrame { code: code.into(), reason: Utf8Bytes::default() };
        let farewell = async {
            let mut frame = Some(tungstenite::Message::Close(Some(frame)));
            // the peer may be gone, which is why we part
            let _lost = poll_fn(|context| match frame.take().map(|frame| self.engine.write(frame, context)) {
                Some(Err(error)) => Poll::Ready(Err(error)),
                _ => self.engine.poll_flush(context),
            })
            .await;
        };
        let _late = tokio::time::timeout(LINGER, farewell).await;
    }
}

/// Has this task polled again after all that are ready. Woken at once it would be polled up to
/// sixty times before the task that a current-thread runtime blocks on, which may well be the
/// reader: what is read would pile up, fall out of the processor's cache, and be given back to
/// the system and faulted in again.
fn yield_now(context: &mut Context<'_>) {
    // it is pending when it is polled first, and has taken the waker
    let _pending = pin!(tokio::task::yield_now()).poll(context);
}

/// Whether a peer may send a code. RFC 6455 section 7.4.1 forbids three by name; codes outside
/// its ranges are let through, as browsers do.
fn is_allowed_on_the_wire(code: u16) -> bool {
    !matches!(code, 1005 | 1006 | 1015)
}
