//! The browser's URL parser: it is there anyway, and no other agrees with it so well.

use super::{property, words};
use crate::platform::{ParsedUrl, UrlProblem};
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

/// The address of the page or the worker's script.
fn base() -> Option<String> {
    property(&property(&js_sys::global(), "location"), "href").as_string()
}
