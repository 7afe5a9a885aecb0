//! What became of each message that was sent from this page. All that was accepted has returned,
//! waits, is of unknown fate, was dropped or was given back: the numbers add up.

use eversocket::reconnect::{SequenceNumber, Sequences};
use std::collections::HashMap;

#[derive(Default)]
pub(crate) struct Tally {
    next: u64,
    /// Until their fate is known, by the number in their text: which they are, and when they were
    /// sent, unless they had to wait.
    pending: HashMap<u64, (SequenceNumber, Option<f64>)>,
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
    pub(crate) returned: u64,
    pub(crate) unknown: u64,
    pub(crate) dropped: u64,
    pub(crate) given_back: u64,
}

impl Tally {
    /// The text with its number, which the echo tells again.
    pub(crate) fn number(&mut self, text: &str) -> (u64, String) {
        self.next += 1;
        (self.next, format!("#{} {text}", self.next))
    }

    pub(crate) fn accept(&mut self, number: u64, sequence: SequenceNumber, sent: Option<f64>) {
        self.accepted += 1;
        self.pending.insert(number, (sequence, sent));
    }

    /// Which message is echoed, if one is, and the milliseconds from the sending to the echo, if it did
    /// not wait for a connection.
    pub(crate) fn hear(&mut self, text: &str, now: f64) -> Option<(SequenceNumber, Option<f64>)> {
        let number = text.strip_prefix('#')?.split(' ').next()?.parse().ok()?;
        let (sequence, sent) = self.pending.remove(&number)?;
        self.returned += 1;
        Some((sequence, sent.map(|sent| now - sent)))
    }

    pub(crate) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Their connection was lost, and no echo will come.
    pub(crate) fn lose(&mut self, which: &Sequences) {
        self.unknown += self.remove(|sequence| which.contains(sequence));
    }

    pub(crate) fn drop_all(&mut self, which: &Sequences) {
        self.dropped += self.remove(|sequence| which.contains(sequence));
    }

    pub(crate) fn end(&mut self, unsent: &[SequenceNumber]) {
        self.given_back += self.remove(|sequence| unsent.contains(&sequence));
        self.unknown += self.remove(|_| true);
    }

    fn remove(&mut self, is_meant: impl Fn(SequenceNumber) -> bool) -> u64 {
        let before = self.pending.len();
        self.pending.retain(|_, (sequence, _)| !is_meant(*sequence));
        (before - self.pending.len()) as u64
    }
}
