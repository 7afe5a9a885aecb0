//! A socket as a stream of bytes, for protocols that want one.

use super::{WebSocket, gate::Gate};
use crate::{
    BinaryType, BlobError, CloseCode, CloseError, CloseEvent, ConnectionError, Event, Message, SendError,
    close::CloseFrame,
};
use bytes::{Buf, Bytes};
use futures::{AsyncBufRead, AsyncRead, AsyncWrite};
use std::{
    fmt,
    future::Future,
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll, ready},
};

/// The most that one message takes of what is written. Many servers refuse larger ones than 64 KiB or
/// 1 MiB, and longer ones are no faster.
const LONGEST: usize = 64 * 1024;

/// A socket as a stream of bytes, from [`WebSocket::into_byte_stream`].
///
/// What is read is the payload of binary messages, one after the other, whose bounds mean nothing here;
/// what is written leaves as binary messages of at most 64 KiB. So any protocol made for TCP runs over a
/// WebSocket, on both targets: multiplexers, SSH, MQTT. It implements the traits of `futures`, and with the
/// feature `tokio-io` those of tokio.
///
/// # Reading
///
/// The stream ends where the peer closes with [1000](CloseCode::NORMAL), [1001](CloseCode::GOING_AWAY)
/// or no code. Everything else is an error, again each time: a connection that broke
/// ([`ErrorKind::ConnectionAborted`], with the [`ConnectionError`] within), a close with another code
/// ([`ErrorKind::ConnectionAborted`]), and a text message ([`ErrorKind::InvalidData`]), which has no place
/// in a stream of bytes.
///
/// # Writing
///
/// Writing waits as [`WebSocket::ready`] does. What was written leaves by itself, and flushing does
/// nothing, as with TCP. Closing says 1000, after all that was written, and waits for the end of the
/// connection; unlike TCP, a WebSocket has no half that stays open: what arrives after is lost, and what
/// came before can still be read.
///
/// # Dropping
///
/// As [`WebSocket`].
pub struct ByteStream {
    socket: WebSocket,
    gate: Gate,
    /// Of the message that is being read.
    rest: Bytes,
    /// A blob on its way to be that.
    blob: Option<Reading>,
    failure: Option<ConnectionError>,
    end: Option<End>,
}

type Reading = Pin<Box<dyn Future<Output = Result<Bytes, BlobError>> + Send>>;

/// What reading comes to.
enum End {
    Clean,
    Failed(ConnectionError),
    Closed(CloseEvent),
    Text,
    Blob(BlobError),
}

impl WebSocket {
    /// The socket as a stream of bytes, for protocols that want one.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::WebSocket;
    /// use futures::{AsyncReadExt, AsyncWriteExt};
    ///
    /// let mut stream = WebSocket::connect(&url).await?.into_byte_stream();
    /// stream.write_all(b"any protocol").await?;
    /// let mut echoed = [0; 12];
    /// stream.read_exact(&mut echoed).await?;
    /// assert_eq!(&echoed, b"any protocol");
    /// stream.close().await?;
    /// # Ok(()) });
    /// ```
    pub fn into_byte_stream(self) -> ByteStream {
        self.set_binary_type(BinaryType::ArrayBuffer);
        ByteStream { socket: self, gate: Gate::default(), rest: Bytes::new(), blob: None, failure: None, end: None }
    }
}

impl ByteStream {
    /// The socket, as far as it can be looked at meanwhile.
    pub fn socket(&self) -> &WebSocket {
        &self.socket
    }

    /// The bytes at hand; empty ones at the end.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<io::Result<&mut Bytes>> {
        while self.rest.is_empty() && self.end.is_none() {
            if let Some(blob) = &mut self.blob {
                match ready!(blob.as_mut().poll(context)) {
                    Ok(bytes) => self.rest = bytes,
                    Err(error) => self.end = Some(End::Blob(error)),
                }
                self.blob = None;
                continue;
            }
            match ready!(self.socket.poll_event(context)) {
                Some(Event::Message(Message::Binary(bytes))) => self.rest = bytes,
                Some(Event::Message(Message::Blob(blob))) => {
                    self.blob = Some(Box::pin(async move { blob.bytes().await }))
                }
                Some(Event::Message(Message::Text(_))) => self.end = Some(End::Text),
                Some(Event::Error(error)) => self.failure = Some(error),
                Some(Event::Close(close)) => self.end = Some(End::of(self.failure.take(), close)),
                Some(Event::Open(_) | Event::Ping(_) | Event::Pong(_)) => {}
                None => self.end = Some(End::Clean),
            }
        }
        Poll::Ready(match self.end.as_ref().filter(|_| self.rest.is_empty()).map(End::error) {
            Some(Some(error)) => Err(error),
            _ => Ok(&mut self.rest),
        })
    }

    fn poll_write_some(&mut self, bytes: &[u8], context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let handle = self.socket.as_handle();
        ready!(self.gate.poll(handle, context)).map_err(not_written)?;
        let length = bytes.len().min(LONGEST);
        handle.link().send(&mut Bytes::copy_from_slice(&bytes[..length]).into()).map_err(not_written)?;
        Poll::Ready(Ok(length))
    }

    fn poll_shut_down(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let handle = self.socket.as_handle();
        let refused = |error: CloseError| io::Error::new(ErrorKind::Unsupported, error);
        handle.begin_close(Some(CloseFrame::normal())).map_err(refused)?;
        ready!(self.gate.poll_ended(handle, context));
        Poll::Ready(match handle.buffered_amount() {
            0 => Ok(()),
            left => Err(io::Error::new(ErrorKind::BrokenPipe, format!("closed with {left} bytes unsent"))),
        })
    }
}

fn not_written(error: SendError) -> io::Error {
    let kind = match error {
        SendError::NotOpen { .. } => ErrorKind::BrokenPipe,
        _ => ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

impl End {
    fn of(failure: Option<ConnectionError>, close: CloseEvent) -> Self {
        match (failure, close.code) {
            (Some(failure), _) => Self::Failed(failure),
            (None, CloseCode::NORMAL | CloseCode::GOING_AWAY | CloseCode::NO_STATUS) => Self::Clean,
            (None, _) => Self::Closed(close),
        }
    }

    fn error(&self) -> Option<io::Error> {
        let aborted = ErrorKind::ConnectionAborted;
        Some(match self {
            Self::Clean => return None,
            Self::Failed(failure) => io::Error::new(aborted, failure.clone()),
            Self::Closed(close) => {
                io::Error::new(aborted, format!("the peer closed with code {} {}", close.code, close.reason))
            }
            Self::Text => io::Error::new(ErrorKind::InvalidData, "a text message came in a stream of bytes"),
            Self::Blob(error) => io::Error::other(error.clone()),
        })
    }
}

impl AsyncRead for ByteStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let rest = ready!(self.poll_rest(context))?;
        let length = rest.len().min(buffer.len());
        rest.copy_to_slice(&mut buffer[..length]);
        Poll::Ready(Ok(length))
    }
}

impl AsyncBufRead for ByteStream {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.get_mut().poll_rest(context).map_ok(|rest| &rest[..])
    }

    fn consume(mut self: Pin<&mut Self>, length: usize) {
        self.rest.advance(length);
    }
}

/// Flushing does nothing: what was written leaves by itself.
impl AsyncWrite for ByteStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_some(bytes, context)
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_shut_down(context)
    }
}

#[cfg(feature = "tokio-io")]
impl tokio::io::AsyncRead for ByteStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = ready!(self.poll_rest(context))?;
        let length = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest.split_to(length));
        Poll::Ready(Ok(()))
    }
}

#[cfg(feature = "tokio-io")]
impl tokio::io::AsyncBufRead for ByteStream {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.get_mut().poll_rest(context).map_ok(|rest| &rest[..])
    }

    fn consume(mut self: Pin<&mut Self>, length: usize) {
        self.rest.advance(length);
    }
}

/// Flushing does nothing: what was written leaves by itself.
#[cfg(feature = "tokio-io")]
impl tokio::io::AsyncWrite for ByteStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_some(bytes, context)
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_shut_down(context)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket.as_handle().describe("ByteStream", formatter)
    }
}
