//! How things are written on the page, and read from it.

use js_sys::Date;
use std::{borrow::Cow, fmt::Write};
use wasm_bindgen::JsValue;

/// As much of a text as a log entry shows.
const PREVIEW_CHARACTERS: usize = 200;

/// As many bytes as a log entry shows.
pub(crate) const PREVIEW_BYTES: usize = 48;

pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        _ => format!("{bytes} bytes"),
    }
}

pub(crate) fn text_preview(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(PREVIEW_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// The first of so many bytes, in hexadecimal, and as text where they are some.
pub(crate) fn bytes_preview(bytes: &[u8], total: u64) -> String {
    let shown = &bytes[..bytes.len().min(PREVIEW_BYTES)];
    let mut preview = String::new();
    for (index, byte) in shown.iter().enumerate() {
        let space = if index == 0 { "" } else { " " };
        // a string takes whatever is written to it
        let _infallible = write!(preview, "{space}{byte:02x}");
    }
    if (shown.len() as u64) < total {
        preview.push_str(" …");
    }
    if let Some(text) = printable(shown) {
        let _infallible = write!(preview, "  “{text}”");
    }
    preview
}

/// The bytes as text, unless that would be gibberish. The last character may be cut in two.
fn printable(bytes: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let readable = |character: char| !character.is_control() || character.is_whitespace();
    (!text.is_empty() && text.chars().all(readable)).then_some(text)
}

/// Reads bytes such as `de ad BE EF`, `deadbeef` or `0xde, 0xad`.
pub(crate) fn parse_hex(text: &str) -> Result<Vec<u8>, String> {
    text.split(|separator: char| separator.is_whitespace() || matches!(separator, ',' | ':'))
        .map(|word| word.strip_prefix("0x").unwrap_or(word))
        .try_fold(Vec::new(), |mut bytes, word| {
            bytes.extend(parse_hex_word(word)?);
            Ok(bytes)
        })
}

fn parse_hex_word(word: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u8>> = word.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect();
    let digits = digits.ok_or_else(|| format!("“{word}” is not hexadecimal; write bytes as in 00 ff 1b"))?;
    match digits.as_chunks() {
        (pairs, []) => Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect()),
        _ => Err(format!("“{word}” has an odd number of digits; a byte has two")),
    }
}

/// A list such as `chat.v2, chat.v1`, split and nothing more: what is wrong with a name is
/// for the socket to say.
pub(crate) fn parse_protocols(text: &str) -> Vec<String> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    text.split(',').map(|protocol| protocol.trim().to_owned()).collect()
}

pub(crate) fn parse_code(text: &str) -> Result<u16, String> {
    text.trim().parse().map_err(|_| "a close code is a whole number from 0 to 65535".to_owned())
}

/// The time of day here, to the millisecond.
pub(crate) fn time_of_day() -> String {
    let now = Date::new(&JsValue::from_f64(Date::now()));
    let (hours, minutes, seconds) = (now.get_hours(), now.get_minutes(), now.get_seconds());
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", now.get_milliseconds())
}
