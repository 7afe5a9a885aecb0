//! A blob in memory.

use crate::platform::ReadFailure;
use bytes::Bytes;
use std::ops::Range;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BlobStorage(Bytes);

impl From<Bytes> for BlobStorage {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl BlobStorage {
    pub(crate) fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    pub(crate) fn size(&self) -> u64 {
        self.0.len() as u64
    }

    /// The range must lie within the size.
    pub(crate) fn slice(&self, range: Range<u64>) -> Self {
        let within = |offset: u64| usize::try_from(offset).map_or(self.0.len(), |offset| offset.min(self.0.len()));
        Self(self.0.slice(within(range.start)..within(range.end)))
    }

    pub(crate) async fn read(&self) -> Result<Bytes, ReadFailure> {
        Ok(self.0.clone())
    }
}
