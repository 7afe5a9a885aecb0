//! The socket's state, for people.

use eversocket::reconnect::{State, Waiting};
use std::fmt;

/// The socket's state, and whether it has ever been open: what is "connecting" at first is
/// "reconnecting" later.
#[derive(Debug, Clone)]
pub struct Status {
    state: State,
    was_open: bool,
}

impl Status {
    pub fn new(state: State) -> Self {
        Self { was_open: state.is_open(), state }
    }

    pub fn follow(&mut self, state: State) {
        self.was_open |= state.is_open();
        self.state = state;
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Open => formatter.write_str("connected"),
            State::Connecting { attempt }
            | State::Handshaking { attempt }
            | State::Waiting(Waiting { next_attempt: attempt, .. })
                if self.was_open =>
            {
                write!(formatter, "reconnecting (attempt {attempt})")
            }
            State::Connecting { .. } | State::Handshaking { .. } | State::Waiting(_) => {
                formatter.write_str("connecting")
            }
            State::Offline => formatter.write_str("offline"),
            State::Ended(cause) => write!(formatter, "closed: {cause}"),
            State::Paused(_) => formatter.write_str("paused"),
            other => write!(formatter, "{other}"),
        }
    }
}
