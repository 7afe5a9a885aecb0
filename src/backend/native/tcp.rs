//! The TCP stream beneath a connection, and what can be learnt from it however it is wrapped.

use futures::FutureExt;
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};

/// How many bytes the system has taken of a connection.
pub(super) type Taken = Arc<AtomicU64>;

/// A TCP stream that counts what the system takes of it.
#[derive(Debug)]
pub(super) struct Tcp {
    stream: TcpStream,
    taken: Taken,
}

impl Tcp {
    pub(super) fn new(stream: TcpStream, taken: Taken) -> Self {
        Self { stream, taken }
    }

    /// Whether the peer has ended what it sends, or the connection is reset or given up. What it sent before may
    /// still be unread: nothing is read here.
    pub(super) fn is_read_closed(&self) -> bool {
        // asked once, and not waited for: with something unread it is always ready
        matches!(self.stream.ready(Interest::READABLE).now_or_never(), Some(Ok(ready)) if ready.is_read_closed())
    }

    fn count(&self, written: usize) -> usize {
        self.taken.fetch_add(written as u64, Ordering::Relaxed);
        written
    }
}

impl AsyncRead for Tcp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        Poll::Ready(Ok(self.count(written)))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, parts))?;
        Poll::Ready(Ok(self.count(written)))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
