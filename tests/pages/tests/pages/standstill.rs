//! The page stands still for a while, or the whole computer did.

use crate::support::{Gate, KEEP_CONNECTIONS, Page};
use serde_json::json;

async fn freeze(page: &mut Page) {
    page.browser.devtools("Page.setWebLifecycleState", json!({ "state": "frozen" })).await;
    page.await_note("page freeze").await;
}

async fn resume(page: &mut Page) {
    page.browser.devtools("Page.setWebLifecycleState", json!({ "state": "active" })).await;
    page.await_note("page resume").await;
}

/// An open connection that asks for no sign of life by itself as long as the test takes.
async fn open(page: &mut Page, dead_after: u32) -> Gate {
    let gate = page.new_gate().await;
    page.open(&gate.url("/echo"), json!({ "delay": 50, "period": 600_000, "deadAfter": dead_after })).await;
    page.await_note("state open").await;
    gate
}

/// By default Chrome breaks the connections of a page that was frozen, as soon as it is thawed.
#[tokio::test]
async fn a_connection_that_the_browser_breaks_because_of_the_frost_is_replaced() {
    let mut page = Page::start().await;
    let gate = open(&mut page, 10_000).await;
    freeze(&mut page).await;
    resume(&mut page).await;
    page.await_note("interrupted").await;
    page.await_note("state open").await;
    page.send("on the new one").await;
    page.await_note("message on the new one").await;
    assert_eq!(gate.count().await, 2);
}

#[tokio::test]
async fn a_page_that_is_thawed_asks_for_a_sign_of_life_and_keeps_what_lives() {
    let mut page = Page::start_with(&[KEEP_CONNECTIONS]).await;
    let gate = open(&mut page, 10_000).await;
    freeze(&mut page).await;
    resume(&mut page).await;
    page.await_note("heartbeat").await;
    page.await_note("answer").await;
    assert!(page.has_no("interrupted").await);
    assert_eq!((page.state().await.as_str(), gate.count().await), ("open", 1));
}

#[tokio::test]
async fn a_connection_that_died_while_the_page_was_frozen_is_replaced() {
    let mut page = Page::start_with(&[KEEP_CONNECTIONS]).await;
    let gate = open(&mut page, 300).await;
    freeze(&mut page).await;
    gate.order("freeze").await;
    resume(&mut page).await;
    let asked = page.await_note("heartbeat").await.at;
    let lost = page.await_note("interrupted").await;
    assert!(lost.text.contains("300 ms") && lost.at - asked >= 299.0, "{lost:?} {asked}");
    page.await_note("state open").await;
    page.send("on the new one").await;
    page.await_note("message on the new one").await;
    assert_eq!(gate.count().await, 2);
}

#[tokio::test]
async fn timers_that_the_frost_made_late_lead_to_one_heartbeat_and_no_loss() {
    let mut page = Page::start_with(&[KEEP_CONNECTIONS]).await;
    let gate = page.new_gate().await;
    let options = json!({ "period": 1000, "deadAfter": 1000, "clockCheck": 500 });
    page.open(&gate.url("/echo"), options).await;
    page.await_note("state open").await;
    freeze(&mut page).await;
    // later than timers ever are
    page.let_pass(7000.0).await;
    resume(&mut page).await;
    let asked = page.await_note("heartbeat").await.at;
    let answered = page.await_note("answer").await.at;
    let notes = page.notes().await;
    let heartbeats = notes.iter().filter(|note| note.text == "heartbeat" && asked <= note.at && note.at <= answered);
    assert_eq!(heartbeats.count(), 1, "{notes:#?}");
    assert!(page.has_no("interrupted").await);
    assert_eq!(gate.count().await, 1);
}

/// The wall clock says that an hour has passed, as after sleep.
async fn jump(page: &Page) {
    page.browser.evaluate("const now = Date.now; Date.now = () => now() + 3600000; note('jump')", json!([])).await;
}

#[tokio::test]
async fn after_sleep_a_wait_is_over() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    gate.order("stop").await;
    page.open(&gate.url("/echo"), json!({ "delay": 600_000, "clockCheck": 100 })).await;
    page.await_note("state waiting 600.0 s before attempt 2").await;
    gate.order("start").await;
    page.let_pass(300.0).await;
    assert!(page.state().await.starts_with("waiting"), "clocks that go alike end no wait");
    jump(&page).await;
    page.await_note("jump").await;
    page.await_note("state connecting (attempt 2)").await;
    page.await_note("state open").await;
}

#[tokio::test]
async fn after_sleep_a_connection_is_asked_for_a_sign_of_life() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    let options = json!({ "clockCheck": 100, "period": 600_000, "deadAfter": 10_000 });
    page.open(&gate.url("/echo"), options).await;
    page.await_note("state open").await;
    page.let_pass(300.0).await;
    assert!(page.has_no("heartbeat").await, "clocks that go alike ask for nothing");
    jump(&page).await;
    page.await_note("jump").await;
    page.await_note("heartbeat").await;
    page.await_note("answer").await;
    assert_eq!((page.state().await.as_str(), gate.count().await), ("open", 1));
}

#[tokio::test]
async fn sleep_that_shows_in_two_ways_asks_for_one_sign_of_life() {
    let mut page = Page::start().await;
    open(&mut page, 10_000).await;
    let script = "const now = Date.now;
        Date.now = () => now() + 3600000;
        document.dispatchEvent(new Event('resume'))";
    page.browser.evaluate(script, json!([])).await;
    page.await_note("answer").await;
    let heartbeats = page.notes().await.iter().filter(|note| note.text == "heartbeat").count();
    assert_eq!(heartbeats, 1);
}
