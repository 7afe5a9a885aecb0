//! What a server sends, from bytes: an answer to the upgrade request, and frames. Whatever it is, a
//! connection ends, and says how.

use super::{
    answer::BODY_LIMIT,
    close_tap::Tapped,
    deflate::Codec,
    dial::{ByteStream, Transport},
    driver::{Flow, engine_over},
    handshake::{Answer, agree},
    outbox::Outbox,
    read_ahead::ReadAhead,
    tcp::Tcp,
};
use crate::{
    BinaryType, CloseCode, Event, OpenEvent,
    address::Address,
    backend::{Backpressure, Request},
    channel::Channel,
    close::CloseFrame,
    mailbox::{HoldsMailbox, Reader},
};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    runtime::{Builder, Runtime},
};

/// Of which the answer's proof, `s3pPLMBiTxaQ9kYGzzhZRbK+xOo=`, stands in RFC 6455 section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const MESSAGE_LIMIT: usize = 4096;
const INBOX: usize = 8192;
/// Bits of the first byte.
const CLOSES: u8 = 0x40;
#[cfg(feature = "deflate")]
const COMPRESSED: u8 = 0x80;

thread_local! {
    /// For the deadlines, of which none passes.
    static RUNTIME: Option<Runtime> = Builder::new_current_thread().enable_time().build().ok();
}

/// A server's bytes in pieces of a size, and then its end. It takes whatever it is sent.
#[derive(Debug)]
struct Pieces {
    left: Vec<u8>,
    from: usize,
    size: usize,
}

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let count = (self.left.len() - self.from).min(self.size).min(buffer.remaining());
        buffer.put_slice(&self.left[self.from..][..count]);
        self.from += count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Transport for Pieces {
    fn tcp(&self) -> Option<&Tcp> {
        None
    }
}

/// The first byte says how the rest is cut into pieces, whether the user closes, and whether
/// compression was agreed on.
fn pieces(input: &[u8]) -> Option<(u8, Pieces)> {
    let (settings, bytes) = input.split_first()?;
    let size = usize::from(settings & 0x3f) * 7 + 1;
    Some((*settings, Pieces { left: bytes.to_vec(), from: 0, size }))
}

fn request() -> Request {
    Request {
        protocols: vec!["chat".to_owned()],
        headers: Vec::new(),
        tls: None,
        proxy: Some(crate::Proxy::none()),
        tcp_keep_alive: None,
        connect_timeout: None,
        close_timeout: Duration::from_secs(3600),
        max_message_size: MESSAGE_LIMIT,
        backpressure: Backpressure::default(),
        control_frames: true,
        #[cfg(feature = "deflate")]
        deflate: None,
        #[cfg(feature = "test-kit")]
        network: None,
    }
}

/// An answer to the upgrade request.
pub(crate) fn handshake(input: &[u8]) {
    let Some((_, pieces)) = pieces(input) else { return };
    let Ok(address) = Address::parse("ws://example.com/chat") else { return };
    let mut stream: ByteStream = Box::new(pieces);
    let agreed = RUNTIME.with(|runtime| {
        let runtime = runtime.as_ref()?;
        Some(runtime.block_on(agree(&mut stream, &address, &request(), KEY)))
    });
    match agreed {
        Some(Ok(Answer::Agreed(agreed))) => {
            assert_eq!((&*agreed.opened.protocol, &*agreed.opened.extensions), ("chat", ""));
        }
        Some(Ok(Answer::Refused { head, rest })) => {
            let (body, _) = head.body(&rest);
            assert!(body.len() <= BODY_LIMIT && head.status != 101);
        }
        Some(Err(cause)) => {
            assert!(!cause.to_string().contains(char::is_control), "{cause:?} could end a line in a log");
        }
        None => {}
    }
}

/// Frames, after the handshake.
pub(crate) fn frames(input: &[u8]) {
    let Some((settings, pieces)) = pieces(input) else { return };
    RUNTIME.with(|runtime| {
        let Some(runtime) = runtime else { return };
        let _entered = runtime.enter();
        converse(settings, pieces, input.len());
    });
}

#[cfg(feature = "deflate")]
fn codec(settings: u8) -> Option<Codec> {
    let agreement = super::deflate::Agreement::default();
    (settings & COMPRESSED != 0).then(|| Codec::new(agreement, &crate::Deflate::default(), MESSAGE_LIMIT))
}

#[cfg(not(feature = "deflate"))]
fn codec(_settings: u8) -> Option<Codec> {
    None
}

fn converse(settings: u8, pieces: Pieces, length: usize) {
    let Ok(address) = Address::parse("ws://example.com/chat") else { return };
    let channel = Arc::new(Channel::new(address, BinaryType::ArrayBuffer, INBOX));
    let outbox = Arc::new(Outbox::default());
    let codec = codec(settings);
    let inflates = codec.is_some();
    let (stream, close_body) = Tapped::new(Box::new(pieces), &mut [], codec.as_ref().map(Codec::notes));
    let request = request();
    let engine = engine_over(ReadAhead::new(stream, Vec::new()), &request);
    assert!(channel.deliver_open(OpenEvent::default()));
    let mut flow = Flow::new(engine, close_body, codec, channel.clone(), outbox.clone(), &request);
    if settings & CLOSES != 0 {
        outbox.close(Some(CloseFrame::normal()));
    }
    let mut reader = Reader::default();
    let mut context = Context::from_waker(Waker::noop());
    let mut received = 0;
    // each round reads something, or hands something on
    for _ in 0..length + 16 {
        let ending = flow.poll(&mut context);
        while let Some(event) = reader.try_next(channel.mailbox()) {
            match event {
                Event::Message(message) => {
                    assert!(message.len() <= MESSAGE_LIMIT as u64);
                    received += message.len();
                }
                Event::Ping(payload) | Event::Pong(payload) => assert!(payload.len() <= 125),
                Event::Open(_) => {}
                Event::Error(_) | Event::Close(_) => unreachable!("the driver tells the end"),
            }
        }
        if let Poll::Ready(ending) = ending {
            assert!(inflates || received <= length as u64, "more than was sent");
            assert_eq!(ending.failure.is_none(), ending.close.was_clean, "{:?}", ending.close);
            assert!(ending.close.was_clean || ending.close.code == CloseCode::ABNORMAL);
            assert!(!ending.close.to_string().contains(char::is_control));
            return;
        }
    }
    unreachable!("the server has ended the connection, which must end");
}
