//! What is run.

use crate::contestants::Contestant;
use course::{Job, Kind};

/// One column of the table.
pub struct Event {
    pub name: &'static str,
    job: fn(String) -> Job,
    /// Who takes part, but for the floor, which does always.
    pub takes: fn(&Contestant) -> bool,
}

fn all(_: &Contestant) -> bool {
    true
}

fn who_feeds(contestant: &Contestant) -> bool {
    contestant.feeds
}

/// Its loop sends one message every 10 ms.
fn all_but_who_polls(contestant: &Contestant) -> bool {
    contestant.name != "ewebsock"
}

macro_rules! receive {
    ($name:literal, $kind:ident, $size:literal, $count:literal) => {
        Event {
            name: $name,
            job: |server| Job::Receive { server, kind: Kind::$kind, size: $size, count: $count },
            takes: all,
        }
    };
}

macro_rules! send {
    ($name:literal, $job:ident, $size:literal, $count:literal, $takes:ident) => {
        Event {
            name: $name,
            job: |server| Job::$job { server, kind: Kind::Binary, size: $size, count: $count },
            takes: $takes,
        }
    };
}

pub const ALL: [Event; 12] = [
    receive!("receive 64 B", Binary, 64, 2_000),
    receive!("receive 64 B text", Text, 64, 2_000),
    receive!("receive 1 KiB", Binary, 1024, 2_000),
    receive!("receive 64 KiB", Binary, 65_536, 200),
    receive!("receive 1 MiB", Binary, 1_048_576, 20),
    send!("loop of send, 64 B", Send, 64, 1_000, all_but_who_polls),
    send!("loop of send, 1 KiB", Send, 1024, 1_000, all_but_who_polls),
    send!("loop of send, 64 KiB", Send, 65_536, 100, all_but_who_polls),
    send!("queue, one flush, 64 B", Feed, 64, 2_000, who_feeds),
    send!("queue, one flush, 1 KiB", Feed, 1024, 2_000, who_feeds),
    Event {
        name: "round trips, 64 B",
        job: |server| Job::RoundTrips { server, size: 64, count: 500 },
        takes: all_but_who_polls,
    },
    Event { name: "connects", job: |server| Job::Connect { server, count: 100 }, takes: all_but_who_polls },
];

impl Event {
    pub fn job(&self, server: &str) -> Job {
        (self.job)(server.to_owned())
    }
}
