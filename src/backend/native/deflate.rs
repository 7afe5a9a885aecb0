//! permessage-deflate (RFC 7692) around an engine that knows nothing of it.
//!
//! The engine refuses frames with reserved bits. So the tap beneath it clears the bit of a compressed
//! message, makes a text a binary message, since what is compressed is no UTF-8, and notes what the
//! message was; above the engine it is inflated by that note. Outwards the engine takes a frame as it
//! is told, its bit included. The other road, a stream that translates both ways beneath it, would
//! have framed and masked everything twice.

mod agreement;
mod notes;
mod scratch;

pub(super) use agreement::Agreement;
pub(super) use notes::Notes;

use crate::{
    Cause, Deflate, HandshakeFault,
    backend::{Request, native::failure::Failure},
};
use agreement::{agree, offer};
use bytes::Bytes;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use notes::Note;
use scratch::Scratch;
use tokio_tungstenite::tungstenite::{
    Message, Utf8Bytes,
    protocol::frame::{
        Frame, FrameHeader,
        coding::{Data, OpCode},
    },
};

/// What ends a flushed piece, and is not sent (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// The header that offers what was asked for.
pub(super) fn offered(request: &Request) -> Option<String> {
    request.deflate.as_ref().map(offer)
}

/// What the server's header agrees to, if it has one.
pub(super) fn agreed(extensions: Option<&str>, request: &Request) -> Result<Option<Agreement>, HandshakeFault> {
    match (extensions, &request.deflate) {
        (None, _) => Ok(None),
        (Some(extensions), Some(options)) => agree(extensions, options).map(Some),
        (Some(extensions), None) => Err(HandshakeFault::UnofferedExtension { extension: extensions.to_owned() }),
    }
}

/// Compresses what goes out and inflates what comes in.
#[derive(Debug)]
pub(super) struct Codec {
    compress: Compress,
    decompress: Decompress,
    agreement: Agreement,
    notes: Notes,
    scratch: Scratch,
    /// From which size on messages are compressed, if any are.
    threshold: Option<usize>,
    limit: usize,
}

/// The smallest window that zlib compresses by; told of a smaller one it uses this.
const SMALLEST_WINDOW: u8 = 9;

impl Codec {
    /// Inflated messages may have so many bytes.
    pub(super) fn new(agreement: Agreement, options: &Deflate, limit: usize) -> Self {
        let level = Compression::new(options.level.into());
        let window = agreement.client_window_bits.max(SMALLEST_WINDOW);
        Self {
            compress: Compress::new_with_window_bits(level, false, window),
            decompress: Decompress::new_with_window_bits(false, agreement.server_window_bits),
            agreement,
            notes: Notes::default(),
            scratch: Scratch::default(),
            // a peer with a smaller window could not inflate it; to send it as it is is always allowed
            threshold: (agreement.client_window_bits >= SMALLEST_WINDOW).then_some(options.threshold),
            limit,
        }
    }

    /// As was agreed, if it was.
    pub(super) fn of(agreement: Option<Agreement>, request: &Request) -> Option<Self> {
        let (agreement, options) = agreement.zip(request.deflate)?;
        Some(Self::new(agreement, &options, request.max_message_size))
    }

    /// What the tap beneath the engine is to write into.
    pub(super) fn notes(&self) -> Notes {
        self.notes.clone()
    }

    /// The frame of a message that is compressed, unless it is too short to be.
    pub(super) fn compress(&mut self, message: Message) -> Message {
        let (kind, compressed) = match &message {
            Message::Text(text) => (Data::Text, self.deflate(text.as_bytes())),
            Message::Binary(bytes) => (Data::Binary, self.deflate(bytes)),
            _ => return message,
        };
        let Some(payload) = compressed else { return message };
        let header = FrameHeader { rsv1: true, opcode: OpCode::Data(kind), ..FrameHeader::default() };
        Message::Frame(Frame::from_payload(header, payload))
    }

    /// The message that the peer compressed, if it did.
    pub(super) fn inflate(&mut self, message: Message) -> Result<Message, Failure> {
        let note = match &message {
            Message::Text(_) | Message::Binary(_) => self.notes.next(),
            _ => return Ok(message),
        };
        match (note, message) {
            (Note::CompressedText, Message::Binary(bytes)) => {
                let text = self.inflated(&bytes)?;
                let text =
                    Utf8Bytes::try_from(text).map_err(|_| Failure { cause: Cause::InvalidUtf8, code: Some(1007) })?;
                Ok(Message::Text(text))
            }
            (Note::CompressedBinary, Message::Binary(bytes)) => Ok(Message::Binary(self.inflated(&bytes)?)),
            (_, message) => Ok(message),
        }
    }

    fn deflate(&mut self, message: &[u8]) -> Option<Bytes> {
        if self.threshold.is_none_or(|threshold| message.len() < threshold) {
            return None;
        }
        self.scratch.clear();
        let mut rest = message;
        loop {
            let (before_in, before_out) = (self.compress.total_in(), self.compress.total_out());
            // what a compressor of memory says no to is sent as it is
            self.compress.compress(rest, self.scratch.room(), FlushCompress::Sync).ok()?;
            self.scratch.advance((self.compress.total_out() - before_out) as usize);
            rest = rest.get((self.compress.total_in() - before_in) as usize..).unwrap_or_default();
            if rest.is_empty() && !self.scratch.is_full() {
                break;
            }
        }
        if self.agreement.client_no_context_takeover {
            self.compress.reset();
        }
        let tail = if self.scratch.written().ends_with(&TAIL) { TAIL.len() } else { 0 };
        let compressed = self.scratch.take(tail);
        // nothing is sent as an empty block
        Some(if compressed.is_empty() { Bytes::from_static(&[0]) } else { compressed })
    }

    /// Inflated, if it can be, and is not too large.
    fn inflated(&mut self, message: &[u8]) -> Result<Bytes, Failure> {
        self.scratch.clear();
        for piece in [message, &TAIL] {
            self.inflate_piece(piece)?;
        }
        if self.agreement.server_no_context_takeover {
            self.decompress.reset(false);
        }
        Ok(self.scratch.take(0))
    }

    fn inflate_piece(&mut self, mut input: &[u8]) -> Result<(), Failure> {
        loop {
            let (before_in, before_out) = (self.decompress.total_in(), self.decompress.total_out());
            let status = self.decompress.decompress(input, self.scratch.room(), FlushDecompress::Sync);
            let status =
                status.map_err(|error| Failure::protocol(format!("compressed data cannot be inflated: {error}")))?;
            let taken = (self.decompress.total_in() - before_in) as usize;
            let made = (self.decompress.total_out() - before_out) as usize;
            input = input.get(taken..).unwrap_or_default();
            self.scratch.advance(made);
            if self.scratch.len() > self.limit {
                return Err(Failure::too_big(self.limit));
            }
            if status == Status::StreamEnd {
                // a final block, which a message may have (RFC 7692 section 7.2.3.4)
                self.decompress.reset(false);
            }
            if input.is_empty() && !self.scratch.is_full() {
                return Ok(());
            }
            if taken == 0 && made == 0 {
                return Err(Failure::protocol("compressed data that makes no sense"));
            }
        }
    }
}

impl Failure {
    fn too_big(limit: usize) -> Self {
        Self { cause: Cause::MessageTooBig { limit }, code: Some(1009) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastrand::Rng;

    const LIMIT: usize = 256 << 10;

    /// What one side compresses the other inflates: the parameters seen from the other side.
    fn mirrored(agreement: Agreement) -> Agreement {
        Agreement {
            server_no_context_takeover: agreement.client_no_context_takeover,
            client_no_context_takeover: agreement.server_no_context_takeover,
            server_window_bits: agreement.client_window_bits,
            client_window_bits: agreement.server_window_bits,
        }
    }

    fn agreements() -> impl Iterator<Item = Agreement> {
        let flags = [false, true];
        let bits = [9, 12, 15];
        flags.into_iter().flat_map(move |client| {
            bits.into_iter().map(move |bits| Agreement {
                server_no_context_takeover: false,
                client_no_context_takeover: client,
                server_window_bits: 15,
                client_window_bits: bits,
            })
        })
    }

    fn message(random: &mut Rng) -> Vec<u8> {
        let longest = [4, 200, 5_000, 100_000][random.usize(0..4)];
        let length = random.usize(0..longest);
        let letters = random.u8(1..=255);
        (0..length).map(|_| random.u8(0..letters)).collect()
    }

    #[test]
    fn messages_survive_by_each_parameter() {
        let options = Deflate::default().threshold(0);
        for agreement in agreements() {
            let (mut here, mut there) =
                (Codec::new(agreement, &options, LIMIT), Codec::new(mirrored(agreement), &options, LIMIT));
            let mut random = Rng::with_seed(7);
            for _ in 0..40 {
                let message = message(&mut random);
                let compressed = here.deflate(&message).expect("nothing is too short");
                let inflated = there.inflated(&compressed).map_err(|failure| failure.cause).expect("it can be");
                assert!(inflated == message, "{agreement:?}: {} bytes", message.len());
            }
        }
    }

    #[test]
    fn what_came_before_helps_unless_it_is_not_taken_over() {
        let options = Deflate::default();
        let text = "the quick brown fox jumps over the lazy dog, and over this and that too".as_bytes();
        for (agreement, is_smaller) in agreements().filter(|it| it.client_window_bits == 15).zip([true, false]) {
            let mut codec = Codec::new(agreement, &options, LIMIT);
            let [first, second] = [(); 2].map(|()| codec.deflate(text).expect("long enough").len());
            assert_eq!(second < first / 2, is_smaller, "{first} and {second}");
        }
        assert_eq!(Codec::new(Agreement::default(), &options, LIMIT).deflate(b"short"), None);
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_whole() {
        let options = Deflate::default();
        let bomb = Codec::new(Agreement::default(), &options, LIMIT).deflate(&vec![0; 8 << 20]).expect("long enough");
        assert!(bomb.len() < 20_000);
        let mut codec = Codec::new(Agreement::default(), &options, LIMIT);
        let failure = codec.inflated(&bomb).expect_err("too large");
        assert_eq!((failure.cause, failure.code), (Cause::MessageTooBig { limit: LIMIT }, Some(1009)));
    }

    #[test]
    fn what_is_not_compressed_is_refused() {
        for bytes in [&b"\xff\xff\xff"[..], b"\x07"] {
            let mut codec = Codec::new(Agreement::default(), &Deflate::default(), LIMIT);
            let failure = codec.inflated(bytes).expect_err("no sense");
            assert!(matches!(failure.cause, Cause::Protocol { .. }), "{bytes:?}: {:?}", failure.cause);
        }
    }

    /// RFC 7692 section 7.2.3.
    #[test]
    fn the_examples_of_the_rfc_are_understood() {
        let mut codec = Codec::new(Agreement::default(), &Deflate::default(), LIMIT);
        let mut inflate = |bytes: &[u8]| codec.inflated(bytes).map(Vec::from).map_err(|failure| failure.cause);
        assert_eq!(inflate(&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]), Ok(b"Hello".to_vec()));
        assert_eq!(inflate(&[0xf2, 0x00, 0x11, 0x00, 0x00]), Ok(b"Hello".to_vec()), "by the window of the first");
        assert_eq!(inflate(&[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00]), Ok(b"Hello".to_vec()));
        assert_eq!(inflate(&[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]), Ok(b"Hello".to_vec()), "a final block");
        assert_eq!(
            inflate(&[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00]),
            Ok(b"Hello".to_vec())
        );
        assert_eq!(inflate(&[0x00]), Ok(Vec::new()), "nothing");
    }
}
