//! Where messages are compressed and inflated, before they are as long as they are.

use bytes::Bytes;
use std::mem;

/// How much room there is at first.
const PIECE: usize = 4 * 1024;
/// How much is added at most.
const MOST: usize = 1 << 20;
/// A longer message is not copied out: it is given the room.
const LONG: usize = 16 * 1024;

/// Bytes that are written again and again, so that none have to be cleared for a message.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    bytes: Vec<u8>,
    used: usize,
}

impl Scratch {
    /// Some room, never none.
    pub(super) fn room(&mut self) -> &mut [u8] {
        if self.used == self.bytes.len() {
            self.bytes.resize(self.used + self.used.clamp(PIECE, MOST), 0);
        }
        &mut self.bytes[self.used..]
    }

    pub(super) fn is_full(&self) -> bool {
        self.used == self.bytes.len()
    }

    /// So much of the room was written to.
    pub(super) fn advance(&mut self, count: usize) {
        self.used += count;
    }

    pub(super) fn len(&self) -> usize {
        self.used
    }

    pub(super) fn written(&self) -> &[u8] {
        &self.bytes[..self.used]
    }

    /// What was written, but for so much at its end, as long as it is; then it is empty.
    pub(super) fn take(&mut self, but: usize) -> Bytes {
        let length = mem::take(&mut self.used) - but;
        if length <= LONG {
            return Bytes::copy_from_slice(&self.bytes[..length]);
        }
        let mut bytes = mem::take(&mut self.bytes);
        bytes.truncate(length);
        bytes.shrink_to_fit();
        bytes.into()
    }

    pub(super) fn clear(&mut self) {
        self.used = 0;
    }
}
