//! The bytes beneath a connection.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

/// How often a connection that is not read is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// How the client ended the connection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Ending {
    Orderly,
    Reset,
}

/// A byte stream on TCP, with access to what lies beneath.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Send + Sync + Unpin {
    /// Makes the end of the connection a reset instead of an orderly one.
    fn reset_at_end(&self);

    /// Whether the client has ended the connection, found out without reading.
    fn ending(&self) -> Option<Ending>;
}

/// Waits for the client's end without reading anything, of which no event tells.
pub(crate) async fn ended(transport: &(impl Transport + ?Sized)) -> Ending {
    loop {
        match transport.ending() {
            Some(ending) => return ending,
            None => tokio::time::sleep(GLANCE).await,
        }
    }
}

impl Transport for TcpStream {
    fn reset_at_end(&self) {
        // fails only on a connection that is gone already
        let _gone = self.set_zero_linger();
    }

    fn ending(&self) -> Option<Ending> {
        let mut context = Context::from_waker(Waker::noop());
        match pin!(self.ready(Interest::READABLE | Interest::ERROR)).poll(&mut context) {
            Poll::Ready(Ok(ready)) if ready.is_error() => Some(Ending::Reset),
            Poll::Ready(Ok(ready)) if ready.is_read_closed() => Some(Ending::Orderly),
            Poll::Ready(Ok(_)) | Poll::Pending => None,
            Poll::Ready(Err(_)) => Some(Ending::Reset),
        }
    }
}

impl<T: Transport> Transport for TlsStream<T> {
    fn reset_at_end(&self) {
        self.get_ref().0.reset_at_end();
    }

    fn ending(&self) -> Option<Ending> {
        self.get_ref().0.ending()
    }
}
