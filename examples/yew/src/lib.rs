//! A chat in Yew.

mod chat;
mod line;

use chat::{Action, Chat, Said};
use eversocket::{ReconnectingWebSocket, reconnect::State};
use eversocket_yew::{Socket, use_events, use_json_socket, use_messages};
use line::LineItem;
use std::cell::Cell;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[wasm_bindgen(start)]
fn start() {
    yew::Renderer::<App>::new().render();
}

#[component]
fn App() -> Html {
    let socket: Socket<Said, Said> = use_json_socket((), |()| ReconnectingWebSocket::new("/room?name=lobby"));
    let chat = use_reducer(Chat::default);
    let dispatch = chat.dispatcher();
    use_messages(&socket, move |said| dispatch.dispatch(Action::Hear(said)));
    let dispatch = chat.dispatcher();
    use_events(&socket, move |event| dispatch.dispatch(Action::Happen(event.clone())));

    let say = {
        let (socket, dispatch) = (socket.clone(), chat.dispatcher());
        Callback::from(move |said: Said| {
            let number = socket.send_json(&said).ok();
            dispatch.dispatch(Action::Say(said, number));
        })
    };
    let state = socket.state();
    let is_waiting = matches!(state, State::Waiting(_));
    let reconnect = move |_| socket.reconnect_now();
    html! {
        <main>
            <h1>{ "Chat in Yew" }</h1>
            <p>
                <span id="state" role="status">{ in_words(&state, chat.was_open) }</span>
                { " " }
                <button id="reconnect" type="button" disabled={!is_waiting} onclick={reconnect}>
                    { "Reconnect now" }
                </button>
            </p>
            <ol id="messages" aria-live="polite">
                for line in chat.lines.iter() {
                    <LineItem key={line.said.id.clone()} line={line.clone()} say_again={&say} />
                }
            </ol>
            <Speech {say} />
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

#[derive(Properties, PartialEq)]
struct SpeechProps {
    say: Callback<Said>,
}

/// Where a message is written.
#[component]
fn Speech(props: &SpeechProps) -> Html {
    let (name, text) = (use_node_ref(), use_node_ref());
    let author = use_memo((), |()| Author::new());
    let onsubmit = {
        let (name, text, author, say) = (name.clone(), text.clone(), author.clone(), props.say.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let fields = name.cast::<HtmlInputElement>().zip(text.cast::<HtmlInputElement>());
            if let Some((name, text)) = fields.filter(|(_, text)| !text.value().is_empty()) {
                say.emit(Said { from: name.value(), text: text.value(), id: author.next_id() });
                text.set_value("");
            }
        }
    };
    // its default, since `value` would be put back by the next rendering
    html! {
        <form autocomplete="off" {onsubmit}>
            <label for="name">{ "Name" }</label>
            <input id="name" ref={name} ~defaultValue={format!("guest-{}", author.guest())} />
            <label for="text">{ "Message" }</label>
            <input id="text" ref={text} />
            <button id="send" type="submit">{ "Send" }</button>
        </form>
    }
}

/// Makes ids that nobody else makes.
struct Author {
    name: String,
    count: Cell<u32>,
}

impl Author {
    fn new() -> Self {
        let chance = js_sys::Math::random() * f64::from(u32::MAX);
        Self { name: format!("{:08x}", chance as u32), count: Cell::new(0) }
    }

    fn guest(&self) -> &str {
        &self.name[..3]
    }

    fn next_id(&self) -> String {
        self.count.set(self.count.get() + 1);
        format!("{}-{}", self.name, self.count.get())
    }
}
