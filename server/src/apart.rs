//! A WebSocket layer that is apart from its application: it reads ahead and answers pings, while the
//! application takes one message after the other, when it may.

mod queue;

use crate::{
    applications::Ending,
    connection::{Connection, Received},
    frame::{Header, PONG, TEXT},
    http::Request,
    record,
    script::{Accept, Protocol, Step},
    server::Shared,
    session::Session,
    stream_records::StreamRecords,
};
use queue::{Message, Queue};
use std::io;
use tokio::sync::watch;

/// What the parameters tell.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Plan {
    /// How many messages the application reads of this connection by itself.
    reads: u64,
    acks: Option<Acks>,
}

/// By what an acknowledgement names a message.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Acks {
    Number,
    Text,
}

impl Plan {
    /// The name of the parameter that cannot be read is the error.
    fn read(request: &Request) -> Result<Self, &'static str> {
        let reads = request.parameter("reads").map_or(Some(u64::MAX), |reads| reads.parse().ok()).ok_or("reads")?;
        let acks = match request.parameter("acks").as_deref() {
            None => None,
            Some("number") => Some(Acks::Number),
            Some("text") => Some(Acks::Text),
            Some(_) => return Err("acks"),
        };
        Ok(Self { reads, acks })
    }
}

pub(crate) async fn serve(mut connection: Connection, request: &Request, shared: &Shared) {
    let mut session = Session::new(&mut connection, request).counted_in(&shared.open_sockets);
    let plan = match Plan::read(request) {
        Ok(plan) => plan,
        Err(parameter) => {
            let refusal = Step::Http(400, format!("cannot read the parameter `{parameter}`"));
            return session.run(&[refusal]).await;
        }
    };
    let name = request.parameter("name").unwrap_or_default();
    // dropped last: whoever kills the process waits for that
    let mut share = shared.applications.join(&name);
    let mut queue = Queue::new(share.queued.clone());
    let records = &shared.applications.records;
    let mut application = Application {
        connection: records.begin(&name),
        name,
        records,
        reads: plan.reads,
        allowed: share.allowed.clone(),
        acks: plan.acks,
        number: 0,
    };
    let closed = tokio::select! {
        biased;
        ending = share.killed() => {
            if ending == Ending::Reset {
                connection.reset_at_end();
            }
            false
        }
        // a client that cannot be written to is lost
        closed = converse(&mut session, &mut application, &mut queue) => closed.unwrap_or(false),
    };
    // forgotten before anybody can learn that the connection is gone
    let left = closed.then_some(queue);
    drop(connection);
    if let Some(mut queue) = left {
        tokio::select! {
            _ending = share.killed() => {}
            () = application.read_all(&mut queue) => {}
        }
    }
}

/// Both layer and application, while the connection lasts; whether the client has closed it.
async fn converse(session: &mut Session<'_>, application: &mut Application<'_>, queue: &mut Queue) -> io::Result<bool> {
    session.accept(&Accept { protocol: Protocol::First, ..Accept::default() }).await?;
    loop {
        let received = tokio::select! {
            received = receive(session.connection, queue) => received,
            () = application.turn(), if !queue.is_empty() => {
                if let Some(answer) = application.read(queue) {
                    session.connection.send(Header::whole(TEXT), answer.as_bytes()).await?;
                }
                continue;
            }
        };
        match received {
            Some(Received::Message(opcode, payload)) => queue.push(opcode, &payload),
            Some(Received::Ping(payload)) => session.connection.send(Header::whole(PONG), &payload).await?,
            Some(Received::Pong) => {}
            Some(Received::Close) => break,
            None => return Ok(false),
        }
    }
    session.run(&[]).await;
    Ok(true)
}

/// What the layer reads next, unless it holds too much already; `None` once the connection is lost.
async fn receive(connection: &mut Connection, queue: &Queue) -> Option<Received> {
    if queue.is_full() {
        connection.ignore().await;
        return None;
    }
    connection.receive().await
}

/// What reads the messages of a connection.
struct Application<'a> {
    name: String,
    connection: u64,
    records: &'a StreamRecords,
    /// How many more it may read by itself.
    reads: u64,
    /// How many more all connections of this name may.
    allowed: watch::Sender<u64>,
    acks: Option<Acks>,
    /// The next message's.
    number: u64,
}

impl Application<'_> {
    /// Waits until it may read.
    async fn turn(&self) {
        if self.reads == 0 {
            // the sender is ours
            let _allowed = self.allowed.subscribe().wait_for(|number| *number > 0).await.is_ok();
        }
    }

    /// Reads a message in its turn; its answer, if it has one.
    fn read(&mut self, queue: &mut Queue) -> Option<String> {
        if queue.front()?.is_heartbeat() {
            queue.pop();
            return Some("pong".to_owned());
        }
        // another connection may have been faster
        let Message { opcode, payload } = self.take_leave().then(|| queue.pop()).flatten()?;
        let number = self.number;
        self.number += 1;
        let line = format!("{number} {}", record::describe_message(opcode, &payload));
        self.records.append(&self.name, self.connection, &line);
        self.acks.map(|acks| match acks {
            Acks::Number => format!("ack {number}"),
            Acks::Text => format!("ack {}", String::from_utf8_lossy(&payload)),
        })
    }

    /// Counts one message less that it may read; whether there was one.
    fn take_leave(&mut self) -> bool {
        let take = |number: &mut u64| {
            let left = number.checked_sub(1);
            *number = left.unwrap_or_default();
            left.is_some()
        };
        take(&mut self.reads) || self.allowed.send_if_modified(take)
    }

    /// Reads what is left, with nobody to hear the answers.
    async fn read_all(&mut self, queue: &mut Queue) {
        while !queue.is_empty() {
            self.turn().await;
            self.read(queue);
        }
    }
}
