//! The WHATWG URL parser of the `url` crate.

use crate::platform::UrlProblem;
use url::{ParseError, Url};

pub(crate) fn parse_url(input: &str) -> Result<String, UrlProblem> {
    Url::parse(input).map(Into::into).map_err(|error| match error {
        ParseError::RelativeUrlWithoutBase => UrlProblem::Relative,
        error => UrlProblem::Invalid(error.to_string()),
    })
}
