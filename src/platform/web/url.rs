//! The browser's URL parser: it is there anyway, and no other agrees with it so well.

use super::words;
use crate::platform::{ParsedUrl, UrlProblem};
use wasm_bindgen::JsValue;
use web_sys::Url;

pub(crate) fn parse_url(input: &str) -> Result<ParsedUrl, UrlProblem> {
    let parsed = match base() {
        Some(base) => Url::new_with_base(input, &base),
        None => Url::new(input),
    };
    let url = parsed.map_err(|error| UrlProblem::Invalid(words(&error)))?;
    match url.protocol().as_str() {
        "http:" => url.set_protocol("ws:"),
        "https:" => url.set_protocol("wss:"),
        _ => {}
    }
    Ok(ParsedUrl {
        href: url.href(),
        scheme: url.protocol().trim_end_matches(':').to_owned(),
        host: url.hostname(),
        port: url.port().parse().ok(),
        path: url.pathname(),
        query: url.search(),
    })
}

/// The address of the page or the worker's script. Read through the global object, which has
/// another type in each kind of context.
fn base() -> Option<String> {
    let location = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("location")).ok()?;
    js_sys::Reflect::get(&location, &JsValue::from_str("href")).ok()?.as_string()
}
