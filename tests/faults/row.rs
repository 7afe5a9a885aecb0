//! The rows of the table.

use crate::support::{keep, now};
use std::time::Duration;

/// All faults, in the order of the table.
pub const FAULTS: [&str; 70] = [
    "nobody listens",
    "the name does not resolve",
    "SYN is never answered",
    "accepted, never upgraded",
    "accepted, and ended at once",
    "the upgrade comes byte by byte",
    "the upgrade is cut in the middle",
    "the upgrade is reset in the middle",
    "HTTP 200",
    "HTTP 301",
    "HTTP 401",
    "HTTP 403",
    "HTTP 404",
    "HTTP 407",
    "HTTP 429, Retry-After: 1",
    "HTTP 503, Retry-After: 1",
    "wrong accept key",
    "no Upgrade header",
    "a subprotocol that was not offered",
    "an extension that was not offered",
    "TLS: unknown authority",
    "TLS: expired",
    "TLS: another host's",
    "TLS: old version",
    "TLS: plain HTTP at the port",
    "reset between messages",
    "reset in a frame",
    "reset in a message",
    "ended without a close frame",
    "ended in a frame",
    "a message over the limit",
    "a header of 1 GiB, and then the end",
    "a header of 4 EiB, and no body",
    "text that is not UTF-8",
    "a fragmented ping",
    "a ping of 126 bytes",
    "reserved bits",
    "an unknown opcode",
    "a masked frame",
    "a continuation of nothing",
    "a message within a fragmented one",
    "a close frame of 1 byte",
    "a close reason that is not UTF-8",
    "a flood of 100 000 messages",
    "the close is not answered",
    "two closes cross",
    "close 1000",
    "close 1001",
    "close 1002",
    "close 1003",
    "close 1004",
    "close 1005",
    "close 1006",
    "close 1007",
    "close 1008",
    "close 1009",
    "close 1010",
    "close 1011",
    "close 1012",
    "close 1013",
    "close 1014",
    "close 1015",
    "close 3000",
    "close 4000",
    "close 4999",
    "half-open: nothing arrives any more",
    "frozen: the peer reads nothing",
    "an idle cut by a proxy",
    "sleep of an hour, and the clock jumps",
    "a restart under load, 20 sockets",
];

/// What a user of a socket sees of a fault.
pub struct Row {
    pub fault: &'static str,
    pub socket: &'static str,
    pub sees: String,
    pub noticed: Option<Duration>,
    pub recovered: Option<Duration>,
    /// What became of the message that was sent.
    pub message: &'static str,
}

impl Row {
    /// Leaves it at the server, for the table.
    pub async fn keep(self) {
        let Self { fault, socket, sees, noticed, recovered, message } = self;
        let index = FAULTS.iter().position(|known| *known == fault).expect("a fault of the list");
        let seed = 2 * index as u64 + u64::from(socket != "plain");
        let row = [fault, socket, &sees, &told(noticed), &told(recovered), message].join("\u{1f}");
        keep("faults-", seed, row).await;
    }
}

/// To two digits: more would tell of the machine and its load.
fn told(time: Option<Duration>) -> String {
    match time.map(|time| time.as_millis()) {
        None => "–".to_owned(),
        Some(milliseconds) if milliseconds < 10 => "< 10 ms".to_owned(),
        Some(milliseconds) if milliseconds < 100 => format!("{} ms", milliseconds / 10 * 10),
        Some(milliseconds) if milliseconds < 1000 => format!("{} ms", milliseconds / 100 * 100),
        Some(milliseconds) => format!("{}.{} s", milliseconds / 1000, milliseconds / 100 % 10),
    }
}

/// Time from its making on.
pub struct Watch(Duration);

impl Watch {
    pub fn start() -> Self {
        Self(now())
    }

    pub fn elapsed(&self) -> Duration {
        now().saturating_sub(self.0)
    }
}
