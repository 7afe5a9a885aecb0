//! Own messages that have not come back from the room.

use crate::said::Said;
use eversocket::reconnect::{SequenceNumber, Sequences};

#[derive(Default)]
pub struct Outbox(Vec<Own>);

struct Own {
    said: Said,
    /// While it is pending. One that is not may be said again.
    number: Option<SequenceNumber>,
}

impl Outbox {
    pub fn put(&mut self, said: Said, number: SequenceNumber) {
        self.0.push(Own { said, number: Some(number) });
    }

    /// It has come back; whether it was an own one.
    pub fn arrived(&mut self, id: &str) -> bool {
        self.0.extract_if(.., |own| own.said.id == id).count() > 0
    }

    /// Of those that were pending and now are not, the ids.
    pub fn settle(&mut self, messages: &Sequences) -> Vec<String> {
        self.settle_where(|number| messages.contains(number))
    }

    pub fn settle_all(&mut self) -> Vec<String> {
        self.settle_where(|_| true)
    }

    fn settle_where(&mut self, is_settled: impl Fn(SequenceNumber) -> bool) -> Vec<String> {
        let settled = self.0.iter_mut().filter(|own| own.number.is_some_and(&is_settled));
        settled
            .map(|own| {
                own.number = None;
                own.said.id.clone()
            })
            .collect()
    }

    /// One that may be said again.
    pub fn lost(&self, id: &str) -> Option<Said> {
        self.0.iter().find(|own| own.said.id == id && own.number.is_none()).map(|own| own.said.clone())
    }
}
