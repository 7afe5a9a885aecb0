//! What has been said, and what became of what was said here.

use eversocket::reconnect::{Event, SequenceNumber, Sequences, State};
use serde::{Deserialize, Serialize};

/// A message, as the room has it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Said {
    pub from: String,
    pub text: String,
    pub id: String,
}

#[derive(Clone, PartialEq)]
pub struct Line {
    pub said: Said,
    pub fate: Fate,
    /// It was sent before, and may have arrived.
    is_repeated: bool,
}

impl Line {
    fn settle(&mut self, fate: Fate) {
        self.fate = if fate == Fate::NotSent && self.is_repeated { Fate::Unknown } else { fate };
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum Fate {
    /// The room has it.
    Said,
    /// It was sent, and has not come back yet.
    Pending(SequenceNumber),
    /// Its connection was lost before it came back.
    Unknown,
    NotSent,
}

#[derive(Default)]
pub struct Chat {
    pub lines: Vec<Line>,
    pub was_open: bool,
}

impl Chat {
    /// Sent from here under that number, or refused.
    pub fn say(&mut self, said: Said, number: Option<SequenceNumber>) {
        let fate = number.map_or(Fate::NotSent, Fate::Pending);
        match self.line(&said.id) {
            Some(line) => {
                line.is_repeated = true;
                line.settle(fate);
            }
            None => self.lines.push(Line { said, fate, is_repeated: false }),
        }
    }

    pub fn hear(&mut self, said: Said) {
        match self.line(&said.id) {
            Some(line) => line.settle(Fate::Said),
            None => self.lines.push(Line { said, fate: Fate::Said, is_repeated: false }),
        }
    }

    fn line(&mut self, id: &str) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.said.id == id)
    }

    pub fn happen(&mut self, event: &Event) {
        match event {
            Event::State(State::Open) => self.was_open = true,
            // connected again: what had not come back does not come any more
            Event::Gap(gap) => self.settle(Fate::Unknown, |number| gap.unknown.contains(number)),
            Event::Dropped(dropped) => self.settle(Fate::NotSent, |number| dropped.messages.contains(number)),
            Event::Ended(ended) => {
                let unsent: Sequences = ended.unsent.iter().map(|(number, _)| number.get()).collect();
                self.settle(Fate::NotSent, |number| unsent.contains(number));
                self.settle(Fate::Unknown, |_| true);
            }
            _ => {}
        }
    }

    fn settle(&mut self, fate: Fate, is_meant: impl Fn(SequenceNumber) -> bool) {
        for line in &mut self.lines {
            if matches!(line.fate, Fate::Pending(number) if is_meant(number)) {
                line.settle(fate);
            }
        }
    }
}
