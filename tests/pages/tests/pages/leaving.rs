//! The page is left, and perhaps returned to.

use crate::support::{KEEP_CONNECTIONS, Page};
use serde_json::json;

const SCRIPT: &str = "/script?id=left-{n}&do=accept;echo";

/// The frames of a record.
fn closes(record: &[String]) -> Vec<&str> {
    record.iter().filter(|line| line.starts_with("close")).map(String::as_str).collect()
}

#[tokio::test]
async fn the_connection_comes_back_with_the_page_from_the_cache() {
    there_and_back(Page::start().await).await;
}

/// There an open connection keeps a page out of the cache.
#[tokio::test]
async fn the_connection_comes_back_with_the_page_in_older_browsers() {
    there_and_back(Page::start_with(&[KEEP_CONNECTIONS]).await).await;
}

async fn there_and_back(mut page: Page) {
    let gate = page.new_gate().await;
    page.open(&gate.url(SCRIPT), json!({ "delay": 600_000 })).await;
    page.await_note("state open").await;

    page.browser.visit(&page.url("/other.html")).await;
    assert_eq!(closes(&page.record("left-1").await), ["close 4001 page left or hidden"]);
    page.browser.back().await;
    page.await_note("page pagehide: persisted").await;
    page.await_note("interrupted let go by this side: the page was left").await;
    page.await_note("state paused: the page was left").await;
    page.await_note("page pageshow: persisted").await;
    page.await_note("state open").await;
    page.send("back again").await;
    page.await_note("message back again").await;
    assert_eq!(gate.count().await, 2);
}

#[tokio::test]
async fn what_cannot_come_back_is_closed_by_the_browser() {
    let mut page = Page::start_with(&["--disable-features=BackForwardCache"]).await;
    page.open(&format!("ws://127.0.0.1:{}{SCRIPT}", page.port()), json!({})).await;
    page.await_note("state open").await;
    page.browser.visit(&page.url("/other.html")).await;
    assert_eq!(closes(&page.record("left-1").await), ["close 1001"]);
}

#[tokio::test]
async fn a_tab_that_is_closed_says_that_it_goes_away() {
    let mut page = Page::start().await;
    page.open(&format!("ws://127.0.0.1:{}{SCRIPT}", page.port()), json!({})).await;
    page.await_note("state open").await;
    let other = page.browser.new_window("tab").await;
    page.browser.close_window().await;
    assert_eq!(closes(&page.record("left-1").await), ["close 1001"]);
    page.browser.switch_to(&other).await;
}
