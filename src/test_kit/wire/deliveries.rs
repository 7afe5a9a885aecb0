//! From the server's end to the client.

use super::{Stage, State, Wire};
use crate::{Cause, CloseEvent, Event, Message, OpenEvent, backend::MANNERS};
use bytes::Bytes;
use std::{
    collections::VecDeque,
    sync::{Arc, Weak},
    task::{Context, Wake, Waker},
};

/// What is to be handed to the client.
pub(in crate::test_kit) enum Delivery {
    Open(OpenEvent),
    Message(Message),
    Pong(Bytes),
    End(Option<Cause>, CloseEvent),
}

#[derive(Default)]
pub(super) struct Deliveries {
    waiting: VecDeque<Delivery>,
    /// Somebody hands them over at this moment; there must be no second.
    under_way: bool,
}

impl Deliveries {
    pub(super) fn push(&mut self, delivery: Delivery) {
        self.waiting.push_back(delivery);
    }

    pub(super) fn first(&mut self, delivery: Delivery) {
        self.waiting.push_front(delivery);
    }
}

impl Wire {
    /// Hands over what can be handed over now, unless somebody is doing it.
    pub(super) fn flush(self: &Arc<Self>) {
        if std::mem::replace(&mut self.lock().deliveries.under_way, true) {
            return;
        }
        loop {
            let (next, is_lost, aftermath) = {
                let mut state = self.lock();
                let next = self.next(&mut state);
                if next.is_none() {
                    state.deliveries.under_way = false;
                }
                (next, state.arrivals.lost, state.take_aftermath())
            };
            if is_lost && !self.channel.is_lost() {
                self.channel.lose();
            }
            aftermath.settle();
            match next {
                Some(delivery) => self.hand_over(delivery),
                None => return,
            }
        }
    }

    fn hand_over(&self, delivery: Delivery) {
        match delivery {
            Delivery::Open(opened) => {
                self.channel.deliver_open(opened);
            }
            Delivery::Message(Message::Binary(bytes)) => {
                self.channel.deliver(Event::Message(self.channel.binary_message(bytes)));
            }
            Delivery::Message(message) => self.channel.deliver(Event::Message(message)),
            Delivery::Pong(payload) => self.channel.deliver(Event::Pong(payload)),
            Delivery::End(failure, close) => self.channel.deliver_end(failure, close),
        }
    }

    /// Takes out what is to be handed over next, if anything can be.
    fn next(self: &Arc<Self>, state: &mut State) -> Option<Delivery> {
        loop {
            if state.stage == Stage::Ended {
                state.discard_deliveries();
            }
            match state.deliveries.waiting.front()? {
                Delivery::Open(_) if state.stage == Stage::Connecting => {
                    state.stage = Stage::Open;
                    state.end_deadline();
                    break;
                }
                // it is open already
                Delivery::Open(_) => {}
                Delivery::End(_, close) => {
                    let close = close.clone();
                    state.end(close);
                    break;
                }
                _ if state.stage == Stage::Connecting => match state.deliveries.first_end() {
                    Some(end) => {
                        state.deliver_only(end);
                        continue;
                    }
                    None => return None,
                },
                // the answer to a ping that went before the close frame
                Delivery::Pong(_) if state.is_closing && self.request.control_frames => break,
                // the standard discards what arrives once a close was asked for
                Delivery::Message(_) | Delivery::Pong(_) if state.is_closing => {}
                Delivery::Message(message) if message.len() > self.request.max_message_size as u64 => {
                    let cause = Cause::MessageTooBig { limit: self.request.max_message_size };
                    state.fail(cause, MANNERS.too_big);
                    continue;
                }
                Delivery::Pong(_) if !self.request.control_frames => {}
                Delivery::Message(_) | Delivery::Pong(_) if MANNERS.waits_for_room => {
                    let waker = Waker::from(Arc::new(Room(Arc::downgrade(self))));
                    if self.channel.poll_room(&mut Context::from_waker(&waker)).is_pending() {
                        state.arrivals.lost |= state.deliveries.has_cut();
                        return None;
                    }
                    break;
                }
                Delivery::Message(message) => {
                    if self.channel.is_full(Event::Message(message.clone()).cost()) {
                        let cause = Cause::InboxFull { capacity: self.channel.inbox_capacity() };
                        state.fail(cause, MANNERS.inbox_full);
                        continue;
                    }
                    break;
                }
                Delivery::Pong(_) => break,
            }
            if let Some(unwanted) = state.deliveries.waiting.pop_front() {
                state.discard(unwanted);
            }
        }
        state.deliveries.waiting.pop_front()
    }
}

impl Deliveries {
    /// Whether the connection breaks behind what cannot be handed over, which is seen without reading that. A close
    /// frame is not.
    fn has_cut(&self) -> bool {
        self.waiting.iter().any(|delivery| matches!(delivery, Delivery::End(Some(_), _)))
    }

    /// Takes out the end, where one waits behind what cannot be handed over.
    fn first_end(&mut self) -> Option<Delivery> {
        let index = self.waiting.iter().position(|delivery| matches!(delivery, Delivery::End(..)))?;
        self.waiting.remove(index)
    }
}

impl State {
    /// The client fails the connection, and tells the peer by a code.
    fn fail(&mut self, cause: Cause, code: u16) {
        let untaken = self.arrivals.end(CloseEvent::new(code, String::new(), false));
        self.discard(untaken);
        self.deliver_only(Delivery::End(Some(cause), CloseEvent::abnormal()));
    }

    /// This, and nothing of what waits.
    pub(super) fn deliver_only(&mut self, delivery: Delivery) {
        self.discard_deliveries();
        self.deliveries.push(delivery);
    }

    fn discard_deliveries(&mut self) {
        let waiting = std::mem::take(&mut self.deliveries.waiting);
        self.discard(waiting);
    }

    /// The client answers a close frame with the same one.
    fn end(&mut self, close: CloseEvent) {
        self.stage = Stage::Ended;
        self.end_deadline();
        let untaken = self.arrivals.end(close);
        self.discard(untaken);
    }
}

/// Goes on when the client's inbox has room again.
struct Room(Weak<Wire>);

impl Wake for Room {
    fn wake(self: Arc<Self>) {
        if let Some(wire) = self.0.upgrade() {
            wire.flush();
        }
    }
}
