//! Rooms: what one says in a room, everybody in it hears.

use crate::{
    connection::{Connection, Received},
    frame::{Header, PONG, TEXT},
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
use tokio::sync::broadcast::{self, error::RecvError};

/// How many rooms are kept, the newest. Who is in an older one stays there.
const KEPT: usize = 10_000;
/// How many texts somebody may be behind before they are sent away.
const BACKLOG: usize = 1024;
/// Tells those who are sent away to come back later: Try Again Later.
const TOO_SLOW: u16 = 1013;

#[derive(Debug)]
pub(crate) struct Rooms(Mutex<Newest<String, Room>>);

#[derive(Debug, Clone)]
struct Room(broadcast::Sender<Bytes>);

impl Default for Room {
    fn default() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }
}

impl Rooms {
    pub(crate) fn none() -> Self {
        Self(Mutex::new(Newest::at_most(KEPT)))
    }

    fn enter(&self, name: &str) -> Room {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(&name.to_owned()).clone()
    }
}

pub(crate) async fn serve(mut connection: Connection, request: &Request, shared: &Shared) {
    let room = shared.rooms.enter(&request.parameter("name").unwrap_or_default());
    let mut session = Session::new(&mut connection, request).counted_in(&shared.open_sockets);
    // a client that is gone needs no closing handshake
    if let Ok(last) = converse(&mut session, &room).await {
        session.run(&last).await;
    }
}

/// All but the end, for which it returns the steps.
async fn converse(session: &mut Session<'_>, Room(room): &Room) -> io::Result<Vec<Step>> {
    // before the client can know that it is in
    let mut heard = room.subscribe();
    session.accept(&Accept { protocol: Protocol::First, ..Accept::default() }).await?;
    loop {
        let received = tokio::select! {
            received = session.connection.receive() => received,
            text = heard.recv() => match text {
                Ok(text) => {
                    session.connection.send(Header::whole(TEXT), &text).await?;
                    continue;
                }
                Err(RecvError::Lagged(_) | RecvError::Closed) => return Ok(vec![Step::close(TOO_SLOW)]),
            },
        };
        match received {
            Some(Received::Message(TEXT, text)) => {
                // it is in the room itself, so somebody hears it
                let _heard = room.send(text.freeze());
            }
            Some(Received::Ping(payload)) => session.connection.send(Header::whole(PONG), &payload).await?,
            Some(Received::Message(..) | Received::Pong) => {}
            Some(Received::Close) | None => return Ok(Vec::new()),
        }
    }
}
