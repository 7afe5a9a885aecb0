//! Where messages end, seen by frame headers alone: browsers send a large one in several frames.

use std::io::{self, ErrorKind, Read};

/// Flags of a header's first byte.
const LAST: u8 = 0x80;
const CONTROL: u8 = 0x08;
const MASK: usize = 4;

/// Reads so many messages, as much as a block at once; how many bytes they took.
pub fn read_messages(stream: &mut impl Read, mut messages: usize, block: usize) -> io::Result<usize> {
    let mut block = vec![0; block];
    // of a header that has not come as a whole
    let mut kept = 0;
    let mut frame = Frame { left: 0, is_last: false };
    let mut bytes = 0;
    while messages > 0 {
        let count = stream.read(&mut block[kept..])?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let (mut at, end) = (0, kept + count);
        bytes += count;
        while messages > 0 {
            at += frame.skip(end - at);
            if frame.left > 0 {
                break;
            }
            if std::mem::take(&mut frame.is_last) {
                messages -= 1;
                continue;
            }
            let Some((next, length)) = Frame::begin(&block[at..end]) else { break };
            frame = next;
            at += length;
        }
        block.copy_within(at..end, 0);
        kept = end - at;
    }
    // what came behind the last
    Ok(bytes - kept)
}

struct Frame {
    /// Of its payload.
    left: usize,
    /// Whether it ends a message.
    is_last: bool,
}

impl Frame {
    /// And its header's length, once that is there.
    fn begin(bytes: &[u8]) -> Option<(Self, usize)> {
        let [first, second, ..] = bytes else { return None };
        let (length, payload) = match second & 0x7f {
            126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
            127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize),
            short => (2, usize::from(short)),
        };
        let length = length + MASK;
        (bytes.len() >= length)
            .then_some((Self { left: payload, is_last: first & LAST != 0 && first & CONTROL == 0 }, length))
    }

    fn skip(&mut self, most: usize) -> usize {
        let skipped = self.left.min(most);
        self.left -= skipped;
        skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_however_they_come() {
        let frame = |first: u8, length: u8| [&[first, 0x80 | length, 0, 0, 0, 0][..], &vec![7; length.into()]].concat();
        let long = [&[0x82, 0xfe, 1, 0, 0, 0, 0, 0][..], &[0x82; 256]].concat();
        // one in two frames with a ping between, one that is long, one that is empty
        let sent = [frame(0x02, 9), frame(0x89, 3), frame(0x80, 1), long, frame(0x81, 0)].concat();
        for block in [14, 15, 100, 4096] {
            assert!(read_messages(&mut &sent[..], 3, block).is_ok(), "by {block}");
            assert!(read_messages(&mut &sent[..], 4, block).is_err(), "by {block}");
        }
    }
}
