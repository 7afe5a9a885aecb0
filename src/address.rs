//! The standard's rules for URLs and subprotocols (WHATWG WebSockets, the constructor), and
//! what of a URL may be shown.

use crate::{
    OpenError,
    platform::{UrlProblem, parse_url},
    printable::printable,
};
use std::sync::Arc;

/// A URL that has passed the constructor's checks.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    href: Arc<str>,
    /// The same, where there is nothing to hide.
    shown: Arc<str>,
}

/// What a serialized URL consists of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'href> {
    pub(crate) scheme: &'href str,
    /// As in a URL: an IPv6 address stands in brackets.
    pub(crate) host: &'href str,
    /// `None` where it is the scheme's default.
    pub(crate) port: Option<u16>,
    /// Host and port.
    pub(crate) authority: &'href str,
    path: &'href str,
    /// Path and query.
    pub(crate) target: &'href str,
    /// User and password, as they are encoded.
    pub(crate) credentials: Option<&'href str>,
    has_fragment: bool,
}

impl Address {
    pub(crate) fn parse(input: &str) -> Result<Self, OpenError> {
        let href = parse_url(input).map_err(|problem| match problem {
            UrlProblem::Relative => OpenError::RelativeUrl { url: redact(input) },
            UrlProblem::Invalid(reason) => OpenError::InvalidUrl { url: redact(input), reason },
        })?;
        let (scheme, rest) = cut(&href, ":");
        // default ports included, ws is like http
        let href: Arc<str> = match scheme {
            "http" | "ws" => ["ws", rest].concat().into(),
            "https" | "wss" => ["wss", rest].concat().into(),
            _ => return Err(OpenError::UnsupportedScheme { scheme: scheme.to_owned() }),
        };
        let parts = Parts::of(&href);
        // Chrome percent-encodes what may not stand in a host, where the URL standard refuses it
        if parts.host.bytes().any(|byte| matches!(byte, b'%' | b' ')) {
            return Err(OpenError::InvalidUrl {
                url: redact(input),
                reason: "invalid character in the host".to_owned(),
            });
        }
        if parts.has_fragment {
            return Err(OpenError::Fragment { url: redact(input) });
        }
        if let Some(port) = parts.port.filter(|port| BLOCKED_PORTS.contains(port)) {
            return Err(OpenError::BlockedPort { port });
        }
        let shown = parts.shown().unwrap_or_else(|| href.clone());
        Ok(Self { href, shown })
    }

    /// As the `url` getter gives it.
    pub(crate) fn href(&self) -> &str {
        &self.href
    }

    /// Without credentials and query.
    pub(crate) fn shown(&self) -> &Arc<str> {
        &self.shown
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.href.starts_with("wss")
    }

    #[allow(dead_code, reason = "native only: a browser dials by the whole URL")]
    pub(crate) fn parts(&self) -> Parts<'_> {
        Parts::of(&self.href)
    }
}

impl<'href> Parts<'href> {
    /// Of a URL of a special scheme, as the URL standard's serializer gives it: each delimiter
    /// that does not delimit is percent-encoded.
    pub(crate) fn of(href: &'href str) -> Self {
        let (scheme, rest) = cut(href, ":");
        let rest = rest.strip_prefix("://").unwrap_or_default();
        let (credentials_and_authority, rest) = cut(rest, "/");
        let (before, after) = cut(credentials_and_authority, "@");
        let authority = after.strip_prefix('@').unwrap_or(before);
        let (host, port) = match authority.bytes().rposition(|byte| matches!(byte, b':' | b']')) {
            Some(at) => cut_at(authority, if authority.ends_with(']') { authority.len() } else { at }),
            None => (authority, ""),
        };
        let (target, fragment) = cut(rest, "#");
        let (path, _query) = cut(target, "?");
        Self {
            scheme,
            host,
            port: port.strip_prefix(':').and_then(|port| port.parse().ok()),
            authority,
            path,
            target,
            credentials: (!after.is_empty()).then_some(before),
            has_fragment: !fragment.is_empty(),
        }
    }

    /// The whole without credentials and query; `None` where it has neither.
    fn shown(&self) -> Option<Arc<str>> {
        let has_query = self.path != self.target;
        let query = if has_query { "?…" } else { "" };
        (has_query || self.credentials.is_some())
            .then(|| [self.scheme, "://", self.authority, self.path, query].concat().into())
    }
}

/// Splits before the first delimiter, which must be ASCII; the second part is empty if there is
/// none. Unlike slicing it brings no message of a panic into a wasm module.
fn cut<'text>(text: &'text str, delimiters: &str) -> (&'text str, &'text str) {
    let is_delimiter = |byte: u8| delimiters.as_bytes().contains(&byte);
    cut_at(text, text.bytes().position(is_delimiter).unwrap_or(text.len()))
}

fn cut_at(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// Undoes percent-encoding; what is no UTF-8 then is replaced.
#[allow(dead_code, reason = "native only: a browser reads its proxy's URL itself")]
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut rest = text.as_bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let [first, others @ ..] = rest {
        let value = match rest {
            [b'%', high, low, ..] => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        decoded.push(value.unwrap_or(*first));
        rest = if value.is_some() { others.get(2..).unwrap_or_default() } else { others };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[allow(dead_code, reason = "native only: a browser reads its proxy's URL itself")]
fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Of a URL that could not be parsed: what precedes the query and the fragment, without what
/// precedes the last `@`.
fn redact(input: &str) -> String {
    let (kept, hidden) = cut(input, "?#");
    let (before, after) = cut_at(kept, kept.bytes().rposition(|byte| byte == b'@').unwrap_or(0));
    let (scheme, rest) = cut(before, ":");
    let scheme = if rest.starts_with("://") { [scheme, "://"] } else { ["", ""] };
    let delimiter = hidden.get(..1).unwrap_or_default();
    let ellipsis = if hidden.is_empty() { "" } else { "…" };
    printable(&[scheme[0], scheme[1], after.strip_prefix('@').unwrap_or(after), delimiter, ellipsis].concat())
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
    let fault = |reason| Err(OpenError::InvalidHeader { name: printable(name), reason });
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
            ("https://u@[::1]:9001/a/b@c:d", "wss://[::1]:9001/a/b@c:d"),
            ("http://[::1]?q", "ws://[::1]/?…"),
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
        for (input, redacted) in [
            ("ws://user:secret@h y/p?q", "ws://h y/p?…"),
            ("ws://h y/p", "ws://h y/p"),
            ("a@b@h#", "h#…"),
            ("grüße@ö?ü", "ö?…"),
            ("", ""),
        ] {
            assert_eq!(redact(input), redacted);
        }
    }

    #[test]
    fn a_url_is_taken_apart() {
        for (url, host, port, target) in [
            ("ws://example.com", "example.com", None, "/"),
            ("ws://example.com:80/", "example.com", None, "/"),
            ("wss://example.com:80/a?b=/:@", "example.com", Some(80), "/a?b=/:@"),
            ("ws://u:p@127.0.0.1:8080/@:/", "127.0.0.1", Some(8080), "/@:/"),
            ("ws://[2001:db8::1]/", "[2001:db8::1]", None, "/"),
            ("ws://[2001:db8::1]:8443/", "[2001:db8::1]", Some(8443), "/"),
        ] {
            let address = Address::parse(url).expect(url);
            let parts = address.parts();
            assert_eq!((parts.host, parts.port, parts.target), (host, port, target), "{url}");
        }
    }

    #[test]
    fn percent_encoding_is_undone() {
        for (text, decoded) in
            [("a%20b", "a b"), ("%", "%"), ("%4", "%4"), ("%zz%41", "%zzA"), ("%c3%a4%ff", "ä\u{fffd}")]
        {
            assert_eq!(percent_decoded(text), decoded);
        }
    }

    #[test]
    fn a_header_cannot_smuggle_another() {
        assert!(check_header("X-Token", "value").is_ok());
        assert!(!check_header("X\r\nY", "a").expect_err("no token").to_string().contains('\n'));
        for (name, value) in [("X", "a\r\nHost: b"), ("X Y", "a"), ("", "a"), ("Host", "a"), ("X\n", "a"), ("X", "\0")]
        {
            assert!(check_header(name, value).is_err(), "{name:?} {value:?}");
        }
    }
}
