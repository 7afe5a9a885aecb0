//! Frames of RFC 6455 section 5.2, right or wrong.

use bytes::{Buf, BytesMut};

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// The longest message that is read or made.
pub(crate) const MESSAGE_LIMIT: usize = 256 << 20;

/// A frame as it came.
#[derive(Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) is_final: bool,
    pub(crate) opcode: u8,
    pub(crate) masked: bool,
    pub(crate) payload: BytesMut,
}

/// A frame announces more than anybody should send.
#[derive(Debug, PartialEq)]
pub(crate) struct TooLong(pub(crate) u64);

/// The first bytes of a frame to send.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Header {
    pub(crate) is_final: bool,
    /// The three reserved bits as a number.
    pub(crate) reserved: u8,
    pub(crate) opcode: u8,
    pub(crate) masked: bool,
}

impl Header {
    const MASK: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

    pub(crate) fn whole(opcode: u8) -> Self {
        Self { is_final: true, reserved: 0, opcode, masked: false }
    }

    fn first_byte(self) -> u8 {
        u8::from(self.is_final) << 7 | (self.reserved & 7) << 4 | self.opcode & 15
    }

    /// The header that announces so many bytes, in the shortest form, and the mask if any.
    pub(crate) fn encode(self, length: usize) -> Vec<u8> {
        let mut bytes = vec![self.first_byte()];
        let mask = u8::from(self.masked) << 7;
        match length {
            0..=125 => bytes.push(mask | length as u8),
            126..=65_535 => {
                bytes.push(mask | 126);
                bytes.extend((length as u16).to_be_bytes());
            }
            _ => {
                bytes.push(mask | 127);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        if self.masked {
            bytes.extend(Self::MASK);
        }
        bytes
    }

    /// The header without a mask that announces so many bytes in the form of 64 bits.
    pub(crate) fn encode_wide(self, length: u64) -> Vec<u8> {
        [&[self.first_byte(), 127][..], &length.to_be_bytes()].concat()
    }

    /// The whole frame.
    pub(crate) fn frame(self, payload: &[u8]) -> Vec<u8> {
        let mut bytes = self.encode(payload.len());
        let start = bytes.len();
        bytes.extend_from_slice(payload);
        if self.masked {
            apply_mask(&mut bytes[start..], Self::MASK);
        }
        bytes
    }
}

/// Takes the first whole frame out of what was received.
pub(crate) fn take_frame(input: &mut BytesMut) -> Result<Option<Frame>, TooLong> {
    let Some(Announced { is_final, opcode, mask, header, length }) = announced(input) else { return Ok(None) };
    let length = usize::try_from(length).ok().filter(|length| *length <= MESSAGE_LIMIT).ok_or(TooLong(length))?;
    if input.len() < header + length {
        input.reserve(header + length - input.len());
        return Ok(None);
    }
    input.advance(header);
    let mut payload = input.split_to(length);
    apply_mask(&mut payload, mask.unwrap_or_default());
    Ok(Some(Frame { is_final, opcode, masked: mask.is_some(), payload }))
}

/// What the first bytes of a frame tell of the rest.
struct Announced {
    is_final: bool,
    opcode: u8,
    mask: Option<[u8; 4]>,
    /// The length of these first bytes.
    header: usize,
    length: u64,
}

/// `None` while not all of the header is there.
fn announced(input: &[u8]) -> Option<Announced> {
    let (first, second) = (*input.first()?, *input.get(1)?);
    let (length, start) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(input.get(2..4)?.try_into().ok()?)), 4),
        127 => (u64::from_be_bytes(input.get(2..10)?.try_into().ok()?), 10),
        short => (u64::from(short), 2),
    };
    let masked = second & 0x80 != 0;
    let mask = if masked { Some(input.get(start..start + 4)?.try_into().ok()?) } else { None };
    let header = if masked { start + 4 } else { start };
    Some(Announced { is_final: first & 0x80 != 0, opcode: first & 15, mask, header, length })
}

/// Eight bytes at a time: tests send megabytes.
fn apply_mask(payload: &mut [u8], mask: [u8; 4]) {
    if mask == [0; 4] {
        return;
    }
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (chunks, rest) = payload.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    rest.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_frame_is_read_back() {
        for length in [0, 1, 7, 8, 9, 125, 126, 65_535, 65_536] {
            let payload: Vec<u8> = (0..length).map(|index| index as u8).collect();
            let header = Header { masked: true, ..Header::whole(BINARY) };
            let mut input = BytesMut::from(&header.frame(&payload)[..]);
            let frame = Frame { is_final: true, opcode: BINARY, masked: true, payload: BytesMut::from(&payload[..]) };
            assert_eq!(take_frame(&mut input), Ok(Some(frame)));
            assert!(input.is_empty());
        }
    }

    #[test]
    fn a_frame_in_pieces_waits_for_the_last() {
        let bytes = Header { masked: true, ..Header::whole(TEXT) }.frame(b"hello");
        let mut input = BytesMut::new();
        for byte in &bytes[..bytes.len() - 1] {
            input.extend([*byte]);
            assert_eq!(take_frame(&mut input), Ok(None));
        }
    }

    #[test]
    fn a_masked_frame_is_that_of_the_rfc_but_for_the_mask() {
        let bytes = Header { masked: true, ..Header::whole(TEXT) }.frame(b"Hello");
        assert_eq!(bytes[..2], [0x81, 0x85]);
        let unmasked: Vec<u8> = bytes[6..].iter().zip(bytes[2..6].iter().cycle()).map(|(a, b)| a ^ b).collect();
        assert_eq!(unmasked, b"Hello");
    }

    #[test]
    fn all_bits_of_a_header_are_written() {
        let header = Header { is_final: false, reserved: 5, opcode: 11, masked: false };
        assert_eq!(header.frame(&[7]), [0b0101_1011, 1, 7]);
        assert_eq!(Header::whole(BINARY).encode_wide(5), [0x82, 127, 0, 0, 0, 0, 0, 0, 0, 5]);
    }

    #[test]
    fn a_frame_beyond_all_bounds_is_refused_by_its_header() {
        let mut input = BytesMut::from(&Header::whole(BINARY).encode_wide(u64::MAX)[..]);
        assert_eq!(take_frame(&mut input), Err(TooLong(u64::MAX)));
    }
}
