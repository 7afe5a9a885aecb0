//! What a `Sink` is told of what it leaves behind: it reads no events.

use super::Machine;
use crate::{
    Message,
    reconnect::{SequenceNumber, Sequences},
};

#[derive(Debug, Default)]
pub(super) struct Sink {
    /// Lost with its connection, and not known to have reached the peer.
    pub(super) unknown: Sequences,
    pub(super) unsent: Vec<(SequenceNumber, Message)>,
}

impl Machine {
    /// All that was accepted so far is to be sent: up to which message.
    pub(crate) fn begin_flush(&mut self) -> u64 {
        self.sink.get_or_insert_default();
        self.queue.accepted_through()
    }

    /// What was not sent when it ended, and what is not known to have reached the peer, if anything.
    pub(crate) fn left_over(&self) -> Option<(Vec<(SequenceNumber, Message)>, Sequences)> {
        let (unsent, unknown) =
            self.sink.as_ref().map(|sink| (sink.unsent.clone(), sink.unknown.clone())).unwrap_or_default();
        (self.unsent_from.is_some() || !unknown.is_empty()).then_some((unsent, unknown))
    }

    pub(super) fn note_lost_for_sink(&mut self, unknown: &Sequences, reached: &Sequences) {
        if let Some(sink) = &mut self.sink {
            let mut lost = unknown.clone();
            lost.remove_through(reached.last().map_or(0, SequenceNumber::get));
            sink.unknown.extend(&lost);
        }
    }
}
