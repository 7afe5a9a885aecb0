//! Contents of messages that were handed over, kept for an owner who may want to send them again.

use crate::{Message, reconnect::SequenceNumber};
use std::{collections::VecDeque, fmt};

/// Keeps contents. Behind `dyn`, so that only programs that ask for it have its code.
pub(crate) trait Retain: fmt::Debug + Send {
    /// Keeps the content of a message that was handed to the link that is open.
    fn keep(&mut self, number: u64, message: Message);
    /// The peer's application has all of this link up to a number.
    fn forget_current_through(&mut self, through: u64);
    /// It has all of former links up to a number.
    fn forget_lost_through(&mut self, through: u64);
    /// The link is lost.
    fn lose(&mut self);
    /// What was handed to links that were lost, in order; it is kept no more.
    fn take_lost(&mut self) -> Vec<(SequenceNumber, Message)>;
    /// What is kept no more, to be dropped where no lock is held.
    fn take_forgotten(&mut self) -> Vec<Message>;
}

/// The newest messages of unknown fate, up to a bound of bytes.
#[derive(Debug, Default)]
pub(crate) struct Retention {
    limit: u64,
    /// Bytes of payload.
    bytes: u64,
    /// Handed to a link that was lost, and not taken since.
    lost: VecDeque<(u64, Message)>,
    /// Handed to the link that is open.
    current: VecDeque<(u64, Message)>,
    forgotten: Vec<Message>,
}

impl Retention {
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, ..Self::default() }
    }

    /// What the places of messages weigh, of which a queue may have twice as many as it needs.
    fn places(&self) -> u64 {
        2 * ((self.lost.len() + self.current.len()) * size_of::<(u64, Message)>()) as u64
    }

    fn forget(&mut self, messages: impl IntoIterator<Item = (u64, Message)>) {
        for (_, message) in messages {
            self.bytes -= message.len();
            self.forgotten.push(message);
        }
    }
}

/// Takes out all up to a number.
fn through(messages: &mut VecDeque<(u64, Message)>, number: u64) -> Vec<(u64, Message)> {
    let count = messages.partition_point(|(other, _)| *other <= number);
    messages.drain(..count).collect()
}

impl Retain for Retention {
    fn keep(&mut self, number: u64, message: Message) {
        self.bytes += message.len();
        self.current.push_back((number, message));
        while self.bytes + self.places() > self.limit {
            let Some(oldest) = self.lost.pop_front().or_else(|| self.current.pop_front()) else { break };
            self.forget([oldest]);
        }
    }

    fn forget_current_through(&mut self, number: u64) {
        let messages = through(&mut self.current, number);
        self.forget(messages);
    }

    fn forget_lost_through(&mut self, number: u64) {
        let messages = through(&mut self.lost, number);
        self.forget(messages);
    }

    fn lose(&mut self) {
        self.lost.append(&mut self.current);
    }

    fn take_lost(&mut self) -> Vec<(SequenceNumber, Message)> {
        let taken = std::mem::take(&mut self.lost);
        self.bytes -= taken.iter().map(|(_, message)| message.len()).sum::<u64>();
        taken.into_iter().map(|(number, message)| (SequenceNumber(number), message)).collect()
    }

    fn take_forgotten(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.forgotten)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::delivery::Delivery, *};

    #[test]
    fn contents_are_kept_up_to_a_bound_and_given_once() {
        let place = size_of::<(u64, Message)>() as u64;
        let mut delivery = Delivery::retaining(Some(Box::new(Retention::new(3 * (2 * place + 20)))));
        for number in 1..=100_000_u64 {
            delivery.hand_over(number);
            assert!(delivery.keep(number, vec![0; 10].into()).is_none());
            delivery.take_forgotten();
        }
        delivery.deliver(99_998);
        delivery.lose();
        delivery.hand_over(100_001);
        assert!(delivery.keep(100_001, "on the next link".into()).is_none());
        let kept: Vec<u64> = delivery.take_unknown().iter().map(|(number, _)| number.get()).collect();
        assert_eq!(kept, [99_999, 100_000]);
        assert!(delivery.take_unknown().is_empty());
        delivery.lose();
        assert_eq!(delivery.take_unknown(), [(SequenceNumber(100_001), "on the next link".into())]);
    }
}
