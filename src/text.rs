//! The text of a message.

use crate::platform;
use std::{borrow::Borrow, fmt, ops::Deref};

/// UTF-8 text that is cheap to clone.
///
/// Behaves as a `&str`, and converts to and from `String`.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::Text;
///
/// let text = Text::from("grüße");
/// assert_eq!(text, "grüße");
/// assert_eq!(text.len(), 7);
/// assert_eq!(String::from(text), "grüße");
/// # Ok(()) });
/// ```
#[derive(Clone)]
pub struct Text(platform::TextStorage);

impl Text {
    /// The text as a string slice.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), formatter)
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::from("")
    }
}

impl Eq for Text {}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl std::hash::Hash for Text {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(platform::TextStorage::from(text))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(platform::TextStorage::from(text))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}

impl From<platform::TextStorage> for Text {
    fn from(storage: platform::TextStorage) -> Self {
        Self(storage)
    }
}

impl From<Text> for platform::TextStorage {
    fn from(text: Text) -> Self {
        text.0
    }
}
