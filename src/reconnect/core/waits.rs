//! Waits of handles and of the socket: each leaves its line when it is dropped.

use super::{Accepted, Core, Inner};
use crate::{
    reconnect::{Outgoing, SendError, SequenceNumber, State, Tracked},
    waiters::Place,
};
use std::{
    sync::Arc,
    task::{Context, Poll},
};

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// A change of the state.
    State,
    /// Room in the queue.
    Room,
    /// That messages have left the queue.
    Flush,
}

/// A wait, in line from its first poll on until it is over or dropped.
pub(crate) struct Waiting {
    core: Arc<Core>,
    line: Line,
    place: Place,
}

impl Waiting {
    pub(crate) fn new(core: &Arc<Core>, line: Line) -> Self {
        Self { core: core.clone(), line, place: Place::default() }
    }

    /// Ready when the queue has room for a message of this length, or never will.
    pub(crate) fn poll_room(&mut self, length: u64, context: &mut Context<'_>) -> Poll<()> {
        let place = &mut self.place;
        let (is_over, _displaced) = self.core.change(|inner| {
            let has_room = inner.machine.has_room(length);
            let replaced = match inner.machine.is_closing() {
                true => None,
                false => match inner.room.poll(place, length, has_room, context) {
                    (Poll::Pending, replaced) => return (false, replaced),
                    (Poll::Ready(()), replaced) => replaced,
                },
            };
            (true, inner.room.leave(place).or(replaced))
        });
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Sends a message as soon as there is room for it, in the order in which senders came.
    pub(crate) fn poll_send(
        &mut self,
        outgoing: &mut Option<Outgoing>,
        context: &mut Context<'_>,
    ) -> Poll<Result<SequenceNumber, SendError>> {
        self.poll_send_by(outgoing, context, |_, accepted| accepted.number)
    }

    /// The same for a message that is tracked.
    pub(crate) fn poll_send_tracked(
        &mut self,
        outgoing: &mut Option<Outgoing>,
        context: &mut Context<'_>,
    ) -> Poll<Result<Tracked, SendError>> {
        self.poll_send_by(outgoing, context, |inner, accepted| inner.followers().follow(accepted))
    }

    /// The same for a request: it tells when the connection that took it is lost, even if it was
    /// delivered, or why it was not sent.
    pub(crate) fn poll_send_request(
        &mut self,
        outgoing: &mut Option<Outgoing>,
        context: &mut Context<'_>,
    ) -> Poll<Result<Tracked, SendError>> {
        self.poll_send_by(outgoing, context, |inner, accepted| inner.followers().follow_request(accepted))
    }

    fn poll_send_by<R>(
        &mut self,
        outgoing: &mut Option<Outgoing>,
        context: &mut Context<'_>,
        finish: fn(&mut Inner, Accepted) -> R,
    ) -> Poll<Result<R, SendError>> {
        let Self { core, place, .. } = self;
        let (result, _displaced) = core.change(|inner| {
            let Some(message) = outgoing.as_ref() else {
                // polled after its end
                return (Poll::Pending, (None, None));
            };
            let mut kept = inner.room.kept();
            if inner.machine.waits_for_room(message) {
                let has_room = inner.machine.has_room_for(message);
                let (ready, replaced) = inner.room.poll(place, message.message.len(), has_room, context);
                if ready.is_pending() {
                    return (Poll::Pending, (replaced, None));
                }
                // it is its turn: room is kept for itself, and not for those behind it
                kept = None;
            }
            let left = inner.room.leave(place);
            let Some(message) = outgoing.take() else { return (Poll::Pending, (left, None)) };
            let (sent, spent) = inner.send(message, kept, core.transport_buffer, &core.clock);
            (Poll::Ready(sent.map(|accepted| finish(inner, accepted))), (left, spent))
        });
        result
    }

    /// Ready when all messages up to this number have left the queue, or never will.
    pub(crate) fn poll_flushed(&mut self, through: u64, context: &mut Context<'_>) -> Poll<()> {
        let place = &mut self.place;
        let (is_over, _replaced) = {
            let mut inner = self.core.lock();
            match inner.machine.left_through() >= through || inner.machine.is_ended() {
                true => (true, inner.flushes.leave(place)),
                false => (false, inner.flushes.wait(place, through, context)),
            }
        };
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Ready when the socket has ended.
    pub(crate) fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let place = &mut self.place;
        let (is_over, _replaced) = {
            let mut inner = self.core.lock();
            match inner.machine.is_ended() {
                true => (true, inner.watchers.leave(place)),
                false => (false, inner.watchers.wait(place, 0, context)),
            }
        };
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    }

    /// The state, if it has changed since that many changes, and how many there are now.
    pub(crate) fn poll_state(&mut self, seen: u64, context: &mut Context<'_>) -> Poll<(u64, State)> {
        let place = &mut self.place;
        let (state, _replaced) = {
            let mut inner = self.core.lock();
            match inner.machine.changes() != seen {
                true => {
                    let state = (inner.machine.changes(), inner.machine.state().clone());
                    (Poll::Ready(state), inner.watchers.leave(place))
                }
                false => (Poll::Pending, inner.watchers.wait(place, 0, context)),
            }
        };
        state
    }

    /// The state that a wait found.
    pub(crate) fn state(&self) -> State {
        self.core.look(|machine| machine.state().clone())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Self { core, line, place } = self;
        // another may have its turn now
        let _waker = match line {
            Line::Room => core.change(|inner| inner.room.leave(place)),
            Line::State => core.lock().watchers.leave(place),
            Line::Flush => core.lock().flushes.leave(place),
        };
    }
}
