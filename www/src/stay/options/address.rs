//! The form in the address of the page, which can be passed on.

use crate::stay::elements::Elements;
use web_sys::{FormData, HtmlFormElement, UrlSearchParams};

/// Puts what is filled in into the address. Fields without a name, as the token, stay out of it.
pub(crate) fn keep(elements: &Elements) -> Option<()> {
    let form: HtmlFormElement = elements.get("options")?;
    let filled = UrlSearchParams::new().ok()?;
    for entry in FormData::new_with_form(&form).ok()?.entries() {
        let pair = js_sys::Array::from(&entry.ok()?);
        let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
        if !value.is_empty() {
            filled.append(&name, &value);
        }
    }
    // the box that is not ticked is not in there
    for id in ["heartbeat", "page-events"] {
        if !elements.is_checked(id) {
            filled.append(id, "off");
        }
    }
    web_sys::window()?.location().set_hash(&String::from(filled.to_string())).ok()
}

/// Fills in what the address tells.
pub(crate) fn restore(elements: &Elements) -> Option<()> {
    let hash = web_sys::window()?.location().hash().ok()?;
    let told = UrlSearchParams::new_with_str(hash.strip_prefix('#')?).ok()?;
    for entry in told.entries() {
        let pair = js_sys::Array::from(&entry.ok()?);
        let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
        let Some(field) = elements.document().get_element_by_id(&name) else { continue };
        match wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlInputElement>(field) {
            Ok(input) if input.type_() == "checkbox" => input.set_checked(value != "off"),
            _ => elements.set_value(&name, &value),
        }
    }
    Some(())
}
