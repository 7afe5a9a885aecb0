//! From the client to the server's end.

use super::{Delivery, Stage, State};
use crate::{
    CloseCode, CloseEvent, Message, ReadyState, SendError,
    backend::{CloseRequest, Control},
    waiters::{Levels, Waiters},
};
use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
};

/// What a client sends.
pub(in crate::test_kit) enum Frame {
    Message(Message),
    Control(Control),
    Close(CloseRequest),
}

pub(super) struct Arrivals {
    pub(super) paused: bool,
    pub(super) answers_pings: bool,
    pub(super) answers_closes: bool,
    /// Sent by the client, and not taken from it.
    held: VecDeque<Frame>,
    /// Bytes of payload of those.
    buffered: u64,
    /// Taken from the client, and not read by the test.
    messages: VecDeque<Message>,
    /// How the client has closed, or how it ended.
    closed: Option<CloseEvent>,
    ended: bool,
    /// Woken when something arrives.
    readers: Waiters,
    /// Woken when no more than so much is buffered.
    senders: Levels,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self {
            paused: false,
            answers_pings: true,
            answers_closes: true,
            held: VecDeque::new(),
            buffered: 0,
            messages: VecDeque::new(),
            closed: None,
            ended: false,
            readers: Waiters::default(),
            senders: Levels::default(),
        }
    }
}

impl Arrivals {
    pub(super) fn buffered(&self) -> u64 {
        self.buffered
    }

    pub(super) fn poll_buffered(&mut self, most: u64, context: &mut Context<'_>) -> Poll<()> {
        if self.ended || self.buffered <= most {
            return Poll::Ready(());
        }
        self.senders.add(most, context);
        Poll::Pending
    }

    pub(super) fn take_message(&mut self) -> Option<Message> {
        self.messages.pop_front()
    }

    pub(super) fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Option<Message>> {
        if let Some(message) = self.messages.pop_front() {
            return Poll::Ready(Some(message));
        }
        if self.closed.is_some() {
            return Poll::Ready(None);
        }
        self.readers.add(context);
        Poll::Pending
    }

    pub(super) fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<CloseEvent> {
        if let Some(closed) = &self.closed {
            return Poll::Ready(closed.clone());
        }
        self.readers.add(context);
        Poll::Pending
    }

    /// The connection has ended; if the client has sent no close frame before, like this.
    pub(super) fn end(&mut self, closed: CloseEvent) {
        self.ended = true;
        self.held.clear();
        self.closed.get_or_insert(closed);
    }

    /// Those for whom something has changed.
    pub(super) fn take_woken(&mut self) -> Vec<Waker> {
        let mut woken = Vec::new();
        if self.closed.is_some() || !self.messages.is_empty() {
            woken.append(&mut self.readers.take());
        }
        woken.append(&mut if self.ended { self.senders.take() } else { self.senders.take_reached(self.buffered) });
        woken
    }
}

impl State {
    pub(super) fn send(&mut self, frame: Frame) -> Result<(), SendError> {
        let state = match self.stage {
            Stage::Ended => ReadyState::Closed,
            _ if self.is_closing => ReadyState::Closing,
            Stage::Connecting => ReadyState::Connecting,
            Stage::Open => {
                self.arrive(frame);
                return Ok(());
            }
        };
        Err(SendError::NotOpen { state })
    }

    pub(super) fn arrive(&mut self, frame: Frame) {
        if let Frame::Message(message) = &frame {
            self.arrivals.buffered += message.len();
        }
        self.arrivals.held.push_back(frame);
        self.take_arrivals();
    }

    /// Takes what the client has sent, unless paused.
    pub(super) fn take_arrivals(&mut self) {
        while !self.arrivals.paused
            && let Some(frame) = self.arrivals.held.pop_front()
        {
            match frame {
                Frame::Message(message) => {
                    self.arrivals.buffered -= message.len();
                    self.arrivals.messages.push_back(message);
                }
                Frame::Control(Control::Ping(payload)) if self.arrivals.answers_pings => {
                    self.deliveries.push(Delivery::Pong(payload));
                }
                Frame::Control(_) => {}
                Frame::Close(frame) => self.take_close(frame),
            }
        }
    }

    fn take_close(&mut self, frame: CloseRequest) {
        let (code, reason) =
            frame.map_or((CloseCode::NO_STATUS, String::new()), |frame| (frame.code(), frame.reason().to_owned()));
        let close = CloseEvent::new(code.0, reason, true);
        self.arrivals.closed = Some(close.clone());
        if self.arrivals.answers_closes {
            self.deliveries.push(Delivery::End(None, close));
        }
    }
}
