//! A chat whose socket lives in a dedicated worker: what its page orders, and what it is told.
#![cfg(target_arch = "wasm32")]

use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Event, Handle, Json, JsonEvent, SequenceNumber, Sequences, State},
};
use js_sys::{Function, JSON, futures::spawn_local};
use serde::{Deserialize, Serialize};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use wasm_bindgen::prelude::*;

/// What somebody says in the room.
#[derive(Serialize, Deserialize)]
struct Said {
    from: String,
    text: String,
    id: String,
}

/// What the page is told.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Told {
    State {
        words: String,
        waiting: bool,
    },
    Said(Said),
    /// Own messages that perhaps did not arrive.
    Unknown {
        ids: Vec<String>,
    },
    /// Own messages that surely were not sent.
    NotSent {
        ids: Vec<String>,
    },
}

/// The chat, for worker.js.
#[wasm_bindgen]
pub struct Chat {
    handle: Handle,
    page: Page,
    own: Own,
}

#[wasm_bindgen]
impl Chat {
    /// Enters the room. The function is called with whatever the page is to be told.
    #[wasm_bindgen(constructor)]
    pub fn new(url: &str, tell: Function) -> Result<Chat, JsError> {
        std::panic::set_hook(Box::new(|panic| web_sys::console::error_1(&panic.to_string().into())));
        let room = ReconnectingWebSocket::new(url)?.json();
        let chat = Self { handle: room.handle(), page: Page(tell), own: Own::default() };
        spawn_local(listen(room, chat.page.clone(), chat.own.clone()));
        Ok(chat)
    }

    /// Says something, now or as soon as it can be.
    pub fn say(&self, from: String, text: String, id: String) {
        let said = Said { from, text, id: id.clone() };
        let accepted = Json::<Said>::encode(&said).ok().and_then(|message| self.handle.send(message).ok());
        match accepted {
            Some(number) => self.own.remember(number, id),
            None => self.page.tell(&Told::NotSent { ids: vec![id] }),
        }
    }

    pub fn reconnect(&self) {
        self.handle.reconnect_now();
    }
}

/// Tells the page what happens, until the end.
async fn listen(mut room: Json<Said>, page: Page, own: Own) {
    let mut was_open = false;
    while let Some(event) = room.next_event().await {
        let told = match event {
            JsonEvent::Message(Ok(said)) => {
                own.forget(&said.id);
                Told::Said(said)
            }
            // not of this chat
            JsonEvent::Message(Err(_)) => continue,
            JsonEvent::Other(Event::State(state)) => {
                was_open |= state.is_open();
                Told::State { words: words(&state, was_open), waiting: matches!(state, State::Waiting(_)) }
            }
            JsonEvent::Other(Event::Gap(gap)) => Told::Unknown { ids: own.take(&gap.unknown) },
            JsonEvent::Other(Event::Dropped(dropped)) => Told::NotSent { ids: own.take(&dropped.messages) },
            JsonEvent::Other(Event::Ended(ended)) => {
                page.tell(&Told::State { words: format!("closed: {}", ended.cause), waiting: false });
                page.tell(&Told::NotSent {
                    ids: ended.unsent.iter().filter_map(|(number, _)| own.remove(*number)).collect(),
                });
                Told::Unknown { ids: own.take_all() }
            }
            JsonEvent::Other(_) => continue,
        };
        page.tell(&told);
    }
}

fn words(state: &State, was_open: bool) -> String {
    match state {
        State::Open => "connected".to_owned(),
        State::Connecting { .. } | State::Handshaking { .. } | State::Waiting(_) if !was_open => {
            "connecting".to_owned()
        }
        State::Connecting { attempt } | State::Handshaking { attempt } => format!("reconnecting (attempt {attempt})"),
        State::Waiting(waiting) => format!("reconnecting (attempt {})", waiting.next_attempt),
        // offline, paused, closing
        other => other.to_string(),
    }
}

#[derive(Clone)]
struct Page(Function);

impl Page {
    fn tell(&self, told: &Told) {
        let json = serde_json::to_string(told).unwrap_or_default();
        let told = JSON::parse(&json).and_then(|told| self.0.call1(&JsValue::NULL, &told));
        if let Err(error) = told {
            web_sys::console::error_1(&error);
        }
    }
}

/// The ids of own messages that have not come back.
#[derive(Clone, Default)]
struct Own(Rc<RefCell<BTreeMap<SequenceNumber, String>>>);

impl Own {
    fn remember(&self, number: SequenceNumber, id: String) {
        self.0.borrow_mut().insert(number, id);
    }

    fn forget(&self, id: &str) {
        self.0.borrow_mut().retain(|_, own| own != id);
    }

    fn remove(&self, number: SequenceNumber) -> Option<String> {
        self.0.borrow_mut().remove(&number)
    }

    fn take(&self, numbers: &Sequences) -> Vec<String> {
        numbers.iter().filter_map(|number| self.remove(number)).collect()
    }

    fn take_all(&self) -> Vec<String> {
        self.0.take().into_values().collect()
    }
}
