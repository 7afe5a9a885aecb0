//! One message on the page.

use crate::chat::{Fate, Line, Said};
use dioxus::prelude::*;

#[component]
pub fn LineItem(line: Line, say_again: Callback<Said>) -> Element {
    let Line { said, fate, .. } = line;
    let (class, note) = match fate {
        Fate::Said => (None, None),
        Fate::Pending(_) => (Some("pending"), None),
        Fate::Unknown => (Some("unknown"), Some("perhaps not delivered")),
        Fate::NotSent => (Some("failed"), Some("not sent")),
    };
    rsx! {
        li { class,
            "{said.from}: {said.text}"
            if let Some(note) = note {
                " "
                small { {note} }
            }
            if fate == Fate::Unknown {
                " "
                button { r#type: "button", onclick: move |_| say_again.call(said.clone()), "Send again" }
            }
        }
    }
}
