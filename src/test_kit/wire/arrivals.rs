//! From the client to the server's end.

use super::{Delivery, Stage, State};
use crate::{
    CloseCode, CloseEvent, Message, ReadyState, SendError,
    backend::{CloseRequest, Control},
    waiters::{Place, WaitList},
};
use std::{
    collections::VecDeque,
    ops::ControlFlow,
    task::{Context, Waker},
};

/// What a client sends.
pub(in crate::test_kit) enum Frame {
    Message(Message),
    Control(Control),
    Close(CloseRequest),
}

impl Frame {
    fn len(&self) -> u64 {
        match self {
            Self::Message(message) => message.len(),
            Self::Control(Control::Ping(payload) | Control::Pong(payload)) => payload.len() as u64,
            Self::Close(_) => 0,
        }
    }
}

pub(super) struct Arrivals {
    pub(super) paused: bool,
    pub(super) answers_pings: bool,
    pub(super) answers_closes: bool,
    /// Sent by the client, and not taken from it.
    held: VecDeque<Frame>,
    /// Bytes of payload of those.
    buffered: u64,
    /// Bytes that were taken from the client, with a header of two for each frame.
    taken: u64,
    /// Taken from the client, and not read by the test.
    messages: VecDeque<Message>,
    /// How the client has closed, or how it ended.
    closed: Option<CloseEvent>,
    /// The connection has ended behind what the client has no room for.
    pub(super) lost: bool,
    ended: bool,
    waiting: WaitList<Awaited>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Awaited {
    /// A message of the client's, or its end.
    Message,
    Close,
    /// That no more than so much is buffered.
    Drained(u64),
}

impl Default for Arrivals {
    fn default() -> Self {
        Self {
            paused: false,
            answers_pings: true,
            answers_closes: true,
            held: VecDeque::new(),
            buffered: 0,
            taken: 0,
            messages: VecDeque::new(),
            closed: None,
            lost: false,
            ended: false,
            waiting: WaitList::default(),
        }
    }
}

impl Arrivals {
    pub(super) fn buffered(&self) -> u64 {
        self.buffered
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    pub(super) fn take_message(&mut self) -> Option<Message> {
        self.messages.pop_front()
    }

    pub(super) fn closed(&self) -> Option<CloseEvent> {
        self.closed.clone()
    }

    /// Waits, unless it is there already. Returns the waker that was replaced.
    pub(super) fn wait(
        &mut self,
        place: &mut Place,
        what: Awaited,
        context: &Context<'_>,
    ) -> ControlFlow<(), Option<Waker>> {
        match self.is_there(&what) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(self.waiting.wait(place, what, context)),
        }
    }

    pub(super) fn leave(&mut self, place: &mut Place) -> Option<Waker> {
        self.waiting.leave(place)
    }

    fn is_there(&self, what: &Awaited) -> bool {
        match what {
            Awaited::Message => self.closed.is_some() || !self.messages.is_empty(),
            Awaited::Close => self.closed.is_some(),
            Awaited::Drained(most) => self.lost || self.ended || self.buffered <= *most,
        }
    }

    /// The connection has ended; if the client has sent no close frame before, like this. Returns what was not taken.
    #[must_use]
    pub(super) fn end(&mut self, closed: CloseEvent) -> VecDeque<Frame> {
        self.ended = true;
        self.closed.get_or_insert(closed);
        std::mem::take(&mut self.held)
    }

    /// Those for whom something has changed.
    pub(super) fn take_woken(&mut self) -> Vec<Waker> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let woken = waiting.take_if(|what| self.is_there(what));
        self.waiting = waiting;
        woken
    }
}

impl State {
    pub(super) fn send(&mut self, frame: Frame) -> Result<(), SendError> {
        let state = match self.stage {
            Stage::Ended => ReadyState::Closed,
            _ if self.is_closing || self.arrivals.lost => ReadyState::Closing,
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
            self.arrivals.taken += 2 + frame.len();
            match frame {
                Frame::Message(message) => {
                    self.arrivals.buffered -= message.len();
                    self.arrivals.messages.push_back(message);
                }
                Frame::Control(Control::Ping(payload)) if self.arrivals.answers_pings => {
                    self.deliveries.push(Delivery::Pong(payload));
                }
                frame @ Frame::Control(_) => self.discard(frame),
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
