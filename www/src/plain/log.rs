//! The log: what went out, what came in, and what became of the connection.

use crate::format;
use eversocket::{Blob, Message};
use js_sys::futures::spawn_local;
use std::fmt;
use web_sys::{Document, Element};

const MOST_ENTRIES: u32 = 500;

#[derive(Clone)]
pub(crate) struct Log {
    document: Document,
    list: Element,
}

#[derive(Clone, Copy)]
pub(crate) enum Direction {
    In,
    Out,
    State,
}

impl fmt::Display for Direction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::In => "in",
            Self::Out => "out",
            Self::State => "state",
        })
    }
}

impl Log {
    /// `None` if the list stands in no document.
    pub(crate) fn new(list: Element) -> Option<Self> {
        Some(Self { document: list.owner_document()?, list })
    }

    pub(crate) fn state(&self, kind: &str, text: &str) {
        self.add(Direction::State, kind, "", text);
    }

    /// Something was asked for that cannot be done.
    pub(crate) fn refused(&self, why: impl fmt::Display) {
        self.state("refused", &why.to_string());
    }

    pub(crate) fn closing(&self, asked: &str) {
        self.add(Direction::Out, "close", "", asked);
    }

    pub(crate) fn message(&self, direction: Direction, message: &Message) {
        let size = format::size(message.len());
        match message {
            Message::Text(text) => {
                self.add(direction, "text", &size, &format::text_preview(text));
            }
            Message::Binary(bytes) => {
                self.add(direction, "binary", &size, &format::bytes_preview(bytes, message.len()));
            }
            Message::Blob(blob) => {
                let preview = self.add(direction, "blob", &size, "");
                spawn_local(fill_in(preview, blob.clone()));
            }
        }
    }

    pub(crate) fn clear(&self) {
        self.list.set_text_content(None);
    }

    /// Returns the element that shows the preview, to be filled in later.
    fn add(&self, direction: Direction, kind: &str, size: &str, preview: &str) -> Option<Element> {
        let (time, direction) = (format::time_of_day(), direction.to_string());
        let entry = self.element("li", kind, "")?;
        let parts = [
            ("time", "time", time.as_str()),
            ("span", "direction", &direction),
            ("span", "kind", kind),
            ("span", "size", size),
            ("span", "preview", preview),
        ];
        let mut last = None;
        for (tag, class, text) in parts {
            let part = self.element(tag, class, text)?;
            entry.append_child(&part).ok()?;
            last = Some(part);
        }
        entry.set_attribute("data-direction", &direction).ok()?;
        self.list.append_child(&entry).ok()?;
        while self.list.child_element_count() > MOST_ENTRIES {
            self.list.first_element_child()?.remove();
        }
        last
    }

    fn element(&self, tag: &str, class: &str, text: &str) -> Option<Element> {
        let element = self.document.create_element(tag).ok()?;
        element.set_class_name(class);
        element.set_text_content(Some(text));
        Some(element)
    }
}

/// Reads the beginning of a blob, however large it is, while events go on.
async fn fill_in(preview: Option<Element>, blob: Blob) {
    let text = match blob.slice(0..format::PREVIEW_BYTES as u64).bytes().await {
        Ok(bytes) => format::bytes_preview(&bytes, blob.size()),
        Err(error) => error.to_string(),
    };
    if let Some(preview) = preview {
        preview.set_text_content(Some(&text));
    }
}
