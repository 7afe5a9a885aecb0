//! Pairs: what one of two says, the other hears.

use crate::{
    connection::{Connection, Received},
    frame::{Header, PONG},
    http::Request,
    newest::Newest,
    script::{Accept, Protocol, Step},
    server::Shared,
    session::Session,
};
use bytes::Bytes;
use std::{
    io,
    sync::{Mutex, PoisonError},
};
use tokio::sync::mpsc;

/// How many who wait for another are kept, the newest.
const KEPT: usize = 1_000;
/// How many messages may be on their way to the other.
const ON_THE_WAY: usize = 16;

/// Opcode and payload.
type Said = (u8, Bytes);

/// One side: what it says goes in, what it hears comes out. Either ends with the other side.
#[derive(Debug)]
struct Side {
    says: mpsc::Sender<Said>,
    hears: mpsc::Receiver<Said>,
}

/// The sides of those who are still to come, by the pair's name.
#[derive(Debug)]
pub(crate) struct Pairs(Mutex<Newest<String, Option<Side>>>);

impl Pairs {
    pub(crate) fn none() -> Self {
        Self(Mutex::new(Newest::at_most(KEPT)))
    }

    fn enter(&self, name: &str) -> Side {
        let mut pairs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = pairs.get_mut(&name.to_owned()).and_then(Option::take) {
            return mine;
        }
        let ((one, from_one), (two, from_two)) = (mpsc::channel(ON_THE_WAY), mpsc::channel(ON_THE_WAY));
        pairs.insert(name.to_owned(), Some(Side { says: two, hears: from_one }));
        Side { says: one, hears: from_two }
    }
}

pub(crate) async fn serve(mut connection: Connection, request: &Request, shared: &Shared) {
    let side = shared.pairs.enter(&request.parameter("name").unwrap_or_default());
    let mut session = Session::new(&mut connection, request).counted_in(&shared.open_sockets);
    // a client that is gone needs no closing handshake
    if let Ok(last) = converse(&mut session, side).await {
        session.run(&last).await;
    }
}

/// All but the end, for which it returns the steps.
async fn converse(session: &mut Session<'_>, mut side: Side) -> io::Result<Vec<Step>> {
    session.accept(&Accept { protocol: Protocol::First, ..Accept::default() }).await?;
    let mut said = None;
    loop {
        let received = tokio::select! {
            heard = side.hears.recv() => match heard {
                Some((opcode, payload)) => {
                    session.connection.send(Header::whole(opcode), &payload).await?;
                    continue;
                }
                None => return Ok(vec![Step::close(1000)]),
            },
            // who says more than the other hears is not read any more
            room = side.says.reserve(), if said.is_some() => {
                match (room, said.take()) {
                    (Ok(room), Some(said)) => room.send(said),
                    _ => return Ok(vec![Step::close(1000)]),
                }
                continue;
            }
            received = session.connection.receive(), if said.is_none() => received,
        };
        match received {
            Some(Received::Message(opcode, payload)) => said = Some((opcode, payload.freeze())),
            Some(Received::Ping(payload)) => session.connection.send(Header::whole(PONG), &payload).await?,
            Some(Received::Pong) => {}
            Some(Received::Close) | None => return Ok(Vec::new()),
        }
    }
}
