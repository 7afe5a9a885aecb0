//! The WHATWG URL parser of the `url` crate.

use crate::platform::{ParsedUrl, UrlProblem};
use url::{ParseError, Position, Url};

pub(crate) fn parse_url(input: &str) -> Result<ParsedUrl, UrlProblem> {
    let mut url = Url::parse(input).map_err(|error| match error {
        ParseError::RelativeUrlWithoutBase => UrlProblem::Relative,
        error => UrlProblem::Invalid(error.to_string()),
    })?;
    let upgraded = match url.scheme() {
        "http" => Some("ws"),
        "https" => Some("wss"),
        _ => None,
    };
    if let Some(scheme) = upgraded {
        url.set_scheme(scheme).map_err(|()| UrlProblem::Invalid("its scheme cannot be changed".to_owned()))?;
    }
    Ok(ParsedUrl {
        scheme: url.scheme().to_owned(),
        host: url[Position::BeforeHost..Position::AfterHost].to_owned(),
        port: url.port(),
        path: url.path().to_owned(),
        query: url[Position::AfterPath..Position::AfterQuery].to_owned(),
        href: url.into(),
    })
}
