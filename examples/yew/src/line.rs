//! One message on the page.

use crate::chat::{Fate, Line, Said};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct LineProps {
    pub line: Line,
    pub say_again: Callback<Said>,
}

#[component]
pub fn LineItem(props: &LineProps) -> Html {
    let Line { said, fate, .. } = &props.line;
    let (class, note) = match fate {
        Fate::Said => (None, None),
        Fate::Pending(_) => (Some("pending"), None),
        Fate::Unknown => (Some("unknown"), Some("perhaps not delivered")),
        Fate::NotSent => (Some("failed"), Some("not sent")),
    };
    let onclick = {
        let (say_again, said) = (props.say_again.clone(), said.clone());
        move |_| say_again.emit(said.clone())
    };
    html! {
        <li {class}>
            { format!("{}: {}", said.from, said.text) }
            if let Some(note) = note {
                { " " }<small>{ note }</small>
            }
            if *fate == Fate::Unknown {
                { " " }<button type="button" {onclick}>{ "Send again" }</button>
            }
        </li>
    }
}
