//! Sees the body of the peer's close frame as it came.
//!
//! The engine shows an application a close with a code that it does not know, the registered
//! 1014 among them, as a close with 1002 (and answers it so). What a user is told must be what
//! the peer said, and codes that no peer may send must fail the connection. So the bytes are followed from frame
//! header to frame header on their way to the engine, which costs a few instructions a frame.

use super::{deflate::Notes, dial::ByteStream, tcp::Tcp};
use std::{
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const CLOSE: u8 = 8;
/// A header without mask: two bytes, and up to eight of length.
const LONGEST_HEADER: usize = 10;

/// The body of the close frame, once it was read.
pub(super) type CloseBody = Arc<OnceLock<Vec<u8>>>;

/// The stream with the tap.
#[derive(Debug)]
pub(super) struct Tapped {
    stream: ByteStream,
    tap: CloseTap,
}

impl Tapped {
    /// The bytes that were read already have to pass the tap too.
    pub(super) fn new(stream: ByteStream, already_read: &mut [u8], notes: Option<Notes>) -> (Self, CloseBody) {
        let close = CloseBody::default();
        let mut tap =
            CloseTap { header: Vec::with_capacity(LONGEST_HEADER), state: State::Header, close: close.clone(), notes };
        tap.follow(already_read);
        (Self { stream, tap }, close)
    }

    /// Whether the peer has ended the connection, though what it sent before may be unread.
    pub(super) fn is_read_closed(&self) -> bool {
        self.stream.tcp().is_some_and(Tcp::is_read_closed)
    }
}

#[derive(Debug)]
struct CloseTap {
    header: Vec<u8>,
    state: State,
    close: CloseBody,
    /// Where compressed messages are noted, and by which they are hidden from the engine.
    notes: Option<Notes>,
}

#[derive(Debug)]
enum State {
    /// Within a frame's header.
    Header,
    /// So many bytes of payload are left.
    Skipping(u64),
    /// A close frame's body, as far as it came, and its length.
    Collecting(Vec<u8>, usize),
    /// After a close frame, or one that the engine will refuse anyway.
    Done,
}

impl CloseTap {
    fn follow(&mut self, bytes: &mut [u8]) {
        let mut at = 0;
        while at < bytes.len() {
            at += self.step(&mut bytes[at..]);
        }
    }

    /// How many bytes it took, of some.
    fn step(&mut self, bytes: &mut [u8]) -> usize {
        match &mut self.state {
            State::Done => bytes.len(),
            State::Skipping(left) => {
                let skipped = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= skipped as u64;
                if *left == 0 {
                    self.state = State::Header;
                }
                skipped
            }
            State::Collecting(body, length) => {
                let taken = (*length - body.len()).min(bytes.len());
                body.extend_from_slice(&bytes[..taken]);
                if body.len() == *length {
                    self.finish();
                }
                taken
            }
            State::Header => {
                if let Some(notes) = self.notes.as_ref().filter(|_| self.header.is_empty()) {
                    bytes[0] = notes.take_down(bytes[0]);
                }
                match short(bytes, self.header.is_empty()) {
                    Some(length) => length,
                    None => self.follow_header(bytes),
                }
            }
        }
    }

    /// Takes what the header needs, and says how much that was.
    fn follow_header(&mut self, bytes: &[u8]) -> usize {
        let needed = match self.header.get(1).map(|second| second & 0x7f) {
            None => 2,
            Some(126) => 4,
            Some(127) => LONGEST_HEADER,
            Some(_) => 2,
        };
        let taken = (needed - self.header.len()).min(bytes.len());
        self.header.extend_from_slice(&bytes[..taken]);
        if let Some(length) = self.payload_length() {
            self.state = match self.header[0] & 0x0f {
                CLOSE => State::Collecting(Vec::new(), usize::try_from(length).unwrap_or(usize::MAX)),
                _ => State::Skipping(length),
            };
            self.header.clear();
            match &self.state {
                State::Collecting(_, 0) => self.finish(),
                // nothing of it can be a close the engine accepts
                State::Collecting(_, 126..) => self.state = State::Done,
                State::Skipping(0) => self.state = State::Header,
                _ => {}
            }
        }
        taken
    }

    /// `None` until the header is whole.
    fn payload_length(&self) -> Option<u64> {
        match (self.header.get(1)? & 0x7f, self.header.get(2..)?) {
            (126, [high, low]) => Some(u64::from(u16::from_be_bytes([*high, *low]))),
            (127, length) => length.try_into().ok().map(u64::from_be_bytes),
            (126, _) => None,
            (short, _) => Some(u64::from(short)),
        }
    }

    fn finish(&mut self) {
        if let State::Collecting(body, _) = std::mem::replace(&mut self.state, State::Done) {
            // the first close frame is the only one
            let _only_one = self.close.set(body);
        }
    }
}

/// The length of a frame that is there as a whole, is below 64 KiB and no close: nearly all are.
fn short(bytes: &[u8], begins: bool) -> Option<usize> {
    let (first, length) = match bytes {
        [first, length @ ..126, ..] => (first, 2 + usize::from(*length)),
        [first, 126, high, low, ..] => (first, 4 + usize::from(u16::from_be_bytes([*high, *low]))),
        _ => return None,
    };
    (begins && first & 0x0f != CLOSE && length <= bytes.len()).then_some(length)
}

impl AsyncRead for Tapped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.tap.follow(&mut buffer.filled_mut()[before..]);
        poll
    }
}

impl AsyncWrite for Tapped {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tap() -> CloseTap {
        CloseTap { header: Vec::new(), state: State::Header, close: CloseBody::default(), notes: None }
    }

    /// Frames of each length form, then a close.
    fn stream() -> Vec<u8> {
        let long = [&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0][..], &[8; 65_536]].concat();
        let middle = [&[0x82, 126, 1, 0][..], &[8; 256]].concat();
        [&[0x81, 0][..], &[0x81, 2, 0x88, 0x88], &middle, &long, &[0x88, 5, 0x03, 0xf6, b'b', b'y', b'e']].concat()
    }

    #[test]
    fn the_close_is_found_however_the_bytes_are_cut() {
        for size in [1, 2, 3, 7, 255, 4096, usize::MAX] {
            let mut tap = tap();
            let mut bytes = stream();
            let size = size.min(bytes.len());
            bytes.chunks_mut(size).for_each(|chunk| tap.follow(chunk));
            assert_eq!(bytes, stream(), "nothing is changed where nothing is watched");
            assert_eq!(tap.close.get().map(Vec::as_slice), Some(&b"\x03\xf6bye"[..]), "cut by {size}");
        }
    }

    #[test]
    fn an_empty_close_is_found() {
        let mut tap = tap();
        tap.follow(&mut [0x88, 0]);
        assert_eq!(tap.close.get(), Some(&Vec::new()));
    }
}
