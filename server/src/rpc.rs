//! Requests and answers in JSON-RPC 2.0, in texts.

mod call;
mod calls;

use crate::{
    connection::Connection,
    frame::{Header, TEXT},
    http::Request,
    newest::Newest,
    script::{Accept, Protocol, Step},
    server::Shared,
    session::Session,
};
use calls::{Calls, Reaction};
use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many keys are kept, the newest.
const KEPT: usize = 10_000;

/// How often calls were executed, by key, over all connections.
#[derive(Debug)]
pub(crate) struct Executions(Mutex<Newest<String, u64>>);

impl Executions {
    pub(crate) fn none() -> Self {
        Self(Mutex::new(Newest::at_most(KEPT)))
    }

    fn lock(&self) -> MutexGuard<'_, Newest<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, key: &str) {
        *self.lock().entry(&key.to_owned()) += 1;
    }

    fn number(&self, key: &str) -> u64 {
        self.lock().get(key).copied().unwrap_or_default()
    }
}

pub(crate) async fn serve(mut connection: Connection, request: &Request, shared: &Shared) {
    let mut session = Session::new(&mut connection, request).counted_in(&shared.open_sockets);
    // a client that is gone needs no closing handshake
    if let Ok(last) = converse(&mut session, &shared.executions).await {
        session.run(&last).await;
    }
}

/// All but the end, for which it returns the steps.
async fn converse(session: &mut Session<'_>, executions: &Executions) -> io::Result<Vec<Step>> {
    session.accept(&Accept { protocol: Protocol::First, ..Accept::default() }).await?;
    let mut calls = Calls::default();
    while let Some((opcode, payload)) = session.next_message().await? {
        if opcode != TEXT {
            continue;
        }
        let Reaction { texts, cut } = calls.take(&payload, executions);
        for text in texts {
            session.connection.send(Header::whole(TEXT), text.as_bytes()).await?;
        }
        if cut {
            return Ok(vec![Step::Cut]);
        }
    }
    Ok(Vec::new())
}
