//! An echo for those who show a valid token.

use crate::{
    connection::{Connection, Received},
    frame::{Header, PONG, TEXT},
    http::Request,
    script::{Accept, Protocol, Step},
    server::Shared,
    session::Session,
};
use std::io;
use tokio::sync::watch;

/// Tells a client that its token is not valid, or no longer.
const UNAUTHORIZED: u16 = 4401;
/// The subprotocol that is spoken by those who offer their token as another.
const SPOKEN: &str = "app";

pub(crate) async fn serve(mut connection: Connection, request: &Request, shared: &Shared) {
    let mut session = Session::new(&mut connection, request).counted_in(&shared.open_sockets);
    // a client that is gone needs no closing handshake
    if let Ok(last) = converse(&mut session, request, shared).await {
        session.run(&last).await;
    }
}

/// All but the end, for which it returns the steps.
async fn converse(session: &mut Session<'_>, request: &Request, shared: &Shared) -> io::Result<Vec<Step>> {
    let name = request.parameter("name").unwrap_or_default();
    let how = request.parameter("how").unwrap_or_default();
    let shown = match how.as_str() {
        "query" => request.parameter("token"),
        "header" => request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned),
        "protocol" => request.offered_protocols().find_map(|name| name.strip_prefix("token.")).map(str::to_owned),
        "first" => None,
        _ => return Ok(vec![Step::Http(400, "`how` is none of query, header, protocol, first".to_owned())]),
    };
    let mut admitted = shown.and_then(|token| shared.tokens.check(&name, &token));
    let code = request.parameter("code").and_then(|code| code.parse().ok());
    if admitted.is_none() && code.is_none() && how != "first" {
        return Ok(vec![Step::Http(401, "unauthorized".to_owned())]);
    }
    let speaks = how == "protocol" && request.offered_protocols().any(|name| name == SPOKEN);
    let protocol = if speaks { Protocol::Named(SPOKEN.to_owned()) } else { Protocol::First };
    session.accept(&Accept { protocol, ..Accept::default() }).await?;
    let close = Step::close(code.unwrap_or(UNAUTHORIZED));
    if how == "first" {
        let Some((opcode, token)) = session.next_message().await? else { return Ok(Vec::new()) };
        let token = std::str::from_utf8(&token).ok().filter(|_| opcode == TEXT);
        admitted = token.and_then(|token| shared.tokens.check(&name, token));
        if admitted.is_none() {
            return Ok(vec![Step::text("unauthorized"), close]);
        }
    }
    match admitted {
        Some(revoked) => echo(session, revoked).await,
        None => Ok(vec![close]),
    }
}

/// Sends messages back until the client closes or its token is revoked.
async fn echo(session: &mut Session<'_>, mut revoked: watch::Receiver<()>) -> io::Result<Vec<Step>> {
    loop {
        let received = tokio::select! {
            received = session.connection.receive() => received,
            // or forgotten
            _revoked = revoked.changed() => return Ok(vec![Step::close(UNAUTHORIZED)]),
        };
        match received {
            Some(Received::Message(opcode, payload)) => {
                session.connection.send(Header::whole(opcode), &payload).await?;
            }
            Some(Received::Ping(payload)) => session.connection.send(Header::whole(PONG), &payload).await?,
            Some(Received::Pong) => {}
            Some(Received::Close) | None => return Ok(Vec::new()),
        }
    }
}
