//! One body for all examples that are chats in a page.

use crate::{
    companion::Companion,
    support::{PENDING, Page, UNKNOWN},
};
use eversocket_webdriver::{ENTER, TAB};
use serde_json::json;

/// What a person would press before giving up.
const PATIENT_TABS: u32 = 20;
const PHONE: u32 = 320;

#[tokio::test]
async fn dioxus() {
    drive("dioxus").await;
}

#[tokio::test]
async fn leptos() {
    drive("leptos").await;
}

#[tokio::test]
async fn yew() {
    drive("yew").await;
}

#[tokio::test]
async fn worker() {
    drive("worker").await;
}

async fn drive(name: &str) {
    let page = Page::visit(name).await;
    let mut companion = Companion::enter(page.server().address(), "lobby").await;
    begin_before_the_server(&page, &mut companion).await;
    say_and_hear(&page, &mut companion).await;
    page.browser.assert_accessible().await;
    say_nothing(&page, &mut companion).await;
    use_the_keyboard_alone(&page, &mut companion).await;
    outlast_an_outage(&page, &mut companion).await;
    try_again_by_hand(&page).await;
    leave_what_is_unknown_to_the_person(&page, &mut companion).await;
    assert!(page.fits(PHONE).await, "there is something to the right of a phone's screen");
    page.assert_content().await;
    leave_and_return(&page, &mut companion).await;
}

/// Sockets are refused at first, which is not yet a reconnect.
async fn begin_before_the_server(page: &Page, companion: &mut Companion) {
    page.await_state("connecting").await;
    let guest = page.browser.evaluate("return document.querySelector('#name').value", json!([])).await;
    let guest = guest.as_str().filter(|name| !name.is_empty()).expect("a name to begin with").to_owned();
    page.say("early").await;
    page.await_message(&format!("{guest}: early"), PENDING).await;
    page.gate.order("set", "&mode=serve").await;
    page.await_state("connected").await;
    page.await_message(&format!("{guest}: early"), "").await;
    assert_eq!(companion.hear().await, format!("{guest}: early"));
    let states = page.states().await;
    assert!(states.iter().all(|state| !state.starts_with("reconnecting")), "{states:?}");
}

async fn say_and_hear(page: &Page, companion: &mut Companion) {
    page.browser.enter("#name", "ann").await;
    page.say("hello").await;
    page.await_message("ann: hello", "").await;
    page.await_none(PENDING).await;
    assert_eq!(companion.hear().await, "ann: hello");
    companion.mumble();
    companion.say("<b>hi</b> & grüß dich");
    page.await_message("bob: <b>hi</b> & grüß dich", "").await;
    assert_eq!(companion.hear().await, "bob: <b>hi</b> & grüß dich");
}

async fn say_nothing(page: &Page, companion: &mut Companion) {
    let before = page.count("#messages > li").await;
    page.browser.click("#text").await;
    page.browser.press(ENTER).await;
    page.browser.click("#send").await;
    page.say("that was nothing").await;
    page.await_message("ann: that was nothing", "").await;
    assert_eq!(page.count("#messages > li").await, before + 1);
    assert_eq!(companion.hear().await, "ann: that was nothing");
}

async fn use_the_keyboard_alone(page: &Page, companion: &mut Companion) {
    page.browser.evaluate("document.activeElement.blur()", json!([])).await;
    tab_to(page, "name").await;
    tab_to(page, "text").await;
    page.browser.press("typed").await;
    page.browser.press(ENTER).await;
    page.await_message("ann: typed", "").await;
    let field = "const field = document.querySelector('#text'); return [field.value, document.activeElement === field]";
    assert_eq!(page.browser.evaluate(field, json!([])).await, json!(["", true]), "the next can be typed at once");
    page.browser.press("by the button").await;
    tab_to(page, "send").await;
    page.browser.press(ENTER).await;
    page.await_message("ann: by the button", "").await;
    assert_eq!([companion.hear().await, companion.hear().await], ["ann: typed", "ann: by the button"]);
}

/// Presses Tab until the element with this id has focus, which shows.
async fn tab_to(page: &Page, id: &str) {
    for _ in 0..PATIENT_TABS {
        page.browser.press(TAB).await;
        let focus = "return document.activeElement.id";
        if page.browser.evaluate(focus, json!([])).await == json!(id) {
            let outline = "return getComputedStyle(document.activeElement).outlineStyle";
            assert_ne!(page.browser.evaluate(outline, json!([])).await, json!("none"), "#{id} does not show focus");
            return;
        }
    }
    panic!("Tab does not lead to #{id}");
}

async fn outlast_an_outage(page: &Page, companion: &mut Companion) {
    let before = page.messages().await;
    page.gate.order("stop", "").await;
    page.await_state("reconnecting (attempt ").await;
    let meanwhile = ["ann: while away", "ann: and more"];
    for message in meanwhile {
        page.say(message.trim_start_matches("ann: ")).await;
        page.await_message(message, PENDING).await;
    }
    page.gate.order("start", "").await;
    page.await_state("connected").await;
    page.await_none(PENDING).await;
    let (heard, mark) = companion.catch_up().await;
    assert_eq!(heard, meanwhile, "each once, in order");
    page.await_message(&mark, "").await;
    let expected: Vec<String> = before.into_iter().chain(heard).chain([mark]).collect();
    assert_eq!(page.messages().await, expected);
}

/// The button counts attempts anew, by which it is told from a wait that is over.
async fn try_again_by_hand(page: &Page) {
    let button = "return document.querySelector('#reconnect').disabled";
    page.browser.until(button, json!([])).await;
    page.gate.order("stop", "").await;
    let press =
        "const attempt = document.querySelector('#state').textContent.match(/reconnecting \\(attempt (\\d+)\\)/);
        const button = document.querySelector('#reconnect');
        if (!attempt || Number(attempt[1]) < 4 || button.disabled) return false;
        states.length = 0;
        button.click();
        return true";
    page.browser.until(press, json!([])).await;
    page.browser
        .until("return states.some(state => /^reconnecting \\(attempt [123]\\)$/.test(state))", json!([]))
        .await;
    page.gate.order("start", "").await;
    page.await_state("connected").await;
    page.browser.until(button, json!([])).await;
}

/// A message that a connection took with it is not sent again but by the person.
async fn leave_what_is_unknown_to_the_person(page: &Page, companion: &mut Companion) {
    page.gate.order("freeze", "").await;
    page.say("perhaps").await;
    page.await_message("ann: perhaps", PENDING).await;
    page.gate.await_held_back().await;
    page.gate.order("drop", "").await;
    page.await_message("ann: perhaps", UNKNOWN).await;
    page.await_state("connected").await;
    let (heard, mark) = companion.catch_up().await;
    assert_eq!(heard, Vec::<String>::new(), "it is not sent again by itself");
    page.await_message(&mark, "").await;
    page.await_message("ann: perhaps", UNKNOWN).await;
    page.picture().await;

    let again = "const buttons = document.querySelectorAll('#messages > li.unknown button');
        return buttons.length === 1 && /send again/i.test(buttons[0].textContent)";
    page.browser.until(again, json!([])).await;
    page.browser.click("#messages > li.unknown button").await;
    page.await_message("ann: perhaps", "").await;
    page.await_none(UNKNOWN).await;
    let (heard, mark) = companion.catch_up().await;
    assert_eq!(heard, ["ann: perhaps"]);
    page.await_message(&mark, "").await;
    assert_eq!(page.messages().await.iter().filter(|message| *message == "ann: perhaps").count(), 1);
}

/// A page that is left keeps no socket.
async fn leave_and_return(page: &Page, companion: &mut Companion) {
    page.await_sockets(2).await;
    page.gate.order("freeze", "").await;
    page.say("leaving").await;
    page.gate.await_held_back().await;
    page.browser.visit("about:blank").await;
    page.gate.order("thaw", "").await;
    page.await_sockets(1).await;
    assert_eq!(companion.hear().await, "ann: leaving");

    page.browser.back().await;
    page.await_state("connected").await;
    page.await_message("ann: leaving", UNKNOWN).await;
    page.await_sockets(2).await;
    page.say("back again").await;
    page.await_message("ann: back again", "").await;
    assert_eq!(companion.hear().await, "ann: back again");
}
