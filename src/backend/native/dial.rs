//! From a URL to a byte stream: name resolution, TCP, TLS.

use super::{failure::network, tls::Connector};
use crate::{Cause, address::Address};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
};

/// A connected byte stream, plain or encrypted. One virtual call for each system call is
/// nothing beside the call itself.
pub(super) type ByteStream = Box<dyn Transport>;

pub(super) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

impl std::fmt::Debug for dyn Transport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Transport")
    }
}

pub(super) async fn dial(address: &Address, connector: Option<Connector>) -> Result<ByteStream, Cause> {
    let url = address.parts();
    let host = url.host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port.unwrap_or(if address.is_secure() { 443 } else { 80 });
    let stream = connect(host, port).await?;
    // messages are gathered by us before they are written; waiting for more would only delay
    stream.set_nodelay(true).map_err(|error| network(&error))?;
    match connector {
        Some(connector) => connector.connect(host, stream).await.map_err(|failure| Cause::Tls { reason: failure.0 }),
        None => Ok(Box::new(stream)),
    }
}

/// Tries each address of the name in turn; the last failure is reported.
async fn connect(host: &str, port: u16) -> Result<TcpStream, Cause> {
    let unresolved = |reason: String| Cause::Dns { host: host.to_owned(), reason };
    let addresses = lookup_host((host, port)).await.map_err(|error| unresolved(error.to_string()))?;
    let mut failure = unresolved("it has no address".to_owned());
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = network(&error),
        }
    }
    Err(failure)
}
