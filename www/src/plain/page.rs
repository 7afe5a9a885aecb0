//! The elements of index.html, by name and type.

use std::fmt;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

pub(crate) struct Page {
    pub(crate) url: HtmlInputElement,
    pub(crate) protocols: HtmlInputElement,
    pub(crate) connect: HtmlElement,

    pub(crate) state: Element,
    pub(crate) socket_url: Element,
    pub(crate) protocol: Element,
    pub(crate) extensions: Element,
    pub(crate) buffered_amount: Element,
    pub(crate) binary_type: HtmlSelectElement,

    pub(crate) text: HtmlInputElement,
    pub(crate) send_text: HtmlElement,
    pub(crate) hex: HtmlInputElement,
    pub(crate) send_binary: HtmlElement,
    pub(crate) file: HtmlInputElement,
    pub(crate) send_file: HtmlElement,

    pub(crate) code: HtmlInputElement,
    pub(crate) reason: HtmlInputElement,
    pub(crate) close_with: HtmlElement,
    pub(crate) close: HtmlElement,

    pub(crate) log: Element,
    pub(crate) clear: HtmlElement,
}

impl Page {
    pub(crate) fn find() -> Result<Self, Missing> {
        let document = web_sys::window().and_then(|window| window.document()).ok_or(Missing("document"))?;
        Ok(Self {
            url: element(&document, "url")?,
            protocols: element(&document, "protocols")?,
            connect: element(&document, "connect")?,
            state: element(&document, "state")?,
            socket_url: element(&document, "socket-url")?,
            protocol: element(&document, "protocol")?,
            extensions: element(&document, "extensions")?,
            buffered_amount: element(&document, "buffered-amount")?,
            binary_type: element(&document, "binary-type")?,
            text: element(&document, "text")?,
            send_text: element(&document, "send-text")?,
            hex: element(&document, "hex")?,
            send_binary: element(&document, "send-binary")?,
            file: element(&document, "file")?,
            send_file: element(&document, "send-file")?,
            code: element(&document, "code")?,
            reason: element(&document, "reason")?,
            close_with: element(&document, "close-with")?,
            close: element(&document, "close")?,
            log: element(&document, "log")?,
            clear: element(&document, "clear")?,
        })
    }
}

fn element<T: JsCast>(document: &Document, id: &'static str) -> Result<T, Missing> {
    document.get_element_by_id(id).and_then(|element| element.dyn_into().ok()).ok_or(Missing(id))
}

/// Writes only what differs, so that a screen reader announces changes and nothing else.
pub(crate) fn show(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// What index.html lacks.
#[derive(Debug)]
pub(crate) struct Missing(&'static str);

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the page has no `{}`, or one of another type", self.0)
    }
}
