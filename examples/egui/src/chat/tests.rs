//! What becomes of messages, on a scripted network.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

use super::*;
use eversocket::{
    reconnect::EndCause,
    test_kit::{Clock, Network, Peer, http_refusal},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

struct Scene {
    chat: Chat,
    clock: Clock,
    network: Network,
    woken: Arc<Notify>,
    _wake: CallbackGuard,
}

impl Scene {
    fn new() -> Self {
        let clock = Clock::new();
        let network = Network::with_clock(clock.clone());
        let socket = ReconnectingWebSocket::builder("wss://example.com/room").network(network.clone());
        let chat = Chat::new(socket.clock(clock.clone()).seed(7).open().expect("valid"));
        let woken = Arc::new(Notify::new());
        let notify = woken.clone();
        let wake = chat.on_wake(move || notify.notify_one());
        Self { chat, clock, network, woken, _wake: wake }
    }

    /// Looks whenever it is woken, as the window does, until it is so.
    async fn until(&mut self, wanted: impl Fn(&Chat) -> bool) {
        let search = async {
            self.chat.look();
            while !wanted(&self.chat) {
                self.woken.notified().await;
                self.chat.look();
            }
        };
        let outcome = tokio::time::timeout(Duration::from_secs(20), search).await;
        outcome.unwrap_or_else(|_| panic!("never: {}, {:?}", self.chat.status(), self.chat.lines()));
    }

    /// The room's end of the next connection, open.
    async fn accept(&mut self) -> Peer {
        let peer = self.network.accept().await;
        peer.open();
        self.until(|chat| chat.status().is_open()).await;
        peer
    }

    /// The same, once the wait for it is over.
    async fn accept_again(&mut self) -> Peer {
        self.until(|chat| chat.status().is_waiting()).await;
        self.chat.reconnect_now();
        self.accept().await
    }

    fn fates(&self) -> Vec<(&str, Fate)> {
        self.chat.lines().iter().map(|line| (line.said.text.as_str(), line.fate)).collect()
    }
}

/// What the room gets, which it then sends to everybody.
async fn pass_on(room: &mut Peer) -> String {
    let message = room.next().await.expect("a message");
    room.send(message.clone());
    message.as_text().expect("a text").to_owned()
}

fn is_heard(chat: &Chat, text: &str) -> bool {
    chat.lines().iter().any(|line| line.said.text == text && line.fate == Fate::Heard)
}

#[tokio::test]
async fn an_own_message_is_pending_until_it_comes_back() {
    let mut scene = Scene::new();
    let mut room = scene.accept().await;
    scene.chat.say("bob", "hello");
    assert!(matches!(scene.fates()[..], [("hello", Fate::Pending(_))]));
    room.send(r#"{"from":"ann","text":"first","id":"ann-1"}"#);
    pass_on(&mut room).await;
    scene.until(|chat| is_heard(chat, "hello")).await;
    assert_eq!(scene.fates(), [("first", Fate::Heard), ("hello", Fate::Heard)]);
    let own: Vec<bool> = scene.chat.lines().iter().map(|line| line.is_own).collect();
    assert_eq!(own, [false, true]);
}

#[tokio::test]
async fn what_is_said_while_the_room_is_away_waits_for_it() {
    let mut scene = Scene::new();
    let room = scene.accept().await;
    room.cut();
    scene.until(|chat| chat.status().is_waiting()).await;
    assert!(scene.chat.status().to_string().starts_with("reconnecting (attempt "), "{}", scene.chat.status());
    scene.chat.say("bob", "while away");
    let delay = scene.chat.socket.handle().time_to_retry().expect("a wait");
    scene.clock.advance(delay);
    let mut room = scene.accept().await;
    pass_on(&mut room).await;
    scene.until(|chat| is_heard(chat, "while away")).await;
    assert_eq!(scene.fates(), [("while away", Fate::Heard)]);
}

#[tokio::test]
async fn one_that_may_be_lost_is_said_again_as_the_same_one_when_asked_for() {
    let mut scene = Scene::new();
    let mut room = scene.accept().await;
    scene.chat.say("bob", "came back");
    pass_on(&mut room).await;
    scene.until(|chat| is_heard(chat, "came back")).await;
    scene.chat.say("bob", "lost");
    let lost = room.next().await.expect("it has arrived");
    room.cut();
    let mut room = scene.accept_again().await;
    scene.until(|chat| chat.lines().iter().any(|line| line.fate == Fate::Unknown)).await;
    assert_eq!(scene.fates(), [("came back", Fate::Heard), ("lost", Fate::Unknown)]);
    assert_eq!(room.try_next(), None);

    let id = scene.chat.lines()[1].said.id.clone();
    scene.chat.say_again(&id);
    assert!(matches!(scene.fates()[..], [_, ("lost", Fate::Pending(_))]));
    assert_eq!(pass_on(&mut room).await, lost.as_text().expect("a text"));
    scene.until(|chat| is_heard(chat, "lost")).await;
    // late, from the connection before
    room.send(lost);
    room.send(r#"{"from":"ann","text":"last","id":"ann-1"}"#);
    scene.until(|chat| is_heard(chat, "last")).await;
    assert_eq!(scene.fates(), [("came back", Fate::Heard), ("lost", Fate::Heard), ("last", Fate::Heard)]);
}

#[tokio::test]
async fn at_the_end_what_was_handed_over_is_unknown() {
    let mut scene = Scene::new();
    let mut room = scene.accept().await;
    scene.chat.say("bob", "arrived?");
    room.next().await.expect("it has arrived");
    room.close(1008, "not here");
    scene.until(|chat| chat.status().is_ended()).await;
    assert_eq!(scene.fates(), [("arrived?", Fate::Unknown)]);
    assert!(scene.chat.status().to_string().starts_with("closed: "), "{}", scene.chat.status());
}

#[tokio::test]
async fn at_the_end_what_waits_is_not_sent_and_neither_is_what_follows() {
    let mut scene = Scene::new();
    scene.chat.say("bob", "waits");
    scene.network.accept().await.refuse(http_refusal(404, []));
    scene.until(|chat| chat.status().is_ended()).await;
    scene.chat.say("bob", "too late");
    assert_eq!(scene.fates(), [("waits", Fate::NotSent), ("too late", Fate::NotSent)]);
    assert!(matches!(scene.chat.socket.socket().state(), State::Ended(EndCause::GivenUp(_))));
}
