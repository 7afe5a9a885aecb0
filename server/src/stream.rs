//! A steady stream of texts from a client whose connections are dropped again and again.

use crate::{
    connection::Connection,
    frame::{Header, TEXT},
    http::Request,
    record::escape,
    script::{Accept, Protocol, Step},
    server::Shared,
    session::Session,
    stream_records::StreamRecords,
};
use std::io;

/// What the parameters tell.
#[derive(Debug, PartialEq)]
struct Plan {
    drops: Option<Drops>,
    /// How a connection is dropped.
    how: Step,
    greet: bool,
    echo: bool,
    /// What the first message must be.
    first: Option<String>,
}

/// After how many texts a connection is dropped: of these bounds both are included.
#[derive(Debug, PartialEq)]
struct Drops {
    least: u32,
    most: u32,
    seed: u64,
}

impl Plan {
    /// The name of the parameter that cannot be read is the error.
    fn read(request: &Request) -> Result<Self, &'static str> {
        let drops = request.parameter("drop-after").map(|range| {
            let (least, most) = range.split_once('-').unwrap_or((&range, &range));
            let (least, most) = (least.parse().ok()?, most.parse().ok()?);
            (least <= most).then_some(Drops { least, most, seed: 0 })
        });
        let seed = request.parameter("seed").map_or(Some(0), |seed| seed.parse().ok()).ok_or("seed")?;
        let drops = match drops {
            Some(drops) => Some(Drops { seed, ..drops.ok_or("drop-after")? }),
            None => None,
        };
        let how = request.parameter("how").unwrap_or_else(|| "reset".to_owned());
        let how = match how.split_once(':') {
            None if how == "reset" => Some(Step::Reset),
            None if how == "fin" => Some(Step::Cut),
            Some(("close", code)) => code.parse().ok().map(Step::close),
            _ => None,
        };
        let first = request.parameter("auth").map(|auth| auth.strip_prefix("first:").map(str::to_owned).ok_or("auth"));
        let flag = |name| request.parameter(name).is_some_and(|value| value == "1");
        let (greet, echo) = (flag("greet"), flag("echo"));
        Ok(Self { drops, how: how.ok_or("how")?, greet, echo, first: first.transpose()? })
    }
}

impl Drops {
    /// The same for the same seed and connection: one step of SplitMix64.
    fn draw(&self, connection: u64) -> u64 {
        let state = self.seed.wrapping_add(connection.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let width = u64::from(self.most - self.least) + 1;
        u64::from(self.least) + (mixed ^ mixed >> 31) % width
    }
}

pub(crate) async fn serve(mut connection: Connection, request: &Request, shared: &Shared) {
    let mut session = Session::new(&mut connection, request).counted_in(&shared.open_sockets);
    match Plan::read(request) {
        Ok(plan) => {
            let id = request.parameter("id").unwrap_or_default();
            let line = Line { records: &shared.stream_records, connection: shared.stream_records.begin(&id), id };
            // a client that is gone needs no closing handshake
            if let Ok(last) = converse(&mut session, &plan, &line).await {
                session.run(&last).await;
            }
        }
        Err(parameter) => session.run(&[Step::Http(400, format!("cannot read the parameter `{parameter}`"))]).await,
    }
}

/// Where the texts of a connection are recorded.
struct Line<'a> {
    records: &'a StreamRecords,
    id: String,
    connection: u64,
}

/// All but the end, for which it returns the steps.
async fn converse(session: &mut Session<'_>, plan: &Plan, line: &Line<'_>) -> io::Result<Vec<Step>> {
    session.accept(&Accept { protocol: Protocol::First, ..Accept::default() }).await?;
    if plan.greet {
        let greeting = format!("hello {}", line.connection);
        session.connection.send(Header::whole(TEXT), greeting.as_bytes()).await?;
    }
    let limit = plan.drops.as_ref().map_or(u64::MAX, |drops| drops.draw(line.connection));
    let mut expected = plan.first.as_deref();
    let mut texts = 0;
    while texts < limit {
        let Some((opcode, payload)) = session.next_message().await? else { return Ok(Vec::new()) };
        let text = String::from_utf8_lossy(&payload);
        if opcode == TEXT {
            line.records.append(&line.id, line.connection, &escape(&text));
            texts += 1;
        }
        if let Some(first) = expected.take() {
            if opcode != TEXT || text != first {
                return Ok(vec![Step::text("unauthorized"), Step::close(4401)]);
            }
        } else if opcode == TEXT && plan.echo && texts < limit {
            session.connection.send(Header::whole(TEXT), &payload).await?;
        }
    }
    Ok(vec![plan.how.clone()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_within_bounds_and_differ_by_seed_and_connection() {
        let draws = |seed| (0..200).map(move |connection| Drops { least: 3, most: 7, seed }.draw(connection));
        assert!((3..=7).all(|number| draws(1).any(|drawn| drawn == number)), "all numbers come");
        assert!(draws(1).all(|drawn| (3..=7).contains(&drawn)));
        assert!(draws(1).eq(draws(1)) && draws(1).ne(draws(2)));
        assert_eq!(Drops { least: 5, most: 5, seed: 9 }.draw(3), 5);
    }
}
