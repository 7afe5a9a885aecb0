//! One message on the page.

use crate::chat::{Fate, Line, Said};
use leptos::prelude::*;

#[component]
pub fn LineItem(line: Line, say_again: Callback<Said>) -> impl IntoView {
    let Line { said, fate, .. } = line;
    let (class, note) = match fate {
        Fate::Said => (None, None),
        Fate::Pending(_) => (Some("pending"), None),
        Fate::Unknown => (Some("unknown"), Some("perhaps not delivered")),
        Fate::NotSent => (Some("failed"), Some("not sent")),
    };
    let text = format!("{}: {}", said.from, said.text);
    let again = (fate == Fate::Unknown).then(|| {
        view! { " " <button type="button" on:click=move |_| say_again.run(said.clone())>"Send again"</button> }
    });
    view! { <li class=class>{text} {note.map(|note| view! { " " <small>{note}</small> })} {again}</li> }
}
