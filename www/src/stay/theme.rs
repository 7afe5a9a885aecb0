//! Light or dark, as the system has it or as was chosen here.

use super::elements::Elements;
use std::rc::Rc;
use web_sys::Storage;

const KEY: &str = "eversocket-theme";

pub(crate) fn wire(elements: &Rc<Elements>) {
    if let Some(chosen) = storage().and_then(|storage| storage.get_item(KEY).ok()?) {
        elements.set_value("theme", &chosen);
    }
    apply(elements);
    let changed = elements.clone();
    elements.on("theme", "change", move || {
        apply(&changed);
        if let Some(storage) = storage() {
            // a browser that keeps nothing forgets it
            let _kept = storage.set_item(KEY, &changed.value("theme"));
        }
    });
}

fn apply(elements: &Elements) {
    if let Some(root) = elements.document().document_element() {
        // a valid name is always taken
        let _taken = root.set_attribute("data-theme", &elements.value("theme"));
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}
