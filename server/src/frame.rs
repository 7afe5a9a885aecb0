//! Frames of RFC 6455 section 5.2, right or wrong.

use bytes::{Buf, BytesMut};

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// A frame as it came.
#[derive(Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) is_final: bool,
    pub(crate) opcode: u8,
    pub(crate) masked: bool,
    pub(crate) payload: Vec<u8>,
}

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
    pub(crate) fn whole(opcode: u8) -> Self {
        Self { is_final: true, reserved: 0, opcode, masked: false }
    }

    /// The header that announces so many bytes, in the shortest form.
    pub(crate) fn encode(self, length: u64) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.is_final) << 7 | (self.reserved & 7) << 4 | self.opcode & 15];
        let mask = u8::from(self.masked) << 7;
        match length {
            0..=125 => bytes.push(mask | length as u8),
            126..=65_535 => {
                bytes.push(mask | 126);
                bytes.extend((length as u16).to_be_bytes());
            }
            _ => {
                bytes.push(mask | 127);
                bytes.extend(length.to_be_bytes());
            }
        }
        bytes
    }

    pub(crate) fn frame(self, payload: &[u8]) -> Vec<u8> {
        const MASK: [u8; 4] = [1, 2, 3, 4];
        let mut bytes = self.encode(payload.len() as u64);
        if self.masked {
            bytes.extend(MASK);
            bytes.extend(payload.iter().enumerate().map(|(index, byte)| byte ^ MASK[index % 4]));
        } else {
            bytes.extend_from_slice(payload);
        }
        bytes
    }
}

/// Takes the first whole frame out of what was received.
pub(crate) fn take_frame(input: &mut BytesMut) -> Option<Frame> {
    let (first, second) = (*input.first()?, *input.get(1)?);
    let masked = second & 0x80 != 0;
    let (length, mut header) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(input.get(2..4)?.try_into().ok()?)), 4),
        127 => (u64::from_be_bytes(input.get(2..10)?.try_into().ok()?), 10),
        short => (u64::from(short), 2),
    };
    let mask: [u8; 4] = if masked { input.get(header..header + 4)?.try_into().ok()? } else { [0; 4] };
    header += if masked { 4 } else { 0 };
    let length = usize::try_from(length).ok()?;
    if input.len() < header.checked_add(length)? {
        input.reserve(header + length - input.len());
        return None;
    }
    input.advance(header);
    let mut payload = input.split_to(length).to_vec();
    unmask(&mut payload, mask);
    Some(Frame { is_final: first & 0x80 != 0, opcode: first & 15, masked, payload })
}

/// Eight bytes at a time: tests send megabytes.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
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
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload: Vec<u8> = (0..length).map(|index| index as u8).collect();
            let header = Header { masked: true, ..Header::whole(BINARY) };
            let mut input = BytesMut::from(&header.frame(&payload)[..]);
            let frame = Frame { is_final: true, opcode: BINARY, masked: true, payload };
            assert_eq!(take_frame(&mut input), Some(frame));
            assert!(input.is_empty());
        }
    }

    #[test]
    fn a_frame_in_pieces_waits_for_the_last() {
        let bytes = Header { masked: true, ..Header::whole(TEXT) }.frame(b"hello");
        let mut input = BytesMut::new();
        for byte in &bytes[..bytes.len() - 1] {
            input.extend([*byte]);
            assert_eq!(take_frame(&mut input), None);
        }
    }
}
