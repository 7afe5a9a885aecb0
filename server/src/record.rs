//! What is observed on one connection, a line each.

use crate::frame::TEXT;
use sha1::{Digest, Sha1};
use std::fmt::Write;

/// Longer payloads are recorded by length and hash.
const SHORT: usize = 256;

/// Keeps nothing unless it was made to: nobody asks what an echo saw, which may be gigabytes.
#[derive(Debug, Default)]
pub(crate) struct Record(Option<Vec<String>>);

impl Record {
    pub(crate) fn kept() -> Self {
        Self(Some(Vec::new()))
    }

    pub(crate) fn line(&mut self, line: impl Into<String>) {
        if let Some(lines) = &mut self.0 {
            lines.push(line.into());
        }
    }

    pub(crate) fn message(&mut self, opcode: u8, payload: &[u8]) {
        if self.0.is_some() {
            self.line(describe_message(opcode, payload));
        }
    }

    /// A line of a word and bytes.
    pub(crate) fn bytes(&mut self, what: &str, bytes: &[u8]) {
        if self.0.is_some() {
            self.line(join(what, &hex(bytes)));
        }
    }

    pub(crate) fn close(&mut self, body: &[u8]) {
        if self.0.is_some() {
            self.line(describe_close(body));
        }
    }

    pub(crate) fn into_text(self) -> String {
        self.0.unwrap_or_default().join("\n")
    }
}

pub(crate) fn describe_message(opcode: u8, payload: &[u8]) -> String {
    let kind = if opcode == TEXT { "text" } else { "binary" };
    if payload.len() > SHORT {
        return format!("{kind}-long {} {}", payload.len(), hex(&Sha1::digest(payload)));
    }
    match std::str::from_utf8(payload) {
        _ if opcode != TEXT => join(kind, &hex(payload)),
        Ok(text) => join(kind, &escape(text)),
        Err(_) => join("text-bad", &hex(payload)),
    }
}

fn describe_close(body: &[u8]) -> String {
    match body {
        [] => "close empty".to_owned(),
        [high, low, reason @ ..] => match std::str::from_utf8(reason) {
            Ok(reason) => join(&format!("close {}", u16::from_be_bytes([*high, *low])), &escape(reason)),
            Err(_) => format!("close-bad {}", hex(body)),
        },
        [_] => format!("close-bad {}", hex(body)),
    }
}

/// With a space between only if there is something to separate.
fn join(what: &str, detail: &str) -> String {
    if detail.is_empty() { what.to_owned() } else { format!("{what} {detail}") }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut digits, byte| {
        // a String takes whatever is written
        let _infallible = write!(digits, "{byte:02x}");
        digits
    })
}

/// Keeps a text on its line.
pub(crate) fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            '\\' => escaped.push_str("\\\\"),
            character if character.is_control() => escaped.extend(character.escape_default()),
            character => escaped.push(character),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::BINARY;

    #[test]
    fn messages_are_described() {
        assert_eq!(describe_message(TEXT, "a\\b\nü\u{1} ".as_bytes()), "text a\\\\b\\nü\\u{1} ");
        assert_eq!(describe_message(TEXT, b""), "text");
        assert_eq!(describe_message(TEXT, b"\xff"), "text-bad ff");
        assert_eq!(describe_message(BINARY, &[0, 255]), "binary 00ff");
        assert_eq!(describe_message(BINARY, &[]), "binary");
    }

    #[test]
    fn long_messages_are_hashed() {
        assert_eq!(describe_message(TEXT, &[b'a'; 256]), format!("text {}", "a".repeat(256)));
        let described = describe_message(TEXT, &[b'a'; 1_000_000]);
        assert_eq!(described, "text-long 1000000 34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    }

    #[test]
    fn closes_are_described() {
        assert_eq!(describe_close(b""), "close empty");
        assert_eq!(describe_close(b"\x03\xe8"), "close 1000");
        assert_eq!(describe_close(b"\x03\xe8bye\n"), "close 1000 bye\\n");
        assert_eq!(describe_close(b"\x03"), "close-bad 03");
        assert_eq!(describe_close(b"\x03\xe8\xff"), "close-bad 03e8ff");
    }

    #[test]
    fn nothing_is_kept_unless_asked_for() {
        let mut record = Record::default();
        record.line("lost");
        assert_eq!(record.into_text(), "");
        let mut record = Record::kept();
        record.line("one");
        record.bytes("ping", &[]);
        assert_eq!(record.into_text(), "one\nping");
    }
}
