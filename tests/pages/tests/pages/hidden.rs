//! Another tab is in front.

use crate::support::Page;
use serde_json::json;

const SCRIPT: &str = "/script?id=hidden-{n}&do=accept;echo";

impl Page {
    /// Opens another tab and shows it; returns what shows this one again. Commands that follow
    /// still go to the page.
    async fn hide(&mut self) -> String {
        let own = self.browser.window().await;
        let other = self.browser.new_window("tab").await;
        self.browser.show(&other).await;
        self.await_note("page visibilitychange: hidden").await;
        own
    }

    async fn show(&mut self, own: &str) {
        self.browser.show(own).await;
        self.await_note("page visibilitychange: visible").await;
    }
}

#[tokio::test]
async fn beyond_the_limit_the_connection_is_let_go_until_the_page_is_shown() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    page.open(&gate.url(SCRIPT), json!({ "hiddenLimit": 300 })).await;
    page.await_note("state open").await;

    let own = page.hide().await;
    page.await_note("interrupted let go by this side: the page is hidden").await;
    page.await_note("state paused: the page is hidden").await;
    let record = page.record("hidden-1").await;
    assert!(record.contains(&"close 4001 page left or hidden".to_owned()), "{record:#?}");
    page.send("queued while hidden").await;
    page.let_pass(500.0).await;
    assert_eq!(gate.count().await, 1);

    page.show(&own).await;
    page.await_note("state open").await;
    page.await_note("message queued while hidden").await;
    assert_eq!(gate.count().await, 2);
}

#[tokio::test]
async fn a_short_look_elsewhere_costs_nothing() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    page.open(&gate.url("/echo"), json!({ "hiddenLimit": 600_000, "period": 600_000, "deadAfter": 10_000 })).await;
    page.await_note("state open").await;
    let own = page.hide().await;
    page.show(&own).await;
    page.await_note("heartbeat").await;
    page.await_note("answer").await;
    assert_eq!((page.state().await.as_str(), gate.count().await), ("open", 1));
}

#[tokio::test]
async fn late_timers_of_a_hidden_page_are_not_held_against_the_server() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    page.open(&gate.url("/echo"), json!({ "period": 100, "deadAfter": 100 })).await;
    page.await_note("state open").await;
    let own = page.hide().await;
    let mut last = page.await_note("heartbeat").await.at;
    let mut late = 0;
    // by and by Chrome slows down the timers of a hidden page to one a second
    while late < 4 {
        let next = page.await_note("heartbeat").await.at;
        if next - last > 500.0 {
            println!("hidden: {:.0} ms from heartbeat to heartbeat, where 100 were asked for", next - last);
            late += 1;
        }
        last = next;
    }
    page.show(&own).await;
    page.send("still there").await;
    page.await_note("message still there").await;
    assert!(page.has_no("interrupted").await);
    assert_eq!(gate.count().await, 1);
}
