//! The engine, polled: tungstenite as tokio-tungstenite brings it reads and writes as if it could
//! block, and here that becomes a poll.
//!
//! tokio-tungstenite's own stream does the same for two tasks, one that reads and one that
//! writes, and sets an atomic waker for every message, which took a third of the time of receiving
//! a small one. A connection here belongs to one task, whose waker is looked at and not set.

use std::{
    io::{self, Read, Write},
    pin::Pin,
    task::{Context, Poll, Waker},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::{
    Error, Message, WebSocket,
    protocol::{Role, WebSocketConfig},
};

/// A client's end of a connection whose handshake is done.
#[derive(Debug)]
pub(super) struct Engine<S> {
    socket: WebSocket<Blocking<S>>,
    /// The network does not take what was written before.
    clogged: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Engine<S> {
    pub(super) fn new(stream: S, config: WebSocketConfig) -> Self {
        let stream = Blocking { stream, waker: Waker::noop().clone() };
        Self { socket: WebSocket::from_raw_socket(stream, Role::Client, Some(config)), clogged: false }
    }

    pub(super) fn stream(&self) -> &S {
        &self.socket.get_ref().stream
    }

    /// The next message. After an error there is none.
    #[inline]
    pub(super) fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        self.serve(context);
        match self.socket.read() {
            Ok(message) => Poll::Ready(Ok(message)),
            Err(error) => or_pending(error).map(Err),
        }
    }

    /// Ready when a message may be written.
    #[inline]
    pub(super) fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.clogged { self.poll_flush(context) } else { Poll::Ready(Ok(())) }
    }

    /// Takes a message, and writes if much has been gathered.
    #[inline]
    pub(super) fn write(&mut self, message: Message, context: &mut Context<'_>) -> Result<(), Error> {
        self.serve(context);
        match self.socket.write(message) {
            Ok(()) => Ok(()),
            Err(error) => match or_pending(error) {
                Poll::Ready(error) => Err(error),
                Poll::Pending => {
                    // the message was taken all the same
                    self.clogged = true;
                    Ok(())
                }
            },
        }
    }

    /// Writes what has been gathered.
    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.serve(context);
        let flushed = match self.socket.flush() {
            // that the closing handshake is over is for the reader to tell
            Ok(()) | Err(Error::ConnectionClosed) => Poll::Ready(Ok(())),
            Err(error) => or_pending(error).map(Err),
        };
        self.clogged = flushed.is_pending();
        flushed
    }

    /// It is this task that is woken when the network is ready.
    fn serve(&mut self, context: &mut Context<'_>) {
        self.socket.get_mut().waker.clone_from(context.waker());
    }
}

/// Pending if the call would have blocked: then the task is woken when it would not.
#[cold]
fn or_pending(error: Error) -> Poll<Error> {
    match error {
        Error::Io(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        other => Poll::Ready(other),
    }
}

/// A stream whose calls say that they would block in place of being pending.
#[derive(Debug)]
struct Blocking<S> {
    stream: S,
    waker: Waker,
}

impl<S: Unpin> Blocking<S> {
    fn call<T>(&mut self, poll: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>) -> io::Result<T> {
        match poll(Pin::new(&mut self.stream), &mut Context::from_waker(&self.waker)) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

impl<S: AsyncRead + Unpin> Read for Blocking<S> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(bytes);
        self.call(|stream, context| stream.poll_read(context, &mut buffer))?;
        Ok(buffer.filled().len())
    }
}

impl<S: AsyncWrite + Unpin> Write for Blocking<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.call(|stream, context| stream.poll_write(context, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.call(|stream, context| stream.poll_flush(context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    fn engine(room: usize) -> (Engine<DuplexStream>, DuplexStream) {
        let (stream, peer) = duplex(room);
        (Engine::new(stream, WebSocketConfig::default().write_buffer_size(0)), peer)
    }

    #[tokio::test]
    async fn waits_for_a_message_and_is_woken_for_it() {
        let (mut engine, mut peer) = engine(64);
        let reading = tokio::spawn(async move { poll_fn(|context| engine.poll_message(context)).await });
        // it is pending by then
        tokio::task::yield_now().await;
        peer.write_all(b"\x81\x02hi").await.expect("room");
        assert_eq!(reading.await.expect("no panic").expect("a message"), Message::text("hi"));
    }

    #[tokio::test]
    async fn what_the_network_does_not_take_is_kept_and_written_later() {
        let (mut engine, mut peer) = engine(16);
        let writing = tokio::spawn(async move {
            poll_fn(|context| Poll::Ready(engine.write(Message::binary(vec![7; 100]), context))).await?;
            assert!(engine.clogged);
            poll_fn(|context| engine.poll_ready(context)).await?;
            assert!(!engine.clogged);
            Ok::<_, Error>(())
        });
        let mut frame = [0; 106];
        peer.read_exact(&mut frame).await.expect("all of it");
        writing.await.expect("no panic").expect("written");
        assert_eq!(frame[..2], [0x82, 0x80 | 100]);
    }

    #[tokio::test]
    async fn the_end_is_an_error_of_reading() {
        let (mut engine, peer) = engine(64);
        drop(peer);
        let read = poll_fn(|context| engine.poll_message(context)).await;
        assert!(read.is_err(), "{read:?}");
    }
}
