//! The standard's rules for URLs and subprotocols (WHATWG WebSockets, the constructor), and
//! what of a URL may be shown.

use crate::{
    OpenError,
    platform::{ParsedUrl, UrlProblem, parse_url},
};
use std::sync::Arc;

/// A URL that has passed the constructor's checks.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    url: ParsedUrl,
    shown: Arc<str>,
}

impl Address {
    pub(crate) fn parse(input: &str) -> Result<Self, OpenError> {
        let url = parse_url(input).map_err(|problem| match problem {
            UrlProblem::Relative => OpenError::RelativeUrl { url: redact(input) },
            UrlProblem::Invalid(reason) => OpenError::InvalidUrl { url: redact(input), reason },
        })?;
        if !matches!(url.scheme.as_str(), "ws" | "wss") {
            return Err(OpenError::UnsupportedScheme { scheme: url.scheme });
        }
        // Chrome percent-encodes what may not stand in a host, where the URL standard refuses it
        if url.host.contains(['%', ' ']) {
            return Err(OpenError::InvalidUrl {
                url: redact(input),
                reason: "invalid character in the host".to_owned(),
            });
        }
        if url.has_fragment() {
            return Err(OpenError::Fragment { url: redact(input) });
        }
        if let Some(port) = url.port.filter(|port| BLOCKED_PORTS.contains(port)) {
            return Err(OpenError::BlockedPort { port });
        }
        let shown = show(&url).into();
        Ok(Self { url, shown })
    }

    /// As the `url` getter gives it.
    pub(crate) fn href(&self) -> &str {
        &self.url.href
    }

    /// Without credentials and query.
    pub(crate) fn shown(&self) -> &Arc<str> {
        &self.shown
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.url.scheme == "wss"
    }

    #[allow(dead_code, reason = "native only: a browser dials by the whole URL")]
    pub(crate) fn parts(&self) -> &ParsedUrl {
        &self.url
    }
}

fn show(url: &ParsedUrl) -> String {
    let port = url.port.map(|port| format!(":{port}")).unwrap_or_default();
    let query = if url.query.is_empty() { "" } else { "?…" };
    format!("{}://{}{port}{}{query}", url.scheme, url.host, url.path)
}

/// Of a URL that could not be parsed: what precedes the query and the fragment, without what
/// precedes the last `@`.
fn redact(input: &str) -> String {
    let end = input.find(['?', '#']).unwrap_or(input.len());
    let (kept, cut) = input.split_at(end);
    let kept = match kept.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.split_once("://").map(|(scheme, _)| format!("{scheme}://")).unwrap_or_default();
            format!("{scheme}{after}")
        }
        None => kept.to_owned(),
    };
    if cut.is_empty() { kept } else { format!("{kept}{}…", &cut[..1]) }
}

/// Checks a list of subprotocols: each a token of RFC 2616, none twice. Like the standard and
/// browsers it takes those that differ in case only for different.
pub(crate) fn check_protocols(protocols: &[String]) -> Result<(), OpenError> {
    for (index, protocol) in protocols.iter().enumerate() {
        if !is_token(protocol) {
            return Err(OpenError::InvalidProtocol { protocol: protocol.clone() });
        }
        if protocols[..index].contains(protocol) {
            return Err(OpenError::DuplicateProtocol { protocol: protocol.clone() });
        }
    }
    Ok(())
}

/// Whether a text is a token of RFC 2616 section 2.2, as subprotocols and header names are.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x21..=0x7e) && !br#"()<>@,;:\"/[]?={}"#.contains(&byte))
}

/// Headers that the handshake sets itself (RFC 6455 section 4.1).
const HANDSHAKE_HEADERS: [&str; 8] = [
    "connection",
    "content-length",
    "host",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "upgrade",
];

/// Checks a request header: a token as its name, a value without control characters, and none
/// that is the handshake's own.
pub(crate) fn check_header(name: &str, value: &str) -> Result<(), OpenError> {
    let fault = |reason| Err(OpenError::InvalidHeader { name: name.escape_debug().to_string(), reason });
    if !is_token(name) {
        return fault("has a name that no HTTP header can have");
    }
    if value.bytes().any(|byte| (byte < 0x20 && byte != b'\t') || byte == 0x7f) {
        return fault("has a control character in its value");
    }
    if HANDSHAKE_HEADERS.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        return fault("is set by the handshake itself");
    }
    Ok(())
}

/// The fetch standard's "bad ports".
const BLOCKED_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
    532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        for (url, shown) in [
            ("wss://user:secret@example.com/path?token=secret", "wss://example.com/path?…"),
            ("ws://example.com:8080/", "ws://example.com:8080/"),
        ] {
            let address = Address::parse(url).expect(url);
            assert_eq!(&**address.shown(), shown);
        }
        for bad in
            ["ws://user:secret@exa mple/?q=secret", "ws://user:secret@example.com/?q=secret#f", "//secret@h/?secret"]
        {
            let message = Address::parse(bad).expect_err(bad).to_string();
            assert!(!message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn a_header_cannot_smuggle_another() {
        assert!(check_header("X-Token", "value").is_ok());
        for (name, value) in [("X", "a\r\nHost: b"), ("X Y", "a"), ("", "a"), ("Host", "a"), ("X\n", "a"), ("X", "\0")]
        {
            assert!(check_header(name, value).is_err(), "{name:?} {value:?}");
        }
    }
}
