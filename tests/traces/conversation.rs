//! What a client and a server do to each other, generated from a seed.
//!
//! Each waits for the other before it goes on, so that every target must leave the same trace.

use crate::{
    BINARY_TYPES, blob,
    random::Random,
    support::{field, hex},
};
use eversocket::{BinaryType, Message};

pub struct Conversation {
    pub protocols: Vec<String>,
    accept: String,
    pub turns: Vec<Turn>,
    pub ending: Ending,
}

pub enum Turn {
    /// The client sends, the server reads.
    Tell(Vec<Message>),
    /// The client sends, the server sends it back.
    Echo(Vec<Message>),
    /// The server sends.
    Listen(Vec<Step>),
    /// The client wants binary messages so from now on.
    Binary(BinaryType),
}

/// What the server sends: a message, whole or in fragments, or a control frame.
pub struct Step {
    text: String,
    pub is_message: bool,
}

pub enum Ending {
    /// The upgrade is answered so.
    Refused(u16),
    /// The client closes, perhaps with code and reason.
    Close(Option<(u16, String)>),
    /// The server closes, after a last message perhaps.
    ServerClose(String),
    /// The byte stream ends.
    Cut,
    /// The server breaks the protocol.
    Break(&'static str),
    /// Nothing more happens: the server closes as it ends.
    Drop,
}

impl Conversation {
    pub fn generate(seed: u64) -> Self {
        let random = &mut Random::new(seed);
        let protocols: Vec<String> = (0..random.below(3)).map(|index| format!("protocol-{index}")).collect();
        let accept = match random.choose(&["accept", "slow-accept"]) {
            _ if !protocols.is_empty() => format!("accept:{}", random.choose(&protocols)),
            accept => (*accept).to_owned(),
        };
        let ending = ending(random);
        let turns = (0..random.below(6)).map(|_| turn(random)).collect();
        Self { protocols, accept, turns, ending }
    }

    pub fn is_accepted(&self) -> bool {
        !matches!(self.ending, Ending::Refused(_))
    }

    /// What the server is told.
    pub fn script(&self) -> String {
        if let Ending::Refused(status) = self.ending {
            return format!("http:{status}");
        }
        let mut steps = vec![self.accept.clone()];
        for turn in &self.turns {
            match turn {
                Turn::Tell(messages) => steps.push(format!("expect:{}", messages.len())),
                Turn::Echo(messages) => steps.push(format!("echo:{}", messages.len())),
                Turn::Listen(sent) => steps.extend(sent.iter().map(|step| step.text.clone())),
                // told, so that no message of the server's crosses the change
                Turn::Binary(_) => steps.push("expect".to_owned()),
            }
        }
        match &self.ending {
            Ending::Close(_) => steps.push("expect-close".to_owned()),
            Ending::ServerClose(close) => steps.push(close.clone()),
            Ending::Cut => steps.extend(["expect".to_owned(), "cut".to_owned()]),
            Ending::Break(fault) => steps.extend(["expect".to_owned(), (*fault).to_owned()]),
            Ending::Drop => steps.push("close:1000".to_owned()),
            Ending::Refused(_) => {}
        }
        steps.push("end".to_owned());
        steps.join(";")
    }
}

fn ending(random: &mut Random) -> Ending {
    const BREAKS: [&str; 8] = [
        "frame:1:0:1:0:ff",
        "frame:1:4:1:0:61",
        "frame:1:0:3:0:61",
        "frame:0:0:9:0:",
        "frame:1:0:0:0:61",
        "frame:1:1:1:0:61",
        "frame:1:0:11:0:",
        "close-raw:03e8ff",
    ];
    const CODES: [u16; 13] = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 4999];
    let reason_length = random.below(12);
    let reason = random.text(reason_length);
    match random.below(12) {
        0 => Ending::Refused(*random.choose(&[200, 301, 401, 403, 404, 500, 503])),
        1 => Ending::Close(None),
        2..=4 => Ending::Close(Some((*random.choose(&[1000, 3000, 4000, 4999]), reason))),
        5 => Ending::ServerClose("close".to_owned()),
        6..=7 => Ending::ServerClose(format!("close:{}:{}", random.choose(&CODES), field(&reason))),
        8 => Ending::Cut,
        9..=10 => Ending::Break(random.choose::<&str>(&BREAKS)),
        _ => Ending::Drop,
    }
}

fn turn(random: &mut Random) -> Turn {
    match random.below(10) {
        0..=2 => Turn::Tell(messages(random)),
        3..=5 => Turn::Echo(messages(random)),
        6 => Turn::Binary(*random.choose(&BINARY_TYPES)),
        _ => Turn::Listen((0..=random.below(4)).flat_map(|_| sent(random)).collect()),
    }
}

fn messages(random: &mut Random) -> Vec<Message> {
    (0..=random.below(4)).map(|_| message(random)).collect()
}

fn message(random: &mut Random) -> Message {
    let length = *random.choose(&[0, 1, 5, 30, 125, 126, 1000, 65_535, 65_536]);
    match random.below(3) {
        0 => random.text(length).into(),
        1 => random.bytes(length).into(),
        _ => blob(random.bytes(length)),
    }
}

/// One message of the server's, or a ping and, when the pong has come, a message, as steps.
/// Without that message the client's next would cross its pong.
fn sent(random: &mut Random) -> Vec<Step> {
    let step = |text: String| Step { text, is_message: true };
    let control = |text: String| Step { text, is_message: false };
    let length = random.below(40);
    match random.below(5) {
        0 => vec![step(format!("text:{}", field(&random.text(length))))],
        1 => vec![step(format!("binary:{}", hex(&random.bytes(length))))],
        2 => vec![step(format!("fill:{}:{}", random.choose(&["text", "binary"]), random.below(100_000)))],
        3 => vec![
            control(format!("ping:{}", hex(&random.bytes(length)))),
            control("expect-pong".to_owned()),
            step("text:ponged".to_owned()),
        ],
        _ => fragments(random, length),
    }
}

/// A message in fragments, perhaps with a pong between them.
fn fragments(random: &mut Random, length: u64) -> Vec<Step> {
    let bytes = random.bytes(length);
    let (first, last) = bytes.split_at(random.below(length + 1) as usize);
    let between = if random.chance(50) { ";pong:00" } else { "" };
    vec![Step { text: format!("frame:0:0:2:0:{}{between};frame:1:0:0:0:{}", hex(first), hex(last)), is_message: true }]
}
