//! What a contestant is told to do.

use std::{fmt, str::FromStr};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Text,
    Binary,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    Receive {
        server: String,
        kind: Kind,
        size: usize,
        count: usize,
    },
    Send {
        server: String,
        kind: Kind,
        size: usize,
        count: usize,
    },
    Feed {
        server: String,
        kind: Kind,
        size: usize,
        count: usize,
    },
    /// Messages that are worth compressing, where each may repeat what was in those before it, or not.
    ReceiveSamples {
        server: String,
        context: bool,
        count: usize,
    },
    SendSamples {
        server: String,
        context: bool,
        count: usize,
    },
    RoundTrips {
        server: String,
        size: usize,
        count: usize,
    },
    Connect {
        server: String,
        count: usize,
    },
    /// Holds so many connections that are idle.
    Idle {
        server: String,
        count: usize,
    },
    /// Is flooded, and reads nothing.
    Stall {
        server: String,
        size: usize,
    },
    /// Loses its connection and has another, so often.
    Reconnect {
        server: String,
        count: usize,
    },
}

impl Job {
    /// From the arguments of a contestant.
    ///
    /// # Panics
    ///
    /// If they are none: the arena alone starts contestants.
    pub fn read(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut next = || arguments.next().unwrap_or_default();
        let (server, what) = (next(), next());
        let kind = if next() == "text" { Kind::Text } else { Kind::Binary };
        let (size, count) = (number(&next()), number(&next()));
        match &*what {
            "receive" => Self::Receive { server, kind, size, count },
            "send" => Self::Send { server, kind, size, count },
            "feed" => Self::Feed { server, kind, size, count },
            "receive-samples" => Self::ReceiveSamples { server, context: size == 1, count },
            "send-samples" => Self::SendSamples { server, context: size == 1, count },
            "round-trips" => Self::RoundTrips { server, size, count },
            "connect" => Self::Connect { server, count },
            "idle" => Self::Idle { server, count },
            "stall" => Self::Stall { server, size },
            "reconnect" => Self::Reconnect { server, count },
            other => panic!("`{other}` is no job"),
        }
    }

    /// What `read` reads.
    pub fn arguments(&self) -> [String; 5] {
        let (what, kind, size) = match self {
            Self::Receive { kind, size, .. } => ("receive", *kind, *size),
            Self::Send { kind, size, .. } => ("send", *kind, *size),
            Self::Feed { kind, size, .. } => ("feed", *kind, *size),
            Self::ReceiveSamples { context, .. } => ("receive-samples", Kind::Text, usize::from(*context)),
            Self::SendSamples { context, .. } => ("send-samples", Kind::Text, usize::from(*context)),
            Self::RoundTrips { size, .. } => ("round-trips", Kind::Binary, *size),
            Self::Connect { .. } => ("connect", Kind::Binary, 0),
            Self::Idle { .. } => ("idle", Kind::Binary, 0),
            Self::Stall { size, .. } => ("stall", Kind::Binary, *size),
            Self::Reconnect { .. } => ("reconnect", Kind::Binary, 0),
        };
        [self.server().to_owned(), what.to_owned(), kind.to_string(), size.to_string(), self.count().to_string()]
    }

    pub fn server(&self) -> &str {
        match self {
            Self::Receive { server, .. }
            | Self::Send { server, .. }
            | Self::Feed { server, .. }
            | Self::ReceiveSamples { server, .. }
            | Self::SendSamples { server, .. }
            | Self::RoundTrips { server, .. }
            | Self::Connect { server, .. }
            | Self::Idle { server, .. }
            | Self::Stall { server, .. }
            | Self::Reconnect { server, .. } => server,
        }
    }

    /// Of messages, or of connections.
    pub fn count(&self) -> usize {
        match *self {
            Self::Receive { count, .. }
            | Self::Send { count, .. }
            | Self::Feed { count, .. }
            | Self::ReceiveSamples { count, .. }
            | Self::SendSamples { count, .. }
            | Self::RoundTrips { count, .. }
            | Self::Connect { count, .. }
            | Self::Idle { count, .. }
            | Self::Reconnect { count, .. } => count,
            Self::Stall { .. } => 1,
        }
    }
}

fn number(text: &str) -> usize {
    usize::from_str(text).unwrap_or_else(|_| panic!("`{text}` is no number"))
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Text => "text",
            Self::Binary => "binary",
        })
    }
}
