//! What each contestant does, and how its time and its memory are taken: one process for each run,
//! so that all its threads count.

mod job;
mod memory;
mod time;

pub use job::{Job, Kind};

use bytes::Bytes;
use std::{future::Future, process::exit, thread, time::Duration};

/// After which a run has failed.
const DEADLINE: Duration = Duration::from_secs(120);

/// What is sent again and again.
#[derive(Debug, Clone)]
pub struct Payload {
    pub kind: Kind,
    /// Letters, so that it may be a text.
    pub bytes: Bytes,
}

impl Payload {
    fn new(kind: Kind, size: usize) -> Self {
        Self { kind, bytes: vec![b'x'; size].into() }
    }

    /// For libraries that take no shared bytes.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// A client library, used as its users do.
pub trait Contestant: Sized {
    fn open(url: &str) -> impl Future<Output = Self>;

    /// Receives so many messages.
    fn receive(&mut self, count: usize) -> impl Future<Output = ()>;

    /// Sends so many messages by a loop of what is called `send`, or most like it, and returns
    /// when the library says that the system has them, if it says that.
    fn send(&mut self, payload: &Payload, count: usize) -> impl Future<Output = ()>;

    /// The same by queueing them and one flush at the end, if that is something else.
    fn feed(&mut self, payload: &Payload, count: usize) -> impl Future<Output = ()> {
        self.send(payload, count)
    }

    /// Sends texts that differ, by queueing them and one flush at the end, or by what is most like it.
    fn send_each(&mut self, payloads: &[Payload]) -> impl Future<Output = ()> {
        async move {
            for payload in payloads {
                self.send(payload, 1).await;
            }
        }
    }

    /// Has so many connections one after another to a server that drops each: by itself if it is
    /// made for that, by opening again if not.
    fn reconnect(url: &str, count: usize) -> impl Future<Output = ()> {
        async move {
            for _ in 0..count {
                drop(Self::open(url).await);
            }
        }
    }
}

/// Runs the job that the arguments tell, and prints two figures: nanoseconds of processor and
/// wall a message, or bytes of heap and of resident memory.
pub fn run<C: Contestant>() {
    thread::spawn(|| {
        thread::sleep(DEADLINE);
        eprintln!("not done after {} s", DEADLINE.as_secs());
        exit(1);
    });
    let job = Job::read(std::env::args().skip(1));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (first, second) = runtime.expect("a runtime").block_on(async {
        match &job {
            Job::Idle { .. } | Job::Stall { .. } | Job::Reconnect { .. } => memory::take::<C>(&job).await,
            _ => time::take::<C>(&job).await,
        }
    });
    println!("{first} {second}");
    // connections by the thousand need not be closed one by one
    exit(0);
}
