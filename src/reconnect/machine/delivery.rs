//! What was handed to the link, and what is known of its arrival.

use crate::{
    Message,
    reconnect::{SequenceNumber, Sequences},
};
use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(super) struct Delivery {
    /// Handed to the link that is open.
    handed_over: Sequences,
    /// Of those, what the peer's application is not known to have.
    in_flight: Sequences,
    /// The newest that the peer's WebSocket layer has.
    reached: u64,
    /// The newest that the peer's application has.
    delivered: u64,
    /// The newest of all that were handed over.
    newest: u64,
    retention: Retention,
}

/// What was under way on a link that was lost.
pub(super) struct Lost {
    pub(super) handed_over: Sequences,
    pub(super) unknown: Sequences,
    pub(super) reached: Sequences,
}

impl Delivery {
    pub(super) fn retaining(bytes: u64) -> Self {
        Self { retention: Retention { limit: bytes, ..Retention::default() }, ..Self::default() }
    }

    pub(super) fn retains(&self) -> bool {
        self.retention.limit > 0
    }

    /// Takes note that a message was handed over; gives back what of it is not kept.
    pub(super) fn hand_over(&mut self, number: u64, message: Option<Message>) -> Option<Message> {
        self.newest = number;
        self.handed_over.insert(number);
        self.in_flight.insert(number);
        match message {
            Some(message) if self.retains() => {
                self.retention.keep(number, message);
                None
            }
            message => message,
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
        self.in_flight.remove_through(through);
        self.retention.forget_current_through(through);
    }

    /// The application says that its peer has all up to a number, on whichever link; gives back that
    /// number, which is none beyond what was handed over.
    pub(super) fn confirm(&mut self, through: u64) -> u64 {
        let through = through.min(self.newest);
        // not one that was dropped in between
        let newest = self.handed_over.through(through).last().map_or(through, SequenceNumber::get);
        self.deliver(newest);
        self.retention.forget_lost_through(newest);
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
        let unknown = std::mem::take(&mut self.in_flight);
        let reached = unknown.through(self.reached);
        self.retention.lose();
        Lost { handed_over: std::mem::take(&mut self.handed_over), unknown, reached }
    }

    /// The messages of unknown fate whose contents were kept, in order, and what is left over.
    pub(super) fn take_unknown(&mut self) -> Vec<(SequenceNumber, Message)> {
        let taken = std::mem::take(&mut self.retention.lost);
        self.retention.bytes -= taken.iter().map(|(_, message)| message.len()).sum::<u64>();
        taken.into_iter().map(|(number, message)| (SequenceNumber(number), message)).collect()
    }

    pub(super) fn has_forgotten(&self) -> bool {
        !self.retention.forgotten.is_empty()
    }

    /// What is kept no more, to be dropped where no lock is held.
    pub(super) fn take_forgotten(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.retention.forgotten)
    }
}

/// Contents of messages of unknown fate, the newest up to a bound of bytes.
#[derive(Debug, Default)]
struct Retention {
    /// None are kept if it is zero.
    limit: u64,
    /// Bytes of payload, and a constant a message.
    bytes: u64,
    /// Handed to a link that was lost, and not taken since.
    lost: VecDeque<(u64, Message)>,
    /// Handed to the link that is open.
    current: VecDeque<(u64, Message)>,
    forgotten: Vec<Message>,
}

impl Retention {
    fn keep(&mut self, number: u64, message: Message) {
        self.bytes += message.len();
        self.current.push_back((number, message));
        while self.bytes + self.places() > self.limit {
            let Some((_, oldest)) = self.lost.pop_front().or_else(|| self.current.pop_front()) else { break };
            self.forget(oldest);
        }
    }

    /// What the places of messages weigh, of which a queue may have twice as many as it needs.
    fn places(&self) -> u64 {
        2 * ((self.lost.len() + self.current.len()) * size_of::<(u64, Message)>()) as u64
    }

    fn forget(&mut self, message: Message) {
        self.bytes -= message.len();
        self.forgotten.push(message);
    }

    fn forget_current_through(&mut self, through: u64) {
        let count = self.current.partition_point(|(number, _)| *number <= through);
        let forgotten: Vec<_> = self.current.drain(..count).collect();
        forgotten.into_iter().for_each(|(_, message)| self.forget(message));
    }

    fn forget_lost_through(&mut self, through: u64) {
        let count = self.lost.partition_point(|(number, _)| *number <= through);
        let forgotten: Vec<_> = self.lost.drain(..count).collect();
        forgotten.into_iter().for_each(|(_, message)| self.forget(message));
    }

    fn lose(&mut self) {
        self.lost.append(&mut self.current);
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
        (1..=5).for_each(|number| drop(delivery.hand_over(number, None)));
        delivery.deliver(1);
        delivery.reach(3);
        assert!(delivery.has_unproven());
        let lost = delivery.lose();
        assert_eq!(numbers(&lost.handed_over), [1, 2, 3, 4, 5]);
        assert_eq!((numbers(&lost.unknown), numbers(&lost.reached)), (vec![2, 3, 4, 5], vec![2, 3]));
        assert!(!delivery.has_unproven() && delivery.lose().handed_over.is_empty());
    }

    #[test]
    fn contents_are_kept_up_to_a_bound_and_given_once() {
        let place = size_of::<(u64, Message)>() as u64;
        let mut delivery = Delivery::retaining(3 * (2 * place + 20));
        for number in 1..=100_000_u64 {
            assert!(delivery.hand_over(number, Some(vec![0; 10].into())).is_none());
            delivery.take_forgotten();
        }
        delivery.deliver(99_998);
        delivery.lose();
        delivery.hand_over(100_001, Some("on the next link".into()));
        let kept: Vec<u64> = delivery.take_unknown().iter().map(|(number, _)| number.get()).collect();
        assert_eq!(kept, [99_999, 100_000]);
        assert!(delivery.take_unknown().is_empty());
        delivery.lose();
        assert_eq!(delivery.take_unknown(), [(SequenceNumber(100_001), "on the next link".into())]);
        assert_eq!(delivery.retention.bytes, 0);
    }
}
