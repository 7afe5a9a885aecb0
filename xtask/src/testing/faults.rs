//! The table of faults, of the rows that the tests left at the test server.

use crate::{Outcome, arguments::Part, server::TestServer, workspace};
use std::{collections::BTreeMap, fmt::Write, fs};

/// What stands between the fields of a row, as the server escapes it.
const SEPARATOR: &str = "\\u{1f}";
const BEGINNING: &str = "\
# Faults

What can go wrong between a client and its server, and what a user of each socket then sees. Every row is
what happened in one run of `cargo xtask test`, which does each fault to both sockets on all targets
([tests/faults](../tests/faults)) and writes this page to `target/faults.md`. The tests hold that no row
hangs, none panics, and that no message is lost without a word: each is delivered, given back, or told as
unknown.

The first connection meets the fault, the next one is good. Both sockets have 2 s to connect and to close,
take messages up to 64 KiB, and send one message as soon as they are open; the one that stays waits 20 ms
between attempts. Browsers tell a script neither why a connection failed nor what the server answered. A
plain socket has no heartbeat, in a browser or natively: a peer that says nothing is noticed when its user
closes, or with the reconnect layer. A change of the machine's address is, to both sides, a connection that is
half open.

";
const SOCKETS: [(&str, &str); 2] = [("plain", "The plain socket"), ("reconnecting", "The socket that stays")];

const TIMES: &str = "\
## When, and what became of the message that was sent

Until the plain socket noticed, until the one that stays did, and from there until it was open again. What
became of the message that the one that stays was given; none was where there is a dash.

";

/// What a user saw on one target.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    fault: String,
    socket: String,
    sees: String,
    noticed: String,
    recovered: String,
    message: String,
}

/// By their place in the table.
type Rows = BTreeMap<u64, Row>;

/// Writes the table; what is wrong with it.
pub fn gather(server: &TestServer, parts: &[Part]) -> Outcome<Vec<String>> {
    let of = |part: Part| Ok((part, parse(&server.get(&format!("/traces-of?target=faults-{}", part.key()))?)?));
    let parts = parts.iter().copied().map(of).collect::<Outcome<Vec<(Part, Rows)>>>()?;
    let path = workspace::root().join("target/faults.md");
    fs::write(&path, table(&parts)).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    Ok(problems(&parts))
}

fn parse(text: &str) -> Outcome<Rows> {
    let row = |line: &str| {
        let (place, fields) = line.split_once('\t')?;
        let fields: Vec<String> = fields.split(SEPARATOR).map(str::to_owned).collect();
        let [fault, socket, sees, noticed, recovered, message] = <[String; 6]>::try_from(fields).ok()?;
        Some((place.parse().ok()?, Row { fault, socket, sees, noticed, recovered, message }))
    };
    text.lines().map(|line| row(line).ok_or_else(|| format!("`{line}` is no row of the table of faults"))).collect()
}

fn problems(parts: &[(Part, Rows)]) -> Vec<String> {
    let most = parts.iter().map(|(_, rows)| rows.len()).max().unwrap_or_default();
    let few = parts.iter().filter(|(_, rows)| rows.len() < most);
    few.map(|(part, rows)| format!("faults: {} of {most} rows on {}", rows.len(), part.title())).collect()
}

fn table(parts: &[(Part, Rows)]) -> String {
    let mut text = BEGINNING.to_owned();
    for (socket, title) in SOCKETS {
        let places: Vec<u64> = parts.first().map(|(_, rows)| of_socket(rows, socket)).unwrap_or_default();
        // a string takes whatever is written to it
        let _infallible = writeln!(text, "## {title}\n\n{}", sees(parts, &places));
    }
    let places = parts.first().map(|(_, rows)| of_socket(rows, "reconnecting")).unwrap_or_default();
    let _infallible = writeln!(text, "{TIMES}{}", times(parts, &places));
    text
}

fn of_socket(rows: &Rows, socket: &str) -> Vec<u64> {
    rows.iter().filter(|(_, row)| row.socket == socket).map(|(place, _)| *place).collect()
}

fn sees(parts: &[(Part, Rows)], places: &[u64]) -> String {
    let titles: Vec<&str> = parts.iter().map(|(part, _)| part.title()).collect();
    let mut text = format!("| fault | {} |\n|---|{}\n", titles.join(" | "), "---|".repeat(titles.len()));
    for place in places {
        let cell = |field: fn(&Row) -> &String| {
            move |(_, rows): &(Part, Rows)| rows.get(place).map_or_else(|| "?".to_owned(), |row| escape(field(row)))
        };
        let fault = parts.first().map(cell(|row| &row.fault)).unwrap_or_default();
        let cells: Vec<String> = parts.iter().map(cell(|row| &row.sees)).collect();
        let _infallible = writeln!(text, "| {fault} | {} |", cells.join(" | "));
    }
    text
}

/// Of the socket that stays; the plain one's are in front of the slash.
fn times(parts: &[(Part, Rows)], places: &[u64]) -> String {
    let titles: Vec<&str> = parts.iter().map(|(part, _)| part.title()).collect();
    let mut text =
        format!("| fault | {} | the message |\n|---|{}---|\n", titles.join(" | "), "---|".repeat(titles.len()));
    for place in places {
        let fault =
            parts.first().and_then(|(_, rows)| rows.get(place)).map(|row| row.fault.clone()).unwrap_or_default();
        let time = |rows: &Rows| {
            let plain =
                place.checked_sub(1).and_then(|place| rows.get(&place)).map_or("–", |row| row.noticed.as_str());
            let Some(row) = rows.get(place) else { return "?".to_owned() };
            format!("{plain} / {} / {}", row.noticed, row.recovered)
        };
        let cells: Vec<String> = parts.iter().map(|(_, rows)| time(rows)).collect();
        let mut fates: Vec<&str> =
            parts.iter().filter_map(|(_, rows)| rows.get(place)).map(|row| row.message.as_str()).collect();
        fates.dedup();
        let _infallible = writeln!(text, "| {} | {} | {} |", escape(&fault), cells.join(" | "), fates.join("; "));
    }
    text
}

fn escape(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &str = "0\tnobody listens\\u{1f}plain\\u{1f}error; close 1006\\u{1f}< 10 ms\\u{1f}–\\u{1f}–\n\
                        1\tnobody listens\\u{1f}reconnecting\\u{1f}waits\\u{1f}< 10 ms\\u{1f}20 ms\\u{1f}delivered\n";

    #[test]
    fn rows_become_tables() {
        let rows = parse(ROWS).expect("rows");
        let table = table(&[(Part::Native, rows.clone()), (Part::Chrome, rows)]);
        for line in [
            "| fault | native | Chrome |",
            "| nobody listens | error; close 1006 | error; close 1006 |",
            "| nobody listens | < 10 ms / < 10 ms / 20 ms | < 10 ms / < 10 ms / 20 ms | delivered |",
        ] {
            assert!(table.contains(line), "{table}");
        }
    }

    #[test]
    fn what_a_target_left_out_is_a_problem() {
        let all = parse(ROWS).expect("rows");
        assert_eq!(
            problems(&[(Part::Native, all.clone()), (Part::Chrome, Rows::new())]),
            ["faults: 0 of 2 rows on Chrome"]
        );
        assert!(problems(&[(Part::Native, all)]).is_empty());
        assert!(parse("nonsense").is_err());
    }
}
