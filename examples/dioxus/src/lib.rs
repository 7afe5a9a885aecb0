//! A chat in Dioxus.

mod chat;
mod line;

use chat::{Chat, Said};
use dioxus::prelude::*;
use eversocket::{ReconnectingWebSocket, reconnect::State};
use eversocket_dioxus::{Socket, use_events, use_json_socket, use_messages};
use line::LineItem;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(start)]
fn start() {
    dioxus::launch(App);
}

#[component]
fn App() -> Element {
    let socket: Socket<Said, Said> = use_json_socket(|| ReconnectingWebSocket::new("/room?name=lobby"));
    let mut chat = use_signal(Chat::default);
    use_messages(socket, move |said| chat.write().hear(said));
    use_events(socket, move |event| chat.write().happen(event));

    let say = move |said: Said| {
        let number = socket.send_json(&said).ok();
        chat.write().say(said, number);
    };
    let state = socket.state();
    let is_waiting = matches!(*state.read(), State::Waiting(_));
    rsx! {
        main {
            h1 { "Chat in Dioxus" }
            p {
                span { id: "state", role: "status", {in_words(&state.read(), chat.read().was_open)} }
                " "
                button {
                    id: "reconnect",
                    r#type: "button",
                    disabled: !is_waiting,
                    onclick: move |_| socket.reconnect_now(),
                    "Reconnect now"
                }
            }
            ol { id: "messages", aria_live: "polite",
                for line in chat.read().lines.iter().cloned() {
                    LineItem { key: "{line.said.id}", line, say_again: say }
                }
            }
            Speech { say }
        }
    }
}

fn in_words(state: &State, was_open: bool) -> String {
    let attempt = match state {
        State::Open => return "connected".to_owned(),
        State::Offline => return "offline".to_owned(),
        State::Ended(cause) => return format!("closed: {cause}"),
        State::Connecting { attempt } | State::Handshaking { attempt } => *attempt,
        State::Waiting(waiting) => waiting.next_attempt,
        other => return other.to_string(),
    };
    if was_open { format!("reconnecting (attempt {attempt})") } else { "connecting".to_owned() }
}

/// Where a message is written.
#[component]
fn Speech(say: Callback<Said>) -> Element {
    let author = use_hook(Author::new);
    let mut count = use_signal(|| 0);
    let mut name = use_signal(|| format!("guest-{}", author.guest()));
    let mut text = use_signal(String::new);
    let onsubmit = move |event: FormEvent| {
        event.prevent_default();
        if !text.read().is_empty() {
            count += 1;
            say.call(Said { from: name(), text: text.take(), id: author.id(count()) });
        }
    };
    rsx! {
        form { autocomplete: "off", onsubmit,
            label { r#for: "name", "Name" }
            input { id: "name", value: name, oninput: move |event| name.set(event.value()) }
            label { r#for: "text", "Message" }
            input { id: "text", value: text, oninput: move |event| text.set(event.value()) }
            button { id: "send", r#type: "submit", "Send" }
        }
    }
}

/// Makes ids that nobody else makes.
#[derive(Clone)]
struct Author(String);

impl Author {
    fn new() -> Self {
        let chance = js_sys::Math::random() * f64::from(u32::MAX);
        Self(format!("{:08x}", chance as u32))
    }

    fn guest(&self) -> &str {
        &self.0[..3]
    }

    fn id(&self, count: u32) -> String {
        format!("{}-{count}", self.0)
    }
}
