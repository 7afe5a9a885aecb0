//! A chat in Leptos.

mod chat;
mod line;

use chat::{Chat, Said};
use eversocket::{ReconnectingWebSocket, reconnect::State};
use eversocket_leptos::{Socket, use_events, use_json_socket, use_messages};
use leptos::{ev::SubmitEvent, html::Input, prelude::*};
use line::LineItem;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(start)]
fn start() {
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let socket: Socket<Said, Said> = use_json_socket(|| ReconnectingWebSocket::new("/room?name=lobby"));
    let chat = RwSignal::new(Chat::default());
    use_messages(socket, move |said| chat.update(|chat| chat.hear(said)));
    use_events(socket, move |event| chat.update(|chat| chat.happen(event)));

    let say = Callback::new(move |said: Said| {
        let number = socket.send_json(&said).ok();
        chat.update(|chat| chat.say(said, number));
    });
    let state = socket.state();
    let in_words = move || in_words(&state.read(), chat.read().was_open);
    let is_waiting = move || matches!(*state.read(), State::Waiting(_));
    view! {
        <main>
            <h1>"Chat in Leptos"</h1>
            <p>
                <span id="state" role="status">{in_words}</span>
                " "
                <button id="reconnect" type="button" disabled=move || !is_waiting() on:click=move |_| socket.reconnect_now()>
                    "Reconnect now"
                </button>
            </p>
            <ol id="messages" aria-live="polite">
                <For each=move || chat.read().lines.clone() key=|line| line.key() let:line>
                    <LineItem line say_again=say />
                </For>
            </ol>
            <Speech say />
        </main>
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
fn Speech(say: Callback<Said>) -> impl IntoView {
    let (name, text) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let mut author = Author::new();
    let guest = format!("guest-{}", author.guest());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let fields = name.get_untracked().zip(text.get_untracked());
        if let Some((name, text)) = fields.filter(|(_, text)| !text.value().is_empty()) {
            say.run(Said { from: name.value(), text: text.value(), id: author.next_id() });
            text.set_value("");
        }
    };
    view! {
        <form autocomplete="off" on:submit=submit>
            <label for="name">"Name"</label>
            <input id="name" node_ref=name value=guest />
            <label for="text">"Message"</label>
            <input id="text" node_ref=text />
            <button id="send" type="submit">"Send"</button>
        </form>
    }
}

/// Makes ids that nobody else makes.
struct Author {
    name: String,
    count: u32,
}

impl Author {
    fn new() -> Self {
        let chance = js_sys::Math::random() * f64::from(u32::MAX);
        Self { name: format!("{:08x}", chance as u32), count: 0 }
    }

    fn guest(&self) -> &str {
        &self.name[..3]
    }

    fn next_id(&mut self) -> String {
        self.count += 1;
        format!("{}-{}", self.name, self.count)
    }
}
