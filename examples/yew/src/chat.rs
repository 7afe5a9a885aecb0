//! What has been said, and what became of what was said here.

use eversocket::reconnect::{Event, SequenceNumber, Sequences, State};
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use yew::Reducible;

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

#[derive(Clone, Default)]
pub struct Chat {
    pub lines: Vec<Line>,
    pub was_open: bool,
}

pub enum Action {
    /// Sent from here under that number, or refused.
    Say(Said, Option<SequenceNumber>),
    Hear(Said),
    Happen(Event),
}

impl Reducible for Chat {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut chat = Rc::unwrap_or_clone(self);
        match action {
            Action::Say(said, number) => chat.put(said, number.map_or(Fate::NotSent, Fate::Pending)),
            Action::Hear(said) => chat.put(said, Fate::Said),
            Action::Happen(event) => chat.happen(&event),
        }
        Rc::new(chat)
    }
}

impl Chat {
    /// In its place if it is there already: it came back, or is said again.
    fn put(&mut self, said: Said, fate: Fate) {
        match self.lines.iter_mut().find(|line| line.said.id == said.id) {
            Some(line) => line.fate = fate,
            None => self.lines.push(Line { said, fate }),
        }
    }

    fn happen(&mut self, event: &Event) {
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
                line.fate = fate;
            }
        }
    }
}
