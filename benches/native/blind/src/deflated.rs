//! Messages to be sent that were compressed beforehand, as RFC 7692 says.

use flate2::{Compress, Compression, FlushCompress};
use std::sync::OnceLock;

/// Last of a message, compressed, a text.
const COMPRESSED_TEXT: u8 = 0xc1;
const TEXT: u8 = 0x81;
/// What a flush ends with, and a message leaves out.
const TAIL: usize = 4;

/// How the messages are sent.
#[derive(Clone, Copy, PartialEq)]
pub enum How {
    Plain,
    /// Each may repeat what was in those before it.
    WithContext,
    Alone,
}

/// All sample messages, a frame each. They may be sent again and again: what refers to earlier messages
/// refers to those of the same turn.
pub fn frames(how: How) -> &'static [Vec<u8>] {
    static FRAMES: [OnceLock<Vec<Vec<u8>>>; 3] = [const { OnceLock::new() }; 3];
    FRAMES[how as usize].get_or_init(|| {
        let mut compress = Compress::new(Compression::default(), false);
        samples::messages().iter().map(|message| frame(message.as_bytes(), how, &mut compress)).collect()
    })
}

fn frame(message: &[u8], how: How, compress: &mut Compress) -> Vec<u8> {
    if how == How::Plain {
        return super::frame_of(TEXT, message);
    }
    let mut compressed = Vec::with_capacity(message.len() + 64);
    compress.compress_vec(message, &mut compressed, FlushCompress::Sync).expect("there is room");
    compressed.truncate(compressed.len() - TAIL);
    if how == How::Alone {
        compress.reset();
    }
    super::frame_of(COMPRESSED_TEXT, &compressed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Decompress, FlushDecompress};

    #[test]
    fn what_is_sent_in_turns_can_be_inflated() {
        let mut inflate = Decompress::new(false);
        for _ in 0..3 {
            for (frame, message) in frames(How::WithContext).iter().zip(samples::messages()) {
                let header = if frame[1] < 126 { 2 } else { 4 };
                let body = [&frame[header..], &[0, 0, 0xff, 0xff]].concat();
                let mut text = Vec::with_capacity(message.len() + 64);
                inflate.decompress_vec(&body, &mut text, FlushDecompress::Sync).expect("valid");
                assert_eq!(text, message.as_bytes());
            }
        }
    }
}
