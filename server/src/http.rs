//! Request heads and plain answers.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::BytesMut;
use sha1::{Digest, Sha1};
use tokio::io::AsyncReadExt;

/// The longest request head that is read: a script may hold a payload.
const HEAD_LIMIT: usize = 1 << 20;

/// A request's head.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query as they were sent.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Request {
    /// Reads a head; what follows it stays in the input. `None` when the client leaves.
    pub(crate) async fn read(
        transport: &mut (impl AsyncReadExt + Unpin + ?Sized),
        input: &mut BytesMut,
    ) -> Option<Self> {
        let mut searched = 0;
        loop {
            // such as a TLS greeting on the plain port
            if input.first().is_some_and(|byte| !byte.is_ascii_uppercase()) {
                return None;
            }
            if let Some(end) = input[searched..].windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let head = input.split_to(searched + end + 4);
                return Self::parse(&String::from_utf8_lossy(&head));
            }
            // the end may have begun
            searched = input.len().saturating_sub(3);
            let ended = !matches!(transport.read_buf(input).await, Ok(count) if count > 0);
            if ended || input.len() > HEAD_LIMIT {
                return None;
            }
        }
    }

    fn parse(head: &str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
        Some(Self { method, target, headers })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(candidate, _)| candidate == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A parameter of the query, percent-decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(candidate, _)| *candidate == name).map(|(_, value)| decode(value))
    }

    /// Whether it is a proper request to upgrade (RFC 6455 section 4.2.1).
    pub(crate) fn is_upgrade(&self) -> bool {
        let lists = |name: &str, token: &str| {
            let header = self.header(name).unwrap_or_default();
            header.split(',').any(|part| part.trim().eq_ignore_ascii_case(token))
        };
        self.method == "GET"
            && lists("upgrade", "websocket")
            && lists("connection", "upgrade")
            && self.header("sec-websocket-version") == Some("13")
            && self.header("sec-websocket-key").is_some()
    }

    /// The proof that the request was understood.
    pub(crate) fn accept_key(&self) -> String {
        let key = self.header("sec-websocket-key").unwrap_or_default();
        STANDARD.encode(Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")))
    }

    pub(crate) fn offered_protocols(&self) -> impl Iterator<Item = &str> {
        self.header("sec-websocket-protocol")
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
    }
}

/// Undoes percent-encoding. Bytes that are not UTF-8 afterwards are replaced.
pub(crate) fn decode(text: &str) -> String {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let encoded = match rest {
            [b'%', high, low, ..] => digit(*high).zip(digit(*low)),
            _ => None,
        };
        bytes.push(encoded.map_or(*first, |(high, low)| (high * 16 + low) as u8));
        rest = if encoded.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A plain answer, after which the connection ends.
pub(crate) fn answer(status: u16, headers: &[(String, String)], content_type: &str, body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    // to ask again each time; `no-store` would keep pages out of browsers' back-forward cache
    head += &format!(
        "Content-Type: {content_type}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_is_undone_and_a_plus_is_a_plus() {
        assert_eq!(decode("a%20b+%C3%BC%+5%%41%"), "a b+ü%+5%A%");
    }

    #[test]
    fn the_accept_key_is_that_of_the_rfc() {
        let head = "GET /chat HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        let key = Request::parse(head).map(|request| request.accept_key());
        assert_eq!(key.as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    #[test]
    fn parameters_are_found_and_decoded() {
        let request = Request::parse("GET /script?id=7&do=text:a%2525%20b;close HTTP/1.1\r\n\r\n");
        let script = request.as_ref().and_then(|request| request.parameter("do"));
        assert_eq!(script.as_deref(), Some("text:a%25 b;close"));
        assert_eq!(request.as_ref().map(Request::path), Some("/script"));
    }
}
