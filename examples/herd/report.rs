//! The numbers, as tables and as a document about them.

use crate::Outcome;
use std::time::Duration;

/// One line a kind.
pub fn table(outcomes: &[Outcome]) -> String {
    let mut lines = vec![row(&[
        "jitter",
        "outage",
        "attempts",
        "peak, whole run",
        "peak after return",
        "ideal",
        "peak / ideal",
        "50 % back",
        "99 % back",
        "all back",
    ])];
    lines.extend(outcomes.iter().map(|outcome| {
        let run = &outcome.run;
        row(&[
            outcome.kind.name(),
            &format!("{} s", run.outage),
            &grouped(run.attempts()),
            &format!("{}/s", grouped(run.peak())),
            &format!("{}/s", grouped(run.peak_after_return())),
            &format!("{}/s", grouped(outcome.ideal().round() as u64)),
            &format!("{:.2}", outcome.ratio()),
            &seconds(run.time_until(0.5)),
            &seconds(run.time_until(0.99)),
            &seconds(run.time_until(1.0)),
        ])
    }));
    aligned(lines)
}

/// One line an outage, for full jitter and for code 1012.
pub fn table_by_outage(outcomes: &[[Outcome; 2]]) -> String {
    let mut lines = vec![row(&[
        "outage",
        "full: peak after return",
        "peak / ideal",
        "99 % back",
        "code 1012: peak after return",
        "peak / ideal",
        "99 % back",
    ])];
    lines.extend(outcomes.iter().map(|[full, announced]| {
        let cells = [full, announced].map(|outcome| {
            let run = &outcome.run;
            let peak = format!("{}/s", grouped(run.peak_after_return()));
            [peak, format!("{:.2}", outcome.ratio()), seconds(run.time_until(0.99))]
        });
        let outage = format!("{} s", full.run.outage);
        std::iter::once(outage).chain(cells.into_iter().flatten()).collect()
    }));
    aligned(lines)
}

pub fn document(clients: u64, outage: u64, table: &str, by_outage: &str) -> String {
    let clients = grouped(clients);
    format!(
        "\
# The herd after a restart

{clients} clients are connected when their server goes away. When do they come back? Written by
`cargo xtask herd`, which runs `examples/herd`: each client is the state machine of a real
`ReconnectingWebSocket`, told by `test_kit::Simulation` what becomes of its attempts.

At time 0 every connection is cut (1006). The server refuses every attempt for {outage} s, and from then
on accepts everybody. Backoff is exponential from 0.1 s to 30 s, the default but for the jitter. In
the last line the server announces its restart: it closes with code 1012, after which clients wait
for 5 to 30 s, and is back before the first of them.

{table}
![Arrivals per second, for each kind of jitter](herd.svg)

- *Peak* is the most attempts in any one second: over the whole run, the refused ones included, and
  from the server's return on. The times count from the return.
- *Ideal* is what the same clients would do if they knew nothing of each other: clients whose delays
  are *m* on average, and who began at different times, make clients / *m* attempts per second
  (renewal theory). By arithmetic *m* is 30 s without jitter, 22.5 s with equal and 15 s with full
  jitter; with decorrelated jitter, which has no simple formula, it is measured over an hour, after
  half an hour of refusals. For code 1012 it is an even spread over the 25 s that the code
  asks for. It is each kind's own: a kind with a longer mean has a lower one, and takes longer.
- It may be undercut a little, because who is back does not come again: of independent clients with
  full jitter, 59/60 of the ideal come in the first second after the return, and then fewer.
- The command fails if full jitter's peak exceeds 1.1 of its ideal.

## What the outage's length does

{outage} s are four times the longest delay. The ideal is that of clients whose delays have grown to the
cap, and it takes about 25 s of refusals until full jitter's have. A server that is back sooner
meets clients which still try more often, and which still come together:

{by_outage}
So full jitter keeps within 1.1 of the ideal from outages of about 20 s on. A server that is back
within 5 s should close with code 1012: its peak is the lowest there is, and clients try but once.
One that takes longer loses nothing by it: who comes back too early is refused, and goes on from a
wait of the same order.

## What no jitter helps against

In the first second clients with full jitter make four attempts each, the others about three,
because the first delays are 0.1, 0.2 and 0.4 s at most: quick for one client on a bad network, and
much for a server that has just lost all of them. Where that matters, announce the restart by code
1012, or set a longer first delay, such as 2 s.
"
    )
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// A table that is read well with and without a renderer: the first column to the left.
fn aligned(mut lines: Vec<Vec<String>>) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..columns).map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0)).collect();
    let rule = widths.iter().enumerate().map(|(column, width)| match column {
        0 => "-".repeat(*width),
        _ => format!("{}:", "-".repeat(width - 1)),
    });
    lines.insert(1, rule.collect());
    let mut text = String::new();
    for line in lines {
        for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            text += &if column == 0 { format!("| {cell:<width$} |") } else { format!(" {cell:>width$} |") };
        }
        text.push('\n');
    }
    text
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// 1234567 as 1 234 567, by spaces at which no line breaks.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}
