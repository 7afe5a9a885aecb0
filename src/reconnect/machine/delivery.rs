//! What was handed to the link, and what is known of its arrival.

use super::Retain;
use crate::{
    Message,
    reconnect::{SequenceNumber, Sequences},
};

#[derive(Debug, Default)]
pub(super) struct Delivery {
    /// Handed to the link that is open.
    handed_over: Sequences,
    /// The newest that the peer's WebSocket layer has.
    reached: u64,
    /// The newest that the peer's application has.
    delivered: u64,
    /// The newest of all that were handed over.
    newest: u64,
    retention: Option<Box<dyn Retain>>,
}

/// What was under way on a link that was lost.
pub(super) struct Lost {
    pub(super) handed_over: Sequences,
    pub(super) unknown: Sequences,
    pub(super) reached: Sequences,
}

impl Delivery {
    pub(super) fn retaining(retention: Option<Box<dyn Retain>>) -> Self {
        Self { retention, ..Self::default() }
    }

    pub(super) fn retains(&self) -> bool {
        self.retention.is_some()
    }

    /// Takes note that a message was handed over.
    pub(super) fn hand_over(&mut self, number: u64) {
        self.newest = number;
        self.handed_over.insert(number);
    }

    /// Keeps the content of a message that was handed over, or gives it back.
    pub(super) fn keep(&mut self, number: u64, message: Message) -> Option<Message> {
        match &mut self.retention {
            Some(retention) => {
                retention.keep(number, message);
                None
            }
            None => Some(message),
        }
    }

    /// The peer's WebSocket layer has all up to a number.
    pub(super) fn reach(&mut self, through: u64) {
        self.reached = self.reached.max(through);
    }

    /// The peer's application has all of this link up to a number.
    pub(super) fn deliver(&mut self, through: u64) {
        self.delivered = self.delivered.max(through);
        self.reach(through);
        if let Some(retention) = &mut self.retention {
            retention.forget_current_through(through);
        }
    }

    /// The application says that its peer has all up to a number, on whichever link; gives back that
    /// number, which is none beyond what was handed over.
    pub(super) fn confirm(&mut self, through: u64) -> u64 {
        let through = through.min(self.newest);
        // not one that was dropped in between
        let newest = self.handed_over.through(through).last().map_or(through, SequenceNumber::get);
        self.deliver(newest);
        if let Some(retention) = &mut self.retention {
            retention.forget_lost_through(newest);
        }
        newest
    }

    pub(super) fn reached(&self) -> u64 {
        self.reached
    }

    pub(super) fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Whether something was handed over that is not even known to have reached the peer.
    pub(super) fn has_unproven(&self) -> bool {
        self.handed_over.last().is_some_and(|last| last.get() > self.reached)
    }

    /// The newest on this link.
    pub(super) fn last(&self) -> Option<u64> {
        self.handed_over.last().map(SequenceNumber::get)
    }

    /// The link is lost.
    pub(super) fn lose(&mut self) -> Lost {
        let handed_over = std::mem::take(&mut self.handed_over);
        let mut unknown = handed_over.clone();
        unknown.remove_through(self.delivered);
        let reached = unknown.through(self.reached);
        if let Some(retention) = &mut self.retention {
            retention.lose();
        }
        Lost { handed_over, unknown, reached }
    }

    /// The messages of unknown fate whose contents were kept, in order.
    pub(super) fn take_unknown(&mut self) -> Vec<(SequenceNumber, Message)> {
        self.retention.as_mut().map(|retention| retention.take_lost()).unwrap_or_default()
    }

    /// What is kept no more, to be dropped where no lock is held.
    pub(super) fn take_forgotten(&mut self) -> Vec<Message> {
        self.retention.as_mut().map(|retention| retention.take_forgotten()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(sequences: &Sequences) -> Vec<u64> {
        sequences.iter().map(SequenceNumber::get).collect()
    }

    #[test]
    fn what_reached_the_peer_is_not_delivered() {
        let mut delivery = Delivery::default();
        (1..=5).for_each(|number| delivery.hand_over(number));
        delivery.deliver(1);
        delivery.reach(3);
        assert!(delivery.has_unproven());
        let lost = delivery.lose();
        assert_eq!(numbers(&lost.handed_over), [1, 2, 3, 4, 5]);
        assert_eq!((numbers(&lost.unknown), numbers(&lost.reached)), (vec![2, 3, 4, 5], vec![2, 3]));
        assert!(!delivery.has_unproven() && delivery.lose().handed_over.is_empty());
    }
}
