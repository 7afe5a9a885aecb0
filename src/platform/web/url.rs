//! The browser's URL parser: it is there anyway, and no other agrees with it so well.

use super::{property, words};
use crate::platform::UrlProblem;
use web_sys::Url;

pub(crate) fn parse_url(input: &str) -> Result<String, UrlProblem> {
    let parsed = match base() {
        Some(base) => Url::new_with_base(input, &base),
        None => Url::new(input),
    };
    parsed.map(|url| url.href()).map_err(|error| UrlProblem::Invalid(words(&error)))
}

/// The address of the page or the worker's script.
fn base() -> Option<String> {
    property(&property(&js_sys::global(), "location"), "href").as_string()
}
