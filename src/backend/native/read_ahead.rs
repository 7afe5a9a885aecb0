//! Reads in big steps, and keeps no buffer while it is quiet.
//!
//! A system call costs as much as the framing of fifty small messages, so that one should bring
//! as much as there is. But the engine keeps its read buffer for as long as the connection lives,
//! and clears it before each read: a big one is paid for by every idle connection, and by every
//! small message. So the engine has a small one, and is filled from a big one that a thread lends
//! to whichever of its connections has something in it.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const SIZE: usize = 64 * 1024;

thread_local! {
    /// The one that nothing is in.
    static SPARE: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
}

/// A stream that is read ahead of what is asked for.
#[derive(Debug)]
pub(super) struct ReadAhead<S> {
    stream: S,
    ahead: Option<Ahead>,
}

/// What was read and not asked for yet.
#[derive(Debug)]
struct Ahead {
    bytes: Box<[u8]>,
    from: usize,
    to: usize,
}

impl<S> ReadAhead<S> {
    /// With what was read already.
    pub(super) fn new(stream: S, already_read: Vec<u8>) -> Self {
        let to = already_read.len();
        let ahead = (to > 0).then(|| Ahead { bytes: already_read.into_boxed_slice(), from: 0, to });
        Self { stream, ahead }
    }

    pub(super) fn stream(&self) -> &S {
        &self.stream
    }
}

impl Ahead {
    /// Moves as much as fits; whether that was all.
    fn fill(&mut self, buffer: &mut ReadBuf<'_>) -> bool {
        let count = buffer.remaining().min(self.to - self.from);
        buffer.put_slice(&self.bytes[self.from..][..count]);
        self.from += count;
        self.from == self.to
    }
}

/// A buffer to read into.
fn borrow() -> Box<[u8]> {
    let spare = SPARE.try_with(Cell::take).ok().flatten();
    spare.unwrap_or_else(|| vec![0; SIZE].into_boxed_slice())
}

/// Keeps a buffer for whoever needs one next.
fn give_back(bytes: Box<[u8]>) {
    if bytes.len() == SIZE {
        // a thread that ends needs none
        let _ending = SPARE.try_with(|spare| spare.set(Some(bytes)));
    }
}

impl<S: AsyncRead + Unpin> ReadAhead<S> {
    fn poll_ahead(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Ahead>> {
        let mut bytes = borrow();
        let mut target = ReadBuf::new(&mut bytes);
        let read = Pin::new(&mut self.stream).poll_read(context, &mut target);
        let to = target.filled().len();
        match read {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(Ahead { bytes, from: 0, to })),
            Poll::Ready(Err(error)) => {
                give_back(bytes);
                Poll::Ready(Err(error))
            }
            Poll::Pending => {
                give_back(bytes);
                Poll::Pending
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ReadAhead<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut ahead = match self.ahead.take() {
            Some(ahead) => ahead,
            None if buffer.remaining() >= SIZE => return Pin::new(&mut self.stream).poll_read(context, buffer),
            None => ready!(self.poll_ahead(context))?,
        };
        if ahead.fill(buffer) {
            give_back(ahead.bytes);
        } else {
            self.ahead = Some(ahead);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ReadAhead<S> {
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn bytes_come_in_order_however_they_are_asked_for() {
        let sent: Vec<u8> = (0..3 * SIZE).map(|index| (index % 251) as u8).collect();
        for step in [1_000, SIZE - 1, SIZE, 2 * SIZE] {
            let (stream, mut peer) = duplex(sent.len());
            peer.write_all(&sent).await.expect("room for all");
            drop(peer);
            let mut ahead = ReadAhead::new(stream, b"before".to_vec());
            let (mut received, mut buffer) = (Vec::new(), vec![0; step]);
            loop {
                let count = ahead.read(&mut buffer).await.expect("no error");
                if count == 0 {
                    break;
                }
                received.extend_from_slice(&buffer[..count]);
            }
            assert!(received == [b"before", &sent[..]].concat(), "asked for {step}");
            assert!(ahead.ahead.is_none(), "nothing is kept");
        }
    }

    #[tokio::test]
    async fn a_quiet_connection_keeps_no_buffer() {
        let (stream, mut peer) = duplex(16);
        let mut ahead = ReadAhead::new(stream, Vec::new());
        peer.write_all(b"ab").await.expect("room for both");
        assert_eq!(ahead.read_u8().await.expect("a byte"), b'a');
        assert!(ahead.ahead.is_some());
        assert_eq!(ahead.read_u8().await.expect("a byte"), b'b');
        assert!(ahead.ahead.is_none());
        let waits = tokio::time::timeout(std::time::Duration::ZERO, ahead.read_u8()).await;
        assert!(waits.is_err() && ahead.ahead.is_none());
    }
}
