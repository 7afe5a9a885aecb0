//! The chat in egui, as a program with a window.

use crate::{
    display::Display,
    picture, programs,
    room::{Room, soon},
};
use tokio::process::{Child, Command};

fn start(display: &Display, url: &str) -> Child {
    let mut program = Command::new(programs::example("egui"));
    program.arg(url).env("DISPLAY", &display.name).env_remove("WAYLAND_DISPLAY").kill_on_drop(true);
    program.spawn().expect("it runs")
}

async fn close(display: &Display, window: u32, mut program: Child) {
    display.close(window);
    let status = soon("the program ends", program.wait()).await.expect("it ran");
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn what_is_typed_while_the_server_is_away_is_delivered_once() {
    let mut room = Room::start().await;
    let display = Display::start().await;
    let program = start(&display, &room.url("ws", "/room?name=lobby"));
    let window = display.window("eversocket chat: connected").await;

    display.type_text("Hello, room!");
    display.enter();
    assert_eq!(room.hear().await, "Hello, room!");
    // the field still has the focus
    display.type_text("Are you there?");
    display.enter();
    assert_eq!(room.hear().await, "Are you there?");
    room.say("I am.");
    assert_eq!(room.hear().await, "I am.");

    room.order("stop").await;
    display.await_title(window, "eversocket chat: reconnecting (attempt ").await;
    let before = display.settled_picture(window).await;
    display.type_text("while away");
    display.enter();
    let waiting = display.settled_picture(window).await;
    assert_ne!(waiting, before, "what waits is not shown");
    waiting.save(&picture::path("egui-waiting.png"));
    room.order("start").await;
    display.await_title(window, "eversocket chat: connected").await;
    assert_eq!(room.hear().await, "while away");
    display.type_text("last");
    display.enter();
    // one's messages keep their order, so that a second "while away" would come before it
    assert_eq!(room.hear().await, "last");

    let picture = display.settled_picture(window).await;
    picture.save(&picture::path("egui.png"));
    assert!(picture.colors() > 50, "{} colours", picture.colors());
    close(&display, window, program).await;
}

#[tokio::test]
async fn a_window_that_closes_closes_cleanly() {
    let room = Room::start().await;
    let display = Display::start().await;
    let program = start(&display, &room.url("ws", "/script?id=window&do=accept"));
    let window = display.window("eversocket chat: connected").await;
    close(&display, window, program).await;
    let record = room.record("window").await;
    assert!(record.contains(&"close 1000".to_owned()), "{record:?}");
}
