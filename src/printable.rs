//! Text of others, in what is shown.

use std::fmt::{self, Write};

/// A text without what could end a line in a log, or steer a terminal: control characters are
/// replaced.
pub(crate) struct Printable<'text>(pub(crate) &'text str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().map(replaced).try_for_each(|character| formatter.write_char(character))
    }
}

/// The same as a text of its own.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(replaced).collect()
}

fn replaced(character: char) -> char {
    if character.is_control() { char::REPLACEMENT_CHARACTER } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_line() {
        for (text, shown) in [("grüße", "grüße"), ("a\nb\r\u{1b}[31m\u{85}", "a\u{fffd}b\u{fffd}\u{fffd}[31m\u{fffd}")]
        {
            assert_eq!((Printable(text).to_string().as_str(), printable(text).as_str()), (shown, shown));
        }
    }
}
