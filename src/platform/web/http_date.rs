//! Dates in HTTP headers.

use std::time::Duration;

/// A browser shows no header of an answer that refuses, so that there is nothing to read.
pub(crate) fn parse_http_date(_text: &str) -> Option<Duration> {
    None
}
