//! Binary data that is read asynchronously, as in a browser.

use crate::{BlobError, platform};
use bytes::Bytes;
use std::{ops::Range, sync::Arc};

/// Immutable bytes with a media type, cheap to clone.
///
/// In a browser an incoming blob is the browser's own, whose bytes may lie outside wasm's
/// memory until they are read; natively it is backed by bytes.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::Blob;
///
/// let blob = Blob::with_type("hello world", "text/plain");
/// assert_eq!((blob.size(), blob.content_type()), (11, "text/plain"));
/// assert_eq!(blob.slice(6..11).text().await?, "world");
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct Blob(Arc<Parts>);

/// Aside, since a message is as big as its biggest kind, and blobs are the rarest.
#[derive(Debug, PartialEq)]
struct Parts {
    storage: platform::BlobStorage,
    content_type: String,
}

impl Blob {
    /// A blob of these bytes, with no type.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self::with_type(bytes, "")
    }

    /// A blob of these bytes with a media type, such as `image/png`. As in the File API, a
    /// type with characters outside printable ASCII becomes empty, and upper case lower.
    pub fn with_type(bytes: impl Into<Bytes>, content_type: &str) -> Self {
        Self::from_storage(bytes.into().into(), content_type)
    }

    pub(crate) fn from_storage(storage: platform::BlobStorage, content_type: &str) -> Self {
        Self(Arc::new(Parts { storage, content_type: normalize(content_type) }))
    }

    pub(crate) fn storage(&self) -> &platform::BlobStorage {
        &self.0.storage
    }

    /// The size in bytes.
    pub fn size(&self) -> u64 {
        self.0.storage.size()
    }

    /// The media type, or an empty string.
    pub fn content_type(&self) -> &str {
        &self.0.content_type
    }

    /// A part of it, with no type; copies nothing. A range beyond the end is cut to what
    /// there is.
    pub fn slice(&self, range: Range<u64>) -> Self {
        let end = range.end.min(self.size());
        let start = range.start.min(end);
        Self::from_storage(self.0.storage.slice(start..end), "")
    }

    /// Its bytes.
    ///
    /// # Errors
    ///
    /// Natively never fails. In a browser [`BlobError::Unreadable`] and
    /// [`BlobError::WrongThread`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing; the blob can be read again.
    pub async fn bytes(&self) -> Result<Bytes, BlobError> {
        self.0.storage.read().await.map_err(|failure| match failure {
            platform::ReadFailure::WrongThread => BlobError::WrongThread,
            platform::ReadFailure::Unreadable(reason) => BlobError::Unreadable { reason },
        })
    }

    /// Its bytes as text.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes), and [`BlobError::InvalidUtf8`] if it is not UTF-8; a browser
    /// would replace what is invalid, which hides the loss.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing; the blob can be read again.
    pub async fn text(&self) -> Result<String, BlobError> {
        String::from_utf8(self.bytes().await?.into()).map_err(|_| BlobError::InvalidUtf8)
    }
}

/// The File API's rule for the type of a blob.
fn normalize(content_type: &str) -> String {
    if content_type.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) {
        content_type.to_ascii_lowercase()
    } else {
        String::new()
    }
}

impl PartialEq for Blob {
    /// Whether both show the same part of the same data; blobs with equal bytes from different
    /// sources are equal natively only, since a browser reads them asynchronously.
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl From<Bytes> for Blob {
    fn from(bytes: Bytes) -> Self {
        Self::new(bytes)
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}
