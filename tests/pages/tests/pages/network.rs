//! The browser says that there is no network, and that there is one again.

use crate::support::Page;
use serde_json::json;

impl Page {
    /// The driver's switch. It is what `navigator.onLine` and the events tell. New connections
    /// fail at once, and the server sees nothing of them; those that are open go on.
    async fn set_online(&mut self, online: bool) {
        let conditions = json!({ "offline": !online, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.browser.devtools("Network.enable", json!({})).await;
        self.browser.devtools("Network.emulateNetworkConditions", conditions).await;
        self.await_note(if online { "page online" } else { "page offline" }).await;
    }
}

#[tokio::test]
async fn offline_no_attempts_are_spent_and_online_it_is_open_at_once() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    page.open(&gate.url("/echo"), json!({ "delay": 20 })).await;
    page.await_note("state open").await;

    page.set_online(false).await;
    assert_eq!(page.state().await, "open", "what still works is left alone");
    gate.order("drop").await;
    page.await_note("interrupted").await;
    page.await_note("state offline").await;
    page.send("queued offline").await;
    page.let_pass(500.0).await;
    assert!(page.is_quiet().await, "many delays have passed, and nothing was tried");
    assert_eq!((page.state().await.as_str(), gate.count().await), ("offline", 1));

    page.set_online(true).await;
    page.await_note("state connecting (attempt 2)").await;
    page.await_note("state open").await;
    page.await_note("message queued offline").await;
    assert_eq!(gate.count().await, 2);
}

#[tokio::test]
async fn offline_ends_a_wait_and_online_does_not_wait_for_the_rest() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    gate.order("stop").await;
    page.open(&gate.url("/echo"), json!({ "delay": 600_000 })).await;
    page.await_note("state waiting 600.0 s before attempt 2").await;
    page.set_online(false).await;
    page.await_note("state offline").await;
    gate.order("start").await;
    page.set_online(true).await;
    page.await_note("state connecting (attempt 2)").await;
    page.await_note("state open").await;
}

#[tokio::test]
async fn a_socket_that_is_made_offline_connects_when_online() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    page.set_online(false).await;
    page.open(&gate.url("/echo"), json!({ "delay": 20 })).await;
    page.await_note("state offline").await;
    page.send("early").await;
    page.let_pass(200.0).await;
    assert!(page.is_quiet().await);
    assert_eq!((page.state().await.as_str(), gate.count().await), ("offline", 0));
    page.set_online(true).await;
    page.await_note("state connecting (attempt 1)").await;
    page.await_note("state open").await;
    page.await_note("message early").await;
    assert_eq!(gate.count().await, 1);
}

#[tokio::test]
async fn a_connection_that_outlives_the_gap_is_kept_and_asked_for_a_sign_of_life() {
    let mut page = Page::start().await;
    let gate = page.new_gate().await;
    page.open(&gate.url("/echo"), json!({ "period": 600_000, "deadAfter": 10_000 })).await;
    page.await_note("state open").await;
    page.set_online(false).await;
    page.set_online(true).await;
    page.await_note("heartbeat").await;
    page.await_note("answer").await;
    assert_eq!((page.state().await.as_str(), gate.count().await), ("open", 1));
    assert!(page.has_no("interrupted").await);
}
