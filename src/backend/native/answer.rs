//! Answers of HTTP servers and proxies (RFC 9110, RFC 9112): heads and bodies, as bytes, without I/O.

use std::time::Duration;

/// How much of a refusal's body is kept.
pub(super) const BODY_LIMIT: usize = 16 * 1024;
/// How many bytes are read for it at most, with what frames its chunks.
pub(super) const RAW_BODY_LIMIT: usize = 4 * BODY_LIMIT;
/// How long its body is waited for. What was decided at its head must not wait for one that stalls.
pub(super) const BODY_GRACE: Duration = Duration::from_millis(500);

/// How many headers are made room for first.
const HEADERS: usize = 32;

/// The head of an answer.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    /// It is of HTTP/1.0, which knows no `Upgrade`.
    pub(super) is_old: bool,
    /// Names in lower case; what is no UTF-8 in values is replaced.
    headers: Vec<(String, String)>,
}

/// Where a body ends (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    None,
    Length(usize),
    Chunked,
    UntilClose,
}

impl Head {
    /// The head at the beginning of these bytes and its length; none while it has not come to its end.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, httparse::Error> {
        let mut config = httparse::ParserConfig::default();
        config.allow_obsolete_multiline_headers_in_responses(true);
        // there may be as many as a head of bounded length has room for
        let mut room = HEADERS;
        loop {
            let mut headers = vec![httparse::EMPTY_HEADER; room];
            let mut response = httparse::Response::new(&mut headers);
            return match config.parse_response(&mut response, bytes) {
                Err(httparse::Error::TooManyHeaders) => {
                    room *= 4;
                    continue;
                }
                Err(error) => Err(error),
                Ok(httparse::Status::Partial) => Ok(None),
                Ok(httparse::Status::Complete(length)) => Ok(Some((Self::of(&response), length))),
            };
        }
    }

    fn of(response: &httparse::Response<'_, '_>) -> Self {
        let headers = response.headers.iter().map(|header| {
            let value = String::from_utf8_lossy(header.value);
            // a value that was folded over lines is one (RFC 9112 section 5.2)
            let lines = value.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
            (header.name.to_ascii_lowercase(), lines.collect::<Vec<_>>().join(" "))
        });
        Self {
            status: response.code.unwrap_or_default(),
            is_old: response.version != Some(1),
            headers: headers.collect(),
        }
    }

    /// An answer that another follows (RFC 9110 section 15.2), which may be ignored; 101 is the last one.
    pub(super) fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// The values of all headers of this name, given in lower case.
    pub(super) fn all<'head>(&'head self, name: &'head str) -> impl Iterator<Item = &'head str> {
        self.headers.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Those in one line; `None` if there is no such header.
    pub(super) fn joined(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.all(name).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub(super) fn into_headers(self) -> Vec<(String, String)> {
        self.headers
    }

    fn framing(&self) -> Framing {
        if matches!(self.status, 100..=199 | 204 | 304) {
            return Framing::None;
        }
        if let Some(codings) = self.joined("transfer-encoding") {
            let last = codings.rsplit(',').next().unwrap_or_default().trim();
            return if last.eq_ignore_ascii_case("chunked") { Framing::Chunked } else { Framing::UntilClose };
        }
        let Some(lengths) = self.joined("content-length") else { return Framing::UntilClose };
        let mut lengths = lengths.split(',').map(|length| length.trim().parse().ok());
        match lengths.next().flatten() {
            Some(length) if lengths.all(|other| other == Some(length)) => Framing::Length(length),
            _ => Framing::UntilClose,
        }
    }

    /// What of its body is in the bytes that follow, up to [`BODY_LIMIT`], and whether nothing more of it is to be
    /// waited for.
    pub(super) fn body(&self, bytes: &[u8]) -> (Vec<u8>, bool) {
        let (mut body, mut is_whole) = match self.framing() {
            Framing::None => (Vec::new(), true),
            Framing::Length(length) => (bytes[..length.min(bytes.len())].to_vec(), bytes.len() >= length),
            Framing::Chunked => unchunked(bytes),
            Framing::UntilClose => (bytes.to_vec(), false),
        };
        is_whole |= body.len() >= BODY_LIMIT;
        body.truncate(BODY_LIMIT);
        (body, is_whole)
    }
}

/// The contents of chunks (RFC 9112 section 7.1), and whether the last one has come. What is no chunk ends them too.
fn unchunked(mut bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let (start, length) = match httparse::parse_chunk_size(bytes) {
            Ok(httparse::Status::Complete((_, 0))) | Err(_) => return (body, true),
            Ok(httparse::Status::Complete((start, length))) => (start, usize::try_from(length).unwrap_or(usize::MAX)),
            Ok(httparse::Status::Partial) => return (body, false),
        };
        let rest = &bytes[start..];
        body.extend_from_slice(&rest[..length.min(rest.len())]);
        // the line that ends a chunk
        match rest.get(length.saturating_add(2)..) {
            Some(next) => bytes = next,
            None => return (body, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        let parsed = Head::parse(text.as_bytes()).expect("an answer");
        parsed.expect("a whole head").0
    }

    #[test]
    fn a_head_is_whole_or_not_there_wherever_it_is_cut() {
        let text = "HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\nrest";
        for cut in 0..text.len() {
            let parsed = Head::parse(&text.as_bytes()[..cut]).expect("no fault");
            assert_eq!(parsed.is_some(), cut >= text.len() - 4, "{cut}");
        }
        assert!(Head::parse(b"SSH-2.0-x\r\n").is_err());
    }

    #[test]
    fn values_are_joined_and_folds_become_spaces() {
        let folded =
            head("HTTP/1.1 101 x\r\nUpgrade: web\r\nX-Note: one\r\n  two\r\n\tthree\r\nA: 1\r\na:  2 \r\n\r\n");
        assert_eq!(folded.joined("x-note").as_deref(), Some("one two three"));
        assert_eq!(folded.joined("a").as_deref(), Some("1, 2"));
        assert_eq!(folded.joined("b"), None);
        assert_eq!(head("HTTP/1.1 101 x\r\nEmpty:\r\n\r\n").joined("empty").as_deref(), Some(""));
    }

    #[test]
    fn any_number_of_headers_passes() {
        let headers: String = (0..2_000).map(|index| format!("x-{index}: {index}\r\n")).collect();
        let many = head(&format!("HTTP/1.1 101 x\r\n{headers}\r\n"));
        assert_eq!(many.joined("x-1999").as_deref(), Some("1999"));
    }

    #[test]
    fn interim_answers_and_old_ones_are_told_apart() {
        assert!(head("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n").is_interim());
        assert!(head("HTTP/1.1 100\r\n\r\n").is_interim());
        assert!(!head("HTTP/1.1 101 x\r\n\r\n").is_interim() && !head("HTTP/1.1 200 x\r\n\r\n").is_interim());
        assert!(head("HTTP/1.0 101 x\r\n\r\n").is_old && !head("HTTP/1.1 101 x\r\n\r\n").is_old);
    }

    #[test]
    fn bodies_end_where_their_framing_says() {
        for (head_lines, bytes, body, is_whole) in [
            ("200 x\r\nContent-Length: 2", "nope", "no", true),
            ("200 x\r\nContent-Length: 9", "nope", "nope", false),
            ("200 x\r\nContent-Length: 2, 2", "no", "no", true),
            ("200 x\r\nContent-Length: 2, 3", "no", "no", false),
            ("200 x\r\nContent-Length: x", "no", "no", false),
            ("200 x", "no", "no", false),
            ("304 x\r\nContent-Length: 5", "", "", true),
            ("204 x", "HTTP/1.1", "", true),
            ("403 x\r\nTransfer-Encoding: gzip, chunked", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", "abcde", true),
            ("403 x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1", "3\r\nabc\r\n2\r\nd", "abcd", false),
            ("403 x\r\nTransfer-Encoding: chunked", "3\r\nabc", "abc", false),
            ("403 x\r\nTransfer-Encoding: chunked", "3", "", false),
            ("403 x\r\nTransfer-Encoding: chunked", "3\r\nabc\r\nzz\r\n", "abc", true),
            ("403 x\r\nTransfer-Encoding: gzip", "abc", "abc", false),
        ] {
            let (got, whole) = head(&format!("HTTP/1.1 {head_lines}\r\n\r\n")).body(bytes.as_bytes());
            assert_eq!((String::from_utf8_lossy(&got).as_ref(), whole), (body, is_whole), "{head_lines}: {bytes}");
        }
    }

    #[test]
    fn bodies_have_a_bound() {
        let long = vec![b'x'; 3 * BODY_LIMIT];
        let (body, is_whole) = head("HTTP/1.1 500 x\r\n\r\n").body(&long);
        assert!(body.len() == BODY_LIMIT && is_whole);
        let huge = head("HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n").body(b"ffffffffffffffff\r\nab");
        assert_eq!(huge, (b"ab".to_vec(), false));
    }
}
