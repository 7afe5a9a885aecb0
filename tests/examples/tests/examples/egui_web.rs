//! The chat in egui, as a page.

use crate::{
    picture::{self, Picture},
    room::Room,
};
use eversocket_webdriver::Browser;
use serde_json::json;
use std::path::Path;

/// WebGL without a graphics card.
const SOFTWARE_GRAPHICS: [&str; 3] = ["--enable-unsafe-swiftshader", "--use-gl=angle", "--use-angle=swiftshader"];
const ENTER: &str = "\u{e007}";

async fn await_title(page: &Browser, title: &str) {
    page.until("return document.title.startsWith(arguments[0])", json!([title])).await;
}

#[tokio::test]
async fn what_is_typed_on_the_page_while_the_server_is_away_is_delivered_once() {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/egui/pkg");
    assert!(built.exists(), "the page is not built: wasm-pack build examples/egui --target web");
    let mut room = Room::start().await;
    let page = Browser::start(&[&SOFTWARE_GRAPHICS[..], &["--window-size=700,800"]].concat(), &[]).await;
    page.visit(&room.url("http", "/egui/")).await;
    await_title(&page, "eversocket chat: connected").await;

    // without a click: the field has the focus at the start
    page.press(&format!("Hello, room!{ENTER}")).await;
    assert_eq!(room.hear().await, "Hello, room!");
    page.click("canvas").await;
    page.press(&format!("Are you there?{ENTER}")).await;
    assert_eq!(room.hear().await, "Are you there?");
    room.say("I am.");
    assert_eq!(room.hear().await, "I am.");

    room.order("stop").await;
    await_title(&page, "eversocket chat: reconnecting (attempt ").await;
    page.press(&format!("while away{ENTER}")).await;
    room.order("start").await;
    await_title(&page, "eversocket chat: connected").await;
    assert_eq!(room.hear().await, "while away");
    page.press(&format!("last{ENTER}")).await;
    // one's messages keep their order, so that a second "while away" would come before it
    assert_eq!(room.hear().await, "last");

    let path = picture::path("egui-web.png");
    page.picture(&path).await;
    let colors = Picture::read(&path).colors();
    assert!(colors > 50, "{colors} colours");
}
