//! A TCP stream that is frozen, thawed and reset from outside.

use crate::transport::{Ending, Transport};
use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

#[derive(Debug)]
pub(super) struct Valve(Mutex<State>);

#[derive(Debug)]
struct State {
    /// `None` once it is closed.
    stream: Option<TcpStream>,
    frozen: bool,
    /// Its user has let go of it while it was frozen, of which the client may not learn.
    abandoned: bool,
    /// Who waits, since a stream that is taken away wakes nobody.
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Valve {
    pub(super) fn new(stream: TcpStream) -> Arc<Self> {
        let state = State { stream: Some(stream), frozen: false, abandoned: false, reader: None, writer: None };
        Arc::new(Self(Mutex::new(state)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When this returns, nothing more is read or written.
    pub(super) fn freeze(&self) {
        self.lock().frozen = true;
    }

    pub(super) fn thaw(&self) {
        self.change(|state| {
            state.frozen = false;
            if state.abandoned {
                state.stream = None;
            }
        });
    }

    /// Closes it as if the process had been killed.
    pub(super) fn reset(&self) {
        self.change(|state| {
            if let Some(stream) = state.stream.take() {
                stream.reset_at_end();
            }
        });
    }

    /// Whether something has come since it was frozen that nobody reads.
    pub(super) fn holds_back(&self) -> bool {
        let state = self.lock();
        let (mut context, mut byte) = (Context::from_waker(Waker::noop()), [0]);
        // only then nobody else is to be woken when something comes
        let stream = state.stream.as_ref().filter(|_| state.frozen);
        stream.is_some_and(|stream| {
            matches!(stream.poll_peek(&mut context, &mut ReadBuf::new(&mut byte)), Poll::Ready(Ok(1)))
        })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().stream.is_none()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let waiting = [state.reader.take(), state.writer.take()];
        drop(state);
        waiting.into_iter().flatten().for_each(Waker::wake);
    }
}

/// The stream behind a valve, for its one user.
#[derive(Debug)]
pub(super) struct ValvedStream(pub(super) Arc<Valve>);

impl ValvedStream {
    /// Does something with the stream unless it is frozen, or else is woken by `change`.
    fn poll<T>(
        &self,
        context: &mut Context<'_>,
        waiting: fn(&mut State) -> &mut Option<Waker>,
        act: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let mut state = self.0.lock();
        let frozen = state.frozen;
        let polled = match &mut state.stream {
            None => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            Some(_) if frozen => Poll::Pending,
            Some(stream) => act(Pin::new(stream), context),
        };
        if polled.is_pending() {
            *waiting(&mut state) = Some(context.waker().clone());
        }
        polled
    }
}

impl AsyncRead for ValvedStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll(context, |state| &mut state.reader, |stream, context| stream.poll_read(context, buffer))
    }
}

impl AsyncWrite for ValvedStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(context, |state| &mut state.writer, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TCP has nothing to flush
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(context, |state| &mut state.writer, |stream, context| stream.poll_shutdown(context))
    }
}

impl Transport for ValvedStream {
    fn reset_at_end(&self) {
        if let Some(stream) = &self.0.lock().stream {
            stream.reset_at_end();
        }
    }

    fn ending(&self) -> Option<Ending> {
        let state = self.0.lock();
        match &state.stream {
            None => Some(Ending::Reset),
            Some(_) if state.frozen => None,
            Some(stream) => stream.ending(),
        }
    }
}

impl Drop for ValvedStream {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if state.frozen {
            state.abandoned = true;
        } else {
            state.stream = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    async fn pair() -> (TcpStream, Arc<Valve>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (client, Valve::new(listener.accept().await.unwrap().0))
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_a_thaw() {
        let (mut client, valve) = pair().await;
        let mut stream = ValvedStream(valve.clone());
        client.write_all(b"x").await.unwrap();
        valve.freeze();
        let reading = tokio::spawn(async move { stream.read_u8().await.map_err(|error| error.kind()) });
        tokio::task::yield_now().await;
        assert!(!reading.is_finished());
        valve.thaw();
        assert_eq!(reading.await.unwrap(), Ok(b'x'));
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_a_reset_frozen_or_not() {
        for frozen in [false, true] {
            let (mut client, valve) = pair().await;
            let mut stream = ValvedStream(valve.clone());
            if frozen {
                valve.freeze();
            }
            let reading = tokio::spawn(async move { stream.read_u8().await.map_err(|error| error.kind()) });
            tokio::task::yield_now().await;
            valve.reset();
            assert!(valve.is_closed());
            assert_eq!(reading.await.unwrap(), Err(io::ErrorKind::ConnectionReset));
            assert_eq!(client.read_u8().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        }
    }

    #[tokio::test]
    async fn what_comes_while_it_is_frozen_is_seen_and_still_read_after() {
        let (mut client, valve) = pair().await;
        let mut stream = ValvedStream(valve.clone());
        valve.freeze();
        let reading = tokio::spawn(async move { stream.read_u8().await.map_err(|error| error.kind()) });
        tokio::task::yield_now().await;
        assert!(!valve.holds_back());
        client.write_all(b"x").await.unwrap();
        while !valve.holds_back() {
            tokio::task::yield_now().await;
        }
        assert!(!reading.is_finished());
        valve.thaw();
        assert_eq!(reading.await.unwrap(), Ok(b'x'));
        assert!(!valve.holds_back());
    }

    #[tokio::test]
    async fn a_frozen_stream_outlives_its_user() {
        let (mut client, valve) = pair().await;
        valve.freeze();
        drop(ValvedStream(valve.clone()));
        tokio::task::yield_now().await;
        assert_eq!(client.try_read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        valve.thaw();
        assert!(valve.is_closed());
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    }
}
