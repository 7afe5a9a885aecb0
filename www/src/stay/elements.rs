//! The elements of index.html, by their ids.

use crate::report;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Document, Element, Event, HtmlInputElement, HtmlSelectElement};

pub(crate) struct Elements(Document);

impl Elements {
    pub(crate) fn of_the_page() -> Option<Self> {
        web_sys::window()?.document().map(Self)
    }

    pub(crate) fn document(&self) -> &Document {
        &self.0
    }

    /// What is missing is a defect of the page, and is told.
    pub(crate) fn get<T: JsCast>(&self, id: &str) -> Option<T> {
        let found = self.0.get_element_by_id(id).and_then(|element| element.dyn_into().ok());
        if found.is_none() {
            report(&format!("the page has no `{id}`, or one of another type"));
        }
        found
    }

    /// Writes only what differs, so that a screen reader announces changes and nothing else.
    pub(crate) fn show(&self, id: &str, text: &str) {
        let element = self.get::<Element>(id);
        if let Some(element) = element.filter(|element| element.text_content().as_deref() != Some(text)) {
            element.set_text_content(Some(text));
        }
    }

    pub(crate) fn set_attribute(&self, id: &str, name: &str, value: &str) {
        let element = self.get::<Element>(id);
        if let Some(element) = element.filter(|element| element.get_attribute(name).as_deref() != Some(value)) {
            // a valid name is always taken
            let _taken = element.set_attribute(name, value);
        }
    }

    pub(crate) fn enable(&self, id: &str, enabled: bool) {
        if let Some(element) = self.get::<Element>(id) {
            // the name is a valid one
            let _taken =
                if enabled { element.remove_attribute("disabled") } else { element.set_attribute("disabled", "") };
        }
    }

    pub(crate) fn value(&self, id: &str) -> String {
        match self.get::<Element>(id).map(JsCast::dyn_into::<HtmlInputElement>) {
            Some(Ok(input)) => input.value(),
            Some(Err(other)) => other.dyn_into::<HtmlSelectElement>().map(|select| select.value()).unwrap_or_default(),
            None => String::new(),
        }
    }

    pub(crate) fn set_value(&self, id: &str, value: &str) {
        match self.get::<Element>(id).map(JsCast::dyn_into::<HtmlInputElement>) {
            Some(Ok(input)) => input.set_value(value),
            Some(Err(other)) => {
                if let Ok(select) = other.dyn_into::<HtmlSelectElement>() {
                    select.set_value(value);
                }
            }
            None => {}
        }
    }

    pub(crate) fn is_checked(&self, id: &str) -> bool {
        self.get::<HtmlInputElement>(id).is_some_and(|input| input.checked())
    }

    /// Enter in a field clicks its form's button, so that clicks are enough.
    pub(crate) fn on(&self, id: &str, event: &str, mut act: impl FnMut() + 'static) {
        let prevent = event == "click";
        let listener = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            if prevent {
                event.prevent_default();
            }
            act();
        });
        if let Some(element) = self.get::<Element>(id) {
            match element.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref()) {
                // the controls live as long as the page does
                Ok(()) => listener.forget(),
                Err(_) => report("a control cannot be listened to"),
            }
        }
    }
}
