//! What a `Sink` is told of what it leaves behind: it reads no events.

use super::Machine;
use crate::{
    Message,
    reconnect::{SequenceNumber, Sequences},
};

/// Told what becomes of messages, for a `Sink` to tell. Behind `dyn`, so that only programs that use the socket
/// as a `Sink` have its code.
pub(super) trait TellSink: Send {
    /// Their connection was lost.
    fn lose(&mut self, unknown: &Sequences, reached: &Sequences);
    /// The peer has all up to a number.
    fn confirm_through(&mut self, number: u64);
    fn end(&mut self, unsent: &[(SequenceNumber, Message)]);
    fn left_over(&self) -> (Vec<(SequenceNumber, Message)>, Sequences);
}

#[derive(Default)]
struct Sink {
    /// Lost with its connection, and not known to have reached the peer.
    unknown: Sequences,
    unsent: Vec<(SequenceNumber, Message)>,
}

impl TellSink for Sink {
    fn lose(&mut self, unknown: &Sequences, reached: &Sequences) {
        let mut lost = unknown.clone();
        lost.remove_through(reached.last().map_or(0, SequenceNumber::get));
        self.unknown.extend(&lost);
    }

    fn confirm_through(&mut self, number: u64) {
        self.unknown.remove_through(number);
    }

    fn end(&mut self, unsent: &[(SequenceNumber, Message)]) {
        self.unsent = unsent.to_vec();
    }

    fn left_over(&self) -> (Vec<(SequenceNumber, Message)>, Sequences) {
        (self.unsent.clone(), self.unknown.clone())
    }
}

impl Machine {
    pub(super) fn is_a_sink(&mut self) {
        self.sink.get_or_insert_with(|| Box::new(Sink::default()));
    }

    /// All that was accepted so far is to be sent: up to which message.
    pub(crate) fn begin_flush(&mut self) -> u64 {
        self.is_a_sink();
        self.queue.accepted_through()
    }

    /// What was not sent when it ended, and what is not known to have reached the peer, if anything.
    pub(crate) fn left_over(&self) -> Option<(Vec<(SequenceNumber, Message)>, Sequences)> {
        let (unsent, unknown) = self.sink.as_ref().map(|sink| sink.left_over()).unwrap_or_default();
        (self.unsent_from.is_some() || !unknown.is_empty()).then_some((unsent, unknown))
    }

    pub(super) fn note_lost_for_sink(&mut self, unknown: &Sequences, reached: &Sequences) {
        if let Some(sink) = &mut self.sink {
            sink.lose(unknown, reached);
        }
    }
}
