//! The page of the socket that stays: the server misbehaves, and the page tells the truth.

use crate::serve;
use eversocket_server::Server;
use eversocket_webdriver::{Browser, ENTER, TAB, get};
use serde_json::{Value, json};
use std::path::Path;

const LOOKS: [(&str, &str, u32, u32); 4] = [
    ("desktop-light", "light", 1280, 1000),
    ("desktop-dark", "dark", 1280, 1000),
    ("phone-light", "light", 360, 800),
    ("phone-dark", "dark", 360, 800),
];

struct Visit {
    page: Browser,
    server: Server,
}

impl Visit {
    async fn new(more: &str) -> Self {
        let server = serve(([127, 0, 0, 1], 0).into()).await;
        let page = Browser::start(&["--window-size=1280,1000"], &[]).await;
        page.visit(&format!("http://{}/{more}", server.address())).await;
        Self { page, server }
    }

    async fn await_state(&self, state: &str) {
        self.page.await_text("#state", state).await;
    }

    async fn number(&self, id: &str) -> u64 {
        let text = self.page.evaluate("return document.getElementById(arguments[0]).textContent", json!([id])).await;
        text.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{id} is no number: {text}"))
    }

    /// Waits until a number of the page is at least so much.
    async fn await_number(&self, id: &str, least: u64) {
        self.page
            .until("return +document.getElementById(arguments[0]).textContent >= arguments[1]", json!([id, least]))
            .await;
    }

    async fn await_log(&self, text: &str) {
        self.page.await_text("#log", text).await;
    }

    async fn show_all_options(&self) {
        let script = "document.querySelectorAll('details').forEach(group => group.open = true)";
        self.page.evaluate(script, json!([])).await;
    }

    /// All that was accepted has one fate.
    async fn assert_adds_up(&self) {
        let script = "const of = id => +document.getElementById(id).textContent;
            return [of('accepted'), of('returned') + of('pending') + of('unknown') + of('dropped') + of('given-back')]";
        let Value::Array(sums) = self.page.evaluate(script, json!([])).await else { panic!("no sums") };
        assert_eq!(sums[0], sums[1]);
    }
}

#[tokio::test]
async fn drops_and_refusals_lose_nothing_in_silence() {
    let visit = Visit::new("#backoff-cap=1").await;
    visit.await_state("open").await;
    visit.page.click("#stream").await;
    visit.await_number("returned", 5).await;
    visit.page.click("#drop").await;
    visit.await_log("interrupted: ").await;
    visit.await_log("back after ").await;
    visit.await_state("open").await;

    visit.page.click("#refuse").await;
    visit.await_state("waiting").await;
    visit.page.await_text("#countdown", "next attempt in ").await;
    visit.await_number("queued", 5).await;
    visit.assert_adds_up().await;
    visit.page.click("#stream").await;
    visit.await_log("the server: started").await;
    visit.await_state("open").await;
    visit.page.await_text("#pending", "0").await;
    visit.page.until("return document.getElementById('pending').textContent === '0'", json!([])).await;
    visit.assert_adds_up().await;
    assert_eq!(visit.number("refused").await, 0);
    let states = "return document.getElementById('timeline').getAttribute('aria-label')";
    let states = visit.page.evaluate(states, json!([])).await;
    assert!(states.as_str().is_some_and(|words| words.contains("waiting") && words.contains("open")), "{states}");
}

#[tokio::test]
async fn a_half_open_connection_is_noticed_by_the_heartbeat() {
    let visit = Visit::new("#heartbeat-period=0.5&heartbeat-limit=0.5").await;
    visit.await_state("open").await;
    visit.page.await_text("#heartbeat-trip", "ms").await;
    visit.page.click("#freeze").await;
    visit.await_log("interrupted: ").await;
    visit.await_state("open").await;
}

#[tokio::test]
async fn the_server_closes_is_slow_and_floods() {
    let visit = Visit::new("").await;
    visit.await_state("open").await;
    visit.page.click("#flood").await;
    visit.await_log("too fast to be listed").await;
    visit.page.click("#slow").await;
    visit.await_log("the server: set").await;
    visit.page.enter("#text", "slowly").await;
    visit.page.click("#send").await;
    visit.await_log("slowly").await;
    visit.await_number("returned", 1).await;
    let longest = visit.page.evaluate("return document.getElementById('trips').textContent", json!([])).await;
    let longest =
        longest.as_str().and_then(|words| words.split("longest ").nth(1)?.split(' ').next()?.parse::<f64>().ok());
    assert!(longest >= Some(400.0), "{longest:?}");
    visit.page.click("#restart").await;
    visit.await_log("1012").await;
    visit.page.click("#reconnect").await;
    visit.await_state("open").await;
    visit.page.enter("#close-code", "1008").await;
    visit.page.click("#close-code-send").await;
    visit.await_state("ended").await;
    visit.page.await_text("#cause", "1008").await;
    // and again
    visit.page.click("#open").await;
    visit.await_state("open").await;
    visit.page.click("#close").await;
    visit.await_state("ended").await;
}

/// With an inbox of one message or so; without it the flood would end the connection.
#[tokio::test]
async fn a_server_waits_where_that_is_chosen() {
    let visit = Visit::new("#backpressure=on&inbox-capacity=100").await;
    visit.await_state("open").await;
    visit.page.click("#flood").await;
    visit.await_log("too fast to be listed").await;
    visit.page.enter("#text", "after it").await;
    visit.page.click("#send").await;
    visit.await_number("returned", 1).await;
    let trouble = "return document.getElementById('log').textContent.includes('interrupted')";
    assert_eq!(visit.page.evaluate(trouble, json!([])).await, json!(false));
    visit.show_all_options().await;
    visit.page.click("#open").await;
    visit.await_state("open").await;
    let hash = visit.page.evaluate("return location.hash", json!([])).await;
    assert!(hash.as_str().is_some_and(|hash| hash.contains("backpressure=on")), "{hash}");
}

#[tokio::test]
async fn options_are_kept_in_the_address_and_bad_ones_are_refused() {
    let visit = Visit::new("#max-attempts=2&backoff=constant&backoff-base=0.05").await;
    visit.await_state("open").await;
    visit.page.enter("#url", &format!("ws://{}/script?do=http:404", visit.server.address())).await;
    visit.page.click("#open").await;
    visit.await_state("ended").await;
    visit.page.await_text("#cause", "2 attempts").await;
    visit.page.enter("#url", "ws://a b").await;
    visit.page.click("#open").await;
    visit.page.until("return document.getElementById('problem').textContent !== ''", json!([])).await;
    let url = format!("ws://{}/echo", visit.server.address());
    visit.page.enter("#url", &url).await;
    visit.page.enter("#protocols", "chat").await;
    visit.page.click("#open").await;
    visit.await_state("open").await;
    let hash = visit.page.evaluate("return decodeURIComponent(location.hash)", json!([])).await;
    let hash = hash.as_str().expect("a fragment");
    for part in ["max-attempts=2", "backoff=constant", "protocols=chat", &format!("url={url}")] {
        assert!(hash.contains(part), "{hash}");
    }
}

#[tokio::test]
async fn a_session_begins_with_its_greeting_and_renews_what_is_sticky() {
    let visit = Visit::new("#session-send=hello&session-answer=hello&sticky=subscribe&clock-check=never").await;
    visit.await_state("open").await;
    visit.await_log("subscribe").await;
    visit.page.click("#clear").await;
    visit.page.click("#drop").await;
    visit.await_log("subscribe").await;
    // what does not answer as it should is no session
    visit.show_all_options().await;
    visit.page.enter("#session-answer", "welcome").await;
    visit.page.click("#open").await;
    visit.await_state("waiting").await;
    visit.page.await_text("#cause", "the greeting's answer was not").await;
}

#[tokio::test]
async fn a_token_is_shown_but_not_kept_in_the_address() {
    let visit = Visit::new("#carrier=first").await;
    visit.await_state("open").await;
    let port = visit.server.address().port();
    assert_eq!(get(port, "/token/set?name=page&value=secret").await, "set");
    visit.show_all_options().await;
    visit.page.enter("#url", &format!("ws://127.0.0.1:{port}/guarded?name=page&how=first")).await;
    visit.page.enter("#token", "wrong").await;
    visit.page.click("#open").await;
    visit.await_state("ended").await;
    visit.page.await_text("#cause", "credentials").await;
    visit.page.enter("#token", "secret").await;
    visit.page.click("#open").await;
    visit.await_state("open").await;
    visit.page.click("#send").await;
    visit.await_number("returned", 1).await;
    let hash = visit.page.evaluate("return location.hash", json!([])).await;
    assert!(hash.as_str().is_some_and(|hash| hash.contains("carrier=first") && !hash.contains("secret")), "{hash}");
}

#[tokio::test]
async fn close_codes_are_told_apart_as_the_form_says() {
    let visit = Visit::new("#codes-stop=4001,4002&codes-retry=1008&backoff=constant&backoff-base=0.05").await;
    visit.await_state("open").await;
    visit.page.enter("#close-code", "1008").await;
    visit.page.click("#close-code-send").await;
    visit.await_log("back after ").await;
    visit.await_state("open").await;
    visit.page.enter("#close-code", "4002").await;
    visit.page.click("#close-code-send").await;
    visit.await_state("ended").await;
    visit.show_all_options().await;
    visit.page.enter("#codes-stop", "4001, x").await;
    visit.page.click("#open").await;
    visit.page.await_text("#problem", "“x” in Close codes: stop is no number that fits").await;
}

#[tokio::test]
async fn the_log_is_filtered_and_the_keyboard_is_enough() {
    let visit = Visit::new("").await;
    visit.await_state("open").await;
    visit.page.enter("#text", "needle").await;
    visit.page.press(ENTER).await;
    visit.await_number("returned", 1).await;
    visit.page.click("#show-state").await;
    visit.page.click("#show-out").await;
    visit.page.enter("#filter", "NEEDLE").await;
    visit.page.until("return document.querySelectorAll('#log > li.in').length === 1 && document.querySelectorAll('#log > li').length === 1", json!([])).await;
    // from the top of the page to the button that drops the connection
    visit.page.evaluate("document.getElementById('theme').focus()", json!([])).await;
    let mut presses = 0;
    while visit.page.evaluate("return document.activeElement.id", json!([])).await != json!("drop") {
        presses += 1;
        assert!(presses < 10, "the keyboard does not get there");
        visit.page.press(TAB).await;
    }
    visit.page.press(ENTER).await;
    visit.page.click("#show-state").await;
    visit.page.enter("#filter", "the server: dropped").await;
    visit.await_log("the server: dropped").await;
}

/// In each look, connected and not, with all options shown.
#[tokio::test]
async fn it_is_accessible_and_fits() {
    let visit = Visit::new("").await;
    visit.await_state("open").await;
    visit.page.click("#stream").await;
    visit.await_number("returned", 60).await;
    visit.page.click("#drop").await;
    visit.await_log("back after ").await;
    visit.await_number("returned", 90).await;
    visit.page.click("#refuse").await;
    visit.await_state("waiting").await;
    for (name, scheme, width, height) in LOOKS {
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        visit.page.devtools("Emulation.setDeviceMetricsOverride", screen).await;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        visit.page.devtools("Emulation.setEmulatedMedia", media).await;
        visit.page.assert_accessible().await;
        let wide = visit.page.evaluate("return document.documentElement.scrollWidth", json!([])).await;
        assert!(wide.as_u64() <= Some(width.into()), "{name}: {wide} is wider than the screen");
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
        std::fs::create_dir_all(&target).expect("a folder");
        visit.page.picture(&target.join(format!("demo-{name}.png"))).await;
    }
    visit
        .page
        .evaluate("document.querySelectorAll('details').forEach(details => details.open = true)", json!([]))
        .await;
    visit.page.assert_accessible().await;
}
