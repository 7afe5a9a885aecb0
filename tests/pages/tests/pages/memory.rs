//! A tab's memory while much goes through it, at the pace of whoever is slower.

use crate::support::Page;
use serde_json::json;
use std::time::Duration;

const MEBIBYTES: u32 = 1024;
/// To where code is compiled, pools are filled, and collectors have their rhythm.
const WARM_UP: u32 = MEBIBYTES;
/// How much more the browser may take meanwhile, in KiB: a tenth of what goes through.
const MARGIN: u64 = 100 << 10;

/// Waits for a line of the log, and looks at the browser's memory all the while; the most, in KiB.
async fn peak_until(page: &mut Page, beginning: &str) -> (String, u64) {
    let mut peak = page.browser.memory();
    loop {
        peak = peak.max(page.browser.memory());
        if let Ok(note) = tokio::time::timeout(Duration::from_millis(50), page.await_note(beginning)).await {
            return (note.text, peak);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_sends_a_gibibyte_to_a_slow_server_stays_small() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    let url = gate.url("/script?do=accept;expect:100000;expect-close;end");
    let pump = "socket.pump(...arguments)";
    page.browser.evaluate(pump, json!([url, WARM_UP])).await;
    let (_, before) = peak_until(&mut page, "pumped").await;
    page.browser.evaluate(pump, json!([url, MEBIBYTES])).await;
    let (told, peak) = peak_until(&mut page, "pumped").await;
    println!("sending: {before} KiB before, {peak} KiB at most; {told}");
    let waits: u32 = told.split(' ').nth(2).and_then(|waits| waits.parse().ok()).expect(&told);
    assert!(waits > MEBIBYTES / 4, "{told}");
    assert!(peak < before + MARGIN, "{before} KiB before, {peak} KiB at most");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_reads_a_gibibyte_slowly_stays_small_and_the_server_waits() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    let url = |mebibytes: u32, id: &str| {
        gate.url(&format!("/script?id={id}&do=accept;flood:{}:65536;close:1000", mebibytes * 16))
    };
    page.browser.evaluate("socket.sip(arguments[0], Promise.resolve())", json!([url(WARM_UP, "warm-up")])).await;
    let (_, before) = peak_until(&mut page, "sipped").await;
    let script = "socket.sip(arguments[0], new Promise((resolve) => { window.begin = resolve; }))";
    page.browser.evaluate(script, json!([url(MEBIBYTES, "all")])).await;
    let sent: u32 = page.ask("/wait-held-back?id=all").await.parse().expect("the server waits");
    assert!(sent < MEBIBYTES * 16 / 10, "{sent} messages were sent to a page that does not read");
    page.browser.evaluate("begin()", json!([])).await;
    let (told, peak) = peak_until(&mut page, "sipped").await;
    println!("reading: {before} KiB before, {peak} KiB at most; {told}");
    assert_eq!(told, format!("sipped {} bytes", u64::from(MEBIBYTES) << 20));
    assert!(peak < before + MARGIN, "{before} KiB before, {peak} KiB at most");
}
