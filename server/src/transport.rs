//! The bytes beneath a connection.

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

/// A byte stream whose connection can be torn down without a goodbye.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {
    /// Makes the end of the connection a reset instead of an orderly one.
    fn reset_at_end(&self);
}

impl Transport for TcpStream {
    fn reset_at_end(&self) {
        // fails only on a connection that is gone already
        let _gone = self.set_zero_linger();
    }
}

impl Transport for TlsStream<TcpStream> {
    fn reset_at_end(&self) {
        self.get_ref().0.reset_at_end();
    }
}
