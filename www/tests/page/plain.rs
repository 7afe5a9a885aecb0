//! The page of the plain socket: an exchange of each kind, refusals, a close, a server that goes away
//! and comes back.

use crate::serve;
use eversocket_webdriver::Browser;
use serde_json::json;

/// Waits for an entry of the log, given by direction and kind, with a text.
async fn await_entry(page: &Browser, kind: &str, text: &str) {
    let script = "const [direction, kind] = arguments[0].split(' ');
        return [...document.querySelectorAll('#log > li')].some(entry =>
            entry.dataset.direction === direction
            && entry.querySelector('.kind').textContent === kind
            && entry.textContent.includes(arguments[1]))";
    page.until(script, json!([kind, text])).await;
}

#[tokio::test]
async fn it_connects_sends_and_closes() {
    let server = serve(([127, 0, 0, 1], 0).into()).await;
    let address = server.address();
    let page = Browser::start(&["--window-size=1100,1060"], &[]).await;
    page.visit(&format!("http://{address}/plain.html")).await;

    page.await_text("#state", "not connected yet").await;
    page.enter("#protocols", "chat.v2, chat.v1").await;
    page.click("#connect").await;
    page.await_text("#state", "Open (1)").await;
    page.await_text("#protocol", "chat.v2").await;
    page.await_text("#buffered-amount", "0 bytes").await;

    page.enter("#text", "Grüße from the browser").await;
    page.click("#send-text").await;
    await_entry(&page, "in text", "Grüße from the browser").await;
    page.enter("#hex", "00ff1020").await;
    page.click("#send-binary").await;
    await_entry(&page, "in binary", "00 ff 10 20").await;
    let file = std::env::temp_dir().join(format!("eversocket-page-{}.txt", std::process::id()));
    std::fs::write(&file, "a file sent as a blob").expect("a file");
    page.choose_file("#file", &file).await;
    page.click("#send-file").await;
    await_entry(&page, "in binary", "a file sent as a blob").await;

    page.enter("#code", "1006").await;
    page.click("#close-with").await;
    await_entry(&page, "state refused", "1006").await;
    page.await_text("#state", "Open (1)").await;
    page.assert_accessible().await;

    page.enter("#code", "3001").await;
    page.enter("#reason", "done").await;
    page.click("#close-with").await;
    page.await_text("#state", "Closed (3)").await;
    await_entry(&page, "state close", "closed cleanly with code 3001: done").await;

    page.click("#connect").await;
    page.await_text("#state", "Open (1)").await;
    drop(server);
    page.await_text("#state", "Closed (3)").await;
    await_entry(&page, "state close", "closed uncleanly with code 1006").await;
    let _server = serve(address).await;
    page.click("#connect").await;
    page.await_text("#state", "Open (1)").await;
    std::fs::remove_file(file).expect("it is there");
}
