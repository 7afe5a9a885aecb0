//! The log of events, of which a choice is shown.

use super::elements::Elements;
use crate::format;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};
use web_sys::Element;

/// How many entries are kept.
const KEPT: usize = 1000;
/// How many messages are listed for one drawing of the page; more are counted.
const LISTED_AT_ONCE: usize = 50;

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    State,
    In,
    Out,
    Trouble,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::In => "in",
            Self::Out => "out",
            Self::Trouble => "trouble",
        }
    }
}

struct Entry {
    time: String,
    kind: Kind,
    text: String,
}

pub(crate) struct Journal {
    elements: Rc<Elements>,
    entries: RefCell<VecDeque<Entry>>,
    /// Since the page was drawn.
    new: Cell<usize>,
    passed_over: Cell<usize>,
    is_stale: Cell<bool>,
}

impl Journal {
    pub(crate) fn new(elements: Rc<Elements>) -> Self {
        Self {
            elements,
            entries: RefCell::default(),
            new: Cell::new(0),
            passed_over: Cell::new(0),
            is_stale: Cell::new(true),
        }
    }

    pub(crate) fn note(&self, kind: Kind, text: impl Into<String>) {
        let is_message = matches!(kind, Kind::In | Kind::Out);
        if is_message && self.new.get() >= LISTED_AT_ONCE {
            return self.passed_over.set(self.passed_over.get() + 1);
        }
        self.new.set(self.new.get() + usize::from(is_message));
        let mut entries = self.entries.borrow_mut();
        entries.push_back(Entry { time: format::time_of_day(), kind, text: text.into() });
        if entries.len() > KEPT {
            entries.pop_front();
        }
        self.is_stale.set(true);
    }

    pub(crate) fn clear(&self) {
        self.entries.borrow_mut().clear();
        self.filter();
    }

    /// What is shown may be chosen anew.
    pub(crate) fn filter(&self) {
        self.is_stale.set(true);
        self.draw();
    }

    pub(crate) fn draw(&self) {
        self.new.set(0);
        let passed_over = self.passed_over.take();
        if passed_over > 0 {
            self.note(Kind::State, format!("{passed_over} more messages, too fast to be listed"));
        }
        if self.is_stale.replace(false) {
            self.list();
        }
    }

    fn list(&self) {
        let Some(list) = self.elements.get::<Element>("log") else { return };
        list.set_text_content(None);
        let (wanted, entries) = (self.elements.value("filter").to_lowercase(), self.entries.borrow());
        let kinds = [Kind::State, Kind::In, Kind::Out, Kind::Trouble]
            .map(|kind| (kind, self.elements.is_checked(&format!("show-{}", kind.name()))));
        let is_shown = |entry: &&Entry| {
            kinds.contains(&(entry.kind, true)) && (wanted.is_empty() || entry.text.to_lowercase().contains(&wanted))
        };
        let shown: Vec<&Entry> = entries.iter().filter(is_shown).collect();
        self.elements.show("log-count", &format!("{} of {}", shown.len(), entries.len()));
        for entry in shown.iter().rev().take(200) {
            self.add(&list, entry);
        }
    }

    fn add(&self, list: &Element, entry: &Entry) -> Option<()> {
        let document = self.elements.document();
        let item = document.create_element("li").ok()?;
        item.set_class_name(entry.kind.name());
        for (tag, text) in [("time", &*entry.time), ("b", entry.kind.name()), ("span", &entry.text)] {
            let part = document.create_element(tag).ok()?;
            part.set_text_content(Some(text));
            item.append_child(&part).ok()?;
        }
        list.append_child(&item).ok().map(|_| ())
    }
}
