//! A process's memory while a gibibyte goes through it each way, at the pace of whoever is slower. In browsers
//! it is the memory of the tab, in `tests/pages`.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(target_os = "linux")]

#[path = "support/mod.rs"]
mod support;

use eversocket::{Event, Message, WebSocket};
use std::{fs, time::Duration};
use support::*;

const MESSAGE: u64 = 64 << 10;
/// In messages.
const GIBIBYTE: u64 = (1 << 30) / MESSAGE;
/// To where pools are filled.
const WARM_UP: u64 = GIBIBYTE / 16;
/// How much more the process may take meanwhile: a tenth of what goes through.
const MARGIN: u64 = 100 << 20;
/// A slow reader stops after so many messages, for a moment.
const SIP: u64 = 16;

/// Of this process, in bytes.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("it is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it is told");
    let kibibytes: u64 = line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number");
    kibibytes << 10
}

/// Sends as fast as the server takes it; how often it had to wait, and the most memory.
async fn pump(count: u64) -> (u64, u64) {
    let mut socket = Script::new(&format!("accept;expect:{count};expect-close;end")).connect().await;
    let (mut waits, mut peak) = (0, 0);
    for _ in 0..count {
        let before = socket.buffered_amount();
        socket.ready().await.expect("it is open");
        waits += u64::from(socket.buffered_amount() < before);
        socket.send(vec![7; MESSAGE as usize]).expect("it is ready");
        peak = peak.max(memory());
    }
    socket.flushed().await.expect("it is open");
    socket.close().expect("it closes");
    assert!(closed(&mut socket).await.was_clean);
    (waits, peak)
}

/// Reads more slowly than the server could send, and begins when that has to wait; the most memory.
async fn sip(count: u64) -> u64 {
    let script = Script::new(&format!("accept;flood:{count}:{MESSAGE};close:1000"));
    let mut socket = WebSocket::builder(&script.url).inbox_capacity(1 << 20).connect().await.expect("it connects");
    let sent = script.held_back().await;
    assert!(sent < GIBIBYTE / 10, "{sent} messages were sent to a client that does not read");
    let (mut received, mut peak) = (0, 0);
    while let Some(event) = socket.next_event().await {
        if let Event::Message(Message::Binary(_)) = event {
            received += 1;
            peak = peak.max(memory());
            if received % SIP == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }
    assert_eq!(received, count);
    peak
}

/// One after the other, since it is the memory of all.
#[tokio::test]
async fn a_process_through_which_a_gibibyte_goes_each_way_stays_small() {
    let (_, before) = pump(WARM_UP).await;
    let (waits, peak) = pump(GIBIBYTE).await;
    println!("sending: {before} bytes before, {peak} at most, {waits} waits");
    assert!(waits > 100, "{waits} waits for a server that is to be slower");
    assert!(peak < before + MARGIN, "sending: {before} bytes before, {peak} at most");
    let before = sip(WARM_UP).await;
    let peak = sip(GIBIBYTE).await;
    println!("reading: {before} bytes before, {peak} at most");
    assert!(peak < before + MARGIN, "reading: {before} bytes before, {peak} at most");
}
