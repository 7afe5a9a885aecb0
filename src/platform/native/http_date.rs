//! Dates in HTTP headers.

use std::time::{Duration, UNIX_EPOCH};

/// The time since the Unix epoch; one before it is taken for the epoch.
pub(crate) fn parse_http_date(text: &str) -> Option<Duration> {
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(UNIX_EPOCH).unwrap_or_default())
}
