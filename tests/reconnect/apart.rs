//! Servers whose WebSocket layer reads ahead and answers pings, while the application is slow, and is
//! killed: nothing is told as delivered that the application has not read, and nothing is lost in silence.

use crate::{
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Backoff, EndCause, Ended, Event, Handle, Heartbeat, Outcome, SequenceNumber, Sequences, Tracked},
};
use futures::future::{Either, select};
use std::collections::HashSet;

const KILLS: usize = 8;

/// By what the client learns how far the application has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// By nothing: the layer answers pings, not the application.
    Pings,
    /// The application answers messages.
    Heartbeats,
    /// The application acknowledges each message, by its number on the connection or its text.
    Numbers,
    Texts,
}

impl Proof {
    fn parameters(self) -> &'static str {
        match self {
            Self::Pings | Self::Heartbeats => "",
            Self::Numbers => "&acks=number",
            Self::Texts => "&acks=text",
        }
    }

    fn heartbeat(self) -> Option<Heartbeat> {
        let heartbeat = Heartbeat::default().period(ms(5));
        match self {
            Self::Pings => Some(heartbeat),
            Self::Heartbeats => {
                Some(heartbeat.message(|| "ping", |answer| answer.as_text() == Some("pong")).message_everywhere())
            }
            Self::Numbers | Self::Texts => None,
        }
    }
}

struct Application {
    name: String,
    /// How many messages it may read in all, and how many it had read when it was killed last.
    allowed: usize,
    read: usize,
}

impl Application {
    async fn order(&self, order: &str) -> String {
        fetch(&format!("/apart/{order}name={}", self.name)).await
    }

    /// So many may be read since the last kill; what was allowed before it and not used counts.
    async fn allow(&mut self, count: usize) {
        let more = (self.read + count).checked_sub(self.allowed).expect("no more is left over");
        self.allowed += more;
        assert_eq!(self.order(&format!("read?count={more}&")).await, "reading");
    }

    async fn wait_queued(&self, count: usize) {
        let queued: usize = self.order(&format!("queued?wait={count}&")).await.parse().expect("a number");
        assert!(queued >= count, "{queued} are queued in place of {count}");
    }

    async fn kill(&mut self, how: &str) {
        assert_eq!(self.order(&format!("kill?how={how}&")).await, "killed");
        self.read = self.record(0).await.len();
    }

    /// What it has read, as the numbers that the texts begin with.
    async fn record(&self, wait: usize) -> Vec<u64> {
        let record = self.order(&format!("record?wait={wait}&")).await;
        let text = |line: &str| line.splitn(4, ' ').nth(3).map(leading_number);
        record.lines().map(|line| text(line).expect("a text")).collect()
    }
}

fn leading_number(text: &str) -> u64 {
    text.split(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}

struct Client {
    socket: ReconnectingWebSocket,
    handle: Handle,
    proof: Proof,
    sent: Vec<Tracked>,
    numbers: Vec<SequenceNumber>,
    /// The first message of the connection that there is.
    first: u64,
    kills: usize,
    unknown: HashSet<u64>,
}

impl Client {
    fn open(url: &str, proof: Proof) -> Self {
        let builder = ReconnectingWebSocket::builder(url).backpressure(with_backpressure()).backoff(Backoff::none());
        let socket = builder.heartbeat(proof.heartbeat()).open().expect("a valid URL");
        let handle = socket.handle();
        let (sent, numbers, unknown) = Default::default();
        Self { socket, handle, proof, sent, numbers, first: 1, kills: 0, unknown }
    }

    fn send(&mut self, count: usize, random: &mut fastrand::Rng) {
        for _ in 0..count {
            let number = self.sent.len() + 1;
            let filling = "x".repeat([0, 10, 200][random.usize(0..3)]);
            let tracked = self.handle.send_tracked(format!("{number} {filling}")).expect("there is room");
            assert_eq!(tracked.sequence_number().get(), number as u64);
            self.numbers.push(tracked.sequence_number());
            self.sent.push(tracked);
        }
    }

    fn hear(&mut self, event: &Event) {
        match event {
            Event::Message(message) => self.acknowledged(message.as_text().expect("a text")),
            Event::Interrupted(lost) => {
                self.kills += 1;
                let next = lost.handed_over.last().map_or(self.first, |last| last.get() + 1);
                self.first = lost.unsent.first().map_or(next, SequenceNumber::get);
                self.add_unknown(&lost.unknown);
            }
            Event::State(_) | Event::Gap(_) => {}
            other => panic!("{other:?} before the end"),
        }
    }

    fn add_unknown(&mut self, unknown: &Sequences) {
        for number in numbers(unknown) {
            assert!(self.unknown.insert(number), "{number} is unknown twice");
        }
    }

    fn acknowledged(&mut self, text: &str) {
        let named = text.strip_prefix("ack ").map(leading_number).expect("an acknowledgement");
        let number = match self.proof {
            Proof::Numbers => self.first + named,
            Proof::Texts => named,
            // nobody looks at it
            Proof::Pings | Proof::Heartbeats => return,
        };
        self.handle.confirm_through(self.numbers[number as usize - 1]);
    }

    /// Hears what happens until the newest is known to have arrived, as far as it can be known.
    async fn until_proven(&mut self) {
        let mut newest = self.sent.pop().expect("one was sent");
        let reaches = self.proof == Proof::Pings;
        let mut arrives = Box::pin(async move {
            let arrived = if reaches { newest.reached().await } else { (&mut newest).await == Outcome::Delivered };
            (arrived, newest)
        });
        loop {
            let event = match select(Box::pin(self.socket.next_event()), &mut arrives).await {
                Either::Left((event, _)) => Ok(event.expect("it goes on")),
                Either::Right((arrived, _)) => Err(arrived),
            };
            match event {
                Ok(event) => self.hear(&event),
                Err((arrived, newest)) => {
                    assert!(arrived, "the connection is there");
                    return self.sent.push(newest);
                }
            }
        }
    }

    async fn until_kill(&mut self) {
        let before = self.kills;
        while self.kills == before {
            let event = self.socket.next_event().await.expect("it goes on");
            self.hear(&event);
        }
    }

    async fn end(&mut self) -> Ended {
        self.handle.close();
        loop {
            match self.socket.next_event().await.expect("its end is told") {
                Event::Ended(ended) => return ended,
                event => self.hear(&event),
            }
        }
    }
}

/// What became of messages, counted.
#[derive(Debug, Default)]
struct Counts {
    delivered: usize,
    read_and_unknown: usize,
    unread: usize,
    reached_and_unread: usize,
    not_sent: usize,
}

async fn survives_kills(proof: Proof, seed: u64) -> Counts {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut application = Application { name: unique(), allowed: 0, read: 0 };
    let url = url(&format!("/apart?name={}&reads=0{}", application.name, proof.parameters()));
    let mut client = Client::open(&url, proof);
    for round in 0..KILLS {
        let (proven, rest) = (random.usize(250..400), random.usize(200..500));
        client.send(proven, &mut random);
        // a heartbeat is answered while one more may be read
        application.allow(proven + 1).await;
        client.until_proven().await;
        client.send(rest, &mut random);
        let read = random.usize(1..rest / 2);
        application.allow(proven + read).await;
        match round % 4 {
            0 => {
                application.record(application.read + proven + read).await;
                application.wait_queued(rest - read).await;
                if proof == Proof::Pings {
                    client.until_proven().await;
                }
            }
            1 => application.wait_queued(random.usize(0..rest - read)).await,
            2 => drop(application.record(application.read + proven + random.usize(0..=read)).await),
            _ => {}
        }
        application.kill(["reset", "fin"][random.usize(0..2)]).await;
        client.until_kill().await;
    }
    client.send(10, &mut random);
    let ended = client.end().await;
    assert!(matches!(ended.cause, EndCause::Closed { .. }), "{ended:?}");
    client.add_unknown(&ended.unknown);
    application.kill("reset").await;
    let mut counts = Counts::default();
    let record = application.record(0).await;
    assert!(record.windows(2).all(|pair| pair[0] < pair[1]), "each once and in order: {record:?}");
    let read: HashSet<u64> = record.into_iter().collect();
    let total = client.sent.len() as u64;
    assert!(read.iter().all(|number| (1..=total).contains(number)), "nothing is made up");
    for tracked in std::mem::take(&mut client.sent) {
        let number = tracked.sequence_number().get();
        let is_read = read.contains(&number);
        let outcome = tracked.await;
        counts.unread += usize::from(!is_read);
        let is_unknown = client.unknown.contains(&number);
        match outcome {
            Outcome::Delivered => {
                assert!(is_read && !is_unknown, "{number} was told as delivered, and is not read");
                counts.delivered += 1;
            }
            Outcome::NotSent(_) => {
                assert!(!is_read && !is_unknown, "{number} was told as not sent, and is read");
                counts.not_sent += 1;
            }
            Outcome::Reached => {
                assert!(proof == Proof::Pings && !is_browser(), "nothing proves that {number} has reached the layer");
                assert!(is_unknown, "{number} is not in the report of what is unknown");
                counts.reached_and_unread += usize::from(!is_read);
                counts.read_and_unknown += usize::from(is_read);
            }
            Outcome::Unknown => {
                assert!(is_unknown, "{number} is not in the report of what is unknown");
                counts.read_and_unknown += usize::from(is_read);
            }
            other => panic!("{number}: {other:?}"),
        }
    }
    tell(&format!("{proof:?}, {total} sent: {counts:?}"));
    assert!(total > 2_000 && counts.unread > 200, "{counts:?} are no proof");
    counts
}

rules! {
    async fn what_a_killed_application_has_not_read_is_not_delivered_by_heartbeats() {
        let counts = survives_kills(Proof::Heartbeats, 1).await;
        assert!(counts.delivered > 500, "{counts:?}");
    }

    async fn what_a_killed_application_has_not_read_is_not_delivered_by_numbered_acknowledgements() {
        let counts = survives_kills(Proof::Numbers, 2).await;
        assert!(counts.delivered > 500, "{counts:?}");
    }

    async fn what_a_killed_application_has_not_read_is_not_delivered_by_acknowledged_texts() {
        let counts = survives_kills(Proof::Texts, 3).await;
        assert!(counts.delivered > 500, "{counts:?}");
    }
}

/// The layer answers each ping, and nothing that it has is called delivered.
#[cfg(not(target_arch = "wasm32"))]
#[tokio::test]
async fn what_a_layer_has_whose_application_is_killed_is_not_delivered() {
    let counts = survives_kills(Proof::Pings, 4).await;
    assert!(counts.delivered == 0 && counts.reached_and_unread > 100, "{counts:?}");
}

/// The same against a library of another maker, whose process is killed for good.
#[cfg(not(target_arch = "wasm32"))]
mod pythons {
    use super::*;
    use futures::future::join;
    use std::{env, path::Path, process::Stdio};
    use tokio::{
        io::{AsyncBufReadExt, BufReader, Lines},
        process::{Child, ChildStdout, Command},
    };

    /// A Python that has `websockets`; `cargo xtask test` sets it, so that one that is missing is a
    /// failure there.
    const PYTHON: &str = "EVERSOCKET_PYTHON";

    struct Process {
        child: Child,
        lines: Lines<BufReader<ChildStdout>>,
        port: u16,
    }

    impl Process {
        /// `None`, told, where there is none.
        async fn start(port: u16) -> Option<Self> {
            let Some(python) = env::var_os(PYTHON) else {
                println!("skipped: {PYTHON} does not name a Python that has websockets");
                return None;
            };
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reconnect/peers/slow.py");
            let mut command = Command::new(python);
            command.arg(script).arg(port.to_string());
            let mut child =
                command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("it starts");
            let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
            let port = lines.next_line().await.expect("its output").expect("its port").parse().expect("a port");
            Some(Self { child, lines, port })
        }

        /// Waits until it has read so many, kills it, and tells all that it has read.
        async fn kill_after(mut self, count: usize) -> Vec<u64> {
            let mut read = Vec::new();
            while read.len() < count {
                let line = self.lines.next_line().await.expect("its output").expect("it reads on");
                read.push(leading_number(&line));
            }
            self.child.start_kill().expect("it runs");
            while let Some(line) = self.lines.next_line().await.expect("its output") {
                read.push(leading_number(&line));
            }
            self.child.wait().await.expect("it is gone");
            read
        }
    }

    async fn survives_kills(proof: Proof) -> Option<Counts> {
        let mut process = Process::start(0).await?;
        let port = process.port;
        let (mut client, mut read) = (Client::open(&format!("ws://127.0.0.1:{port}/"), proof), Vec::new());
        let mut random = fastrand::Rng::with_seed(5);
        for round in 0..4 {
            client.send(random.usize(200..600), &mut random);
            if proof == Proof::Pings {
                // all has reached the library, which the slow consumer does not hold up
                client.until_proven().await;
            }
            let count = random.usize(10..60);
            read.extend(join(process.kill_after(count), client.until_kill()).await.0);
            process = Process::start(port).await?;
            assert_eq!(process.port, port, "round {round}");
        }
        client.handle.close();
        client.end().await;
        read.extend(process.kill_after(0).await);
        assert!(read.windows(2).all(|pair| pair[0] < pair[1]), "each once and in order: {read:?}");
        let mut counts = Counts::default();
        for tracked in std::mem::take(&mut client.sent) {
            let (number, outcome) = (tracked.sequence_number().get(), tracked.await);
            let is_read = read.contains(&number);
            counts.unread += usize::from(!is_read);
            counts.delivered += usize::from(outcome == Outcome::Delivered);
            counts.reached_and_unread += usize::from(outcome == Outcome::Reached && !is_read);
            match outcome {
                Outcome::Delivered => assert!(is_read, "{number} was told as delivered, and is not read"),
                Outcome::NotSent(_) => assert!(!is_read, "{number} was told as not sent, and is read"),
                _ => {}
            }
        }
        println!("{proof:?}, {} read: {counts:?}", read.len());
        Some(counts)
    }

    #[tokio::test]
    async fn what_pythons_websockets_has_is_not_delivered_when_its_consumer_is_killed() {
        let Some(counts) = survives_kills(Proof::Pings).await else { return };
        assert!(counts.delivered == 0 && counts.reached_and_unread > 100, "{counts:?}");
    }

    #[tokio::test]
    async fn what_pythons_consumer_acknowledged_before_it_was_killed_is_delivered() {
        let Some(counts) = survives_kills(Proof::Texts).await else { return };
        assert!(counts.delivered > 20 && counts.unread > 100, "{counts:?}");
    }
}
