//! The chat without its window: what was said, and what became of what one said oneself.

use crate::{
    said::{Author, Said},
    status::Status,
};
use eversocket::{
    CallbackGuard, MaybeSend, ReconnectingWebSocket,
    reconnect::{Ended, Event, Json, JsonEvent, SequenceNumber, Sequences, State},
};

/// How many lines are kept.
const KEPT: usize = 1000;

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It has come from the room, where everybody has it.
    Heard,
    /// It has not come back from the room yet; the socket gave it this number.
    Pending(SequenceNumber),
    /// The connection that it was handed to was lost, so that the room may have it or not.
    Unknown,
    NotSent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub said: Said,
    pub is_own: bool,
    pub fate: Fate,
}

pub struct Chat {
    socket: Json<Said>,
    status: Status,
    author: Author,
    /// In the room's order; own ones which the room has not confirmed are where they were said.
    lines: Vec<Line>,
}

impl Chat {
    pub fn new(socket: ReconnectingWebSocket) -> Self {
        Self { status: Status::new(socket.state()), socket: socket.json(), author: Author::new(), lines: Vec::new() }
    }

    /// Calls the function whenever there is something for [`look`](Self::look).
    pub fn on_wake(&self, function: impl FnMut() + MaybeSend + 'static) -> CallbackGuard {
        self.socket.socket().on_wake(function)
    }

    /// Takes in what has happened.
    pub fn look(&mut self) {
        while let Some(event) = self.socket.try_next() {
            match event {
                JsonEvent::Message(Ok(said)) => self.hear(said),
                // not of this chat
                JsonEvent::Message(Err(_)) => {}
                JsonEvent::Other(Event::State(state)) => self.status.follow(state),
                // it has been unknown since the interruption, but now it will hardly come back any more
                JsonEvent::Other(Event::Gap(gap)) => self.settle(&gap.unknown, Fate::Unknown),
                JsonEvent::Other(Event::Dropped(dropped)) => self.settle(&dropped.messages, Fate::NotSent),
                JsonEvent::Other(Event::Ended(ended)) => self.end(ended),
                JsonEvent::Other(_) => {}
            }
        }
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub fn status(&self) -> &Status {
        &self.status
    }

    /// A name for who has not chosen one.
    pub fn guest(&self) -> String {
        self.author.guest()
    }

    pub fn say(&mut self, from: &str, text: &str) {
        let said = self.author.say(from, text);
        self.put(said);
        self.forget_oldest();
    }

    /// Sends a message again, as the same one, so that who has it already need not show it twice.
    pub fn say_again(&mut self, id: &str) {
        if let Some(index) = self.lines.iter().position(|line| line.said.id == id) {
            let said = self.lines.remove(index).said;
            self.put(said);
        }
    }

    pub fn reconnect_now(&self) {
        self.socket.handle().reconnect_now();
    }

    /// Says goodbye, and waits for it to have left; the socket's `close_timeout` is the limit.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn leave(&mut self) {
        // 1000 may always be sent
        let _allowed = self.socket.socket().close_with(1000, "");
        futures::executor::block_on(self.socket.socket_mut().ended());
    }

    fn put(&mut self, said: Said) {
        let fate = self.socket.send(&said).map_or(Fate::NotSent, Fate::Pending);
        self.lines.push(Line { said, is_own: true, fate });
    }

    fn hear(&mut self, said: Said) {
        let known = self.lines.iter().position(|line| line.said.id == said.id);
        let is_own = match known.map(|index| (index, self.lines[index].fate)) {
            // said again, though it had arrived
            Some((_, Fate::Heard)) => return,
            Some((index, _)) => self.lines.remove(index).is_own,
            None => false,
        };
        let place = self.lines.iter().position(|line| matches!(line.fate, Fate::Pending(_)));
        self.lines.insert(place.unwrap_or(self.lines.len()), Line { said, is_own, fate: Fate::Heard });
        self.forget_oldest();
    }

    fn settle(&mut self, messages: &Sequences, fate: Fate) {
        for line in &mut self.lines {
            if matches!(line.fate, Fate::Pending(number) if messages.contains(number)) {
                line.fate = fate;
            }
        }
    }

    fn end(&mut self, ended: Ended) {
        self.settle(&ended.unsent.iter().map(|(number, _)| number.get()).collect(), Fate::NotSent);
        for line in &mut self.lines {
            // handed over, and what came back did so before
            if matches!(line.fate, Fate::Pending(_)) {
                line.fate = Fate::Unknown;
            }
        }
        self.status.follow(State::Ended(ended.cause));
    }

    /// Never those that wait for something.
    fn forget_oldest(&mut self) {
        if self.lines.len() > KEPT
            && let Some(oldest) = self.lines.iter().position(|line| line.fate == Fate::Heard)
        {
            self.lines.remove(oldest);
        }
    }
}
