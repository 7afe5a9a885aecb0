//! From a URL to a byte stream: name resolution, TCP, a proxy, TLS.

use super::{
    failure::network,
    proxy::{self, Target},
    race::race,
    tcp::{Taken, Tcp},
    tls::Connector,
};
use crate::{
    Cause, ProxyFault,
    address::Address,
    backend::Request,
    proxy::{ProxyServer, bare},
};
use socket2::{SockRef, TcpKeepalive};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
};

/// A connected byte stream, plain or encrypted. One virtual call for each system call is
/// nothing beside the call itself.
pub(super) type ByteStream = Box<dyn Transport>;

pub(super) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {
    /// What carries it, unless a test does.
    fn tcp(&self) -> Option<&Tcp>;
}

impl Transport for Tcp {
    fn tcp(&self) -> Option<&Tcp> {
        Some(self)
    }
}

impl std::fmt::Debug for dyn Transport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Transport")
    }
}

pub(super) async fn dial(
    address: &Address,
    request: &Request,
    connector: Option<Connector>,
    taken: Taken,
) -> Result<ByteStream, Cause> {
    let url = address.parts();
    let secure = address.is_secure();
    let port = url.port.unwrap_or(if secure { 443 } else { 80 });
    let target = Target { host: bare(url.host), port, secure };
    let proxy = request.proxy.clone().unwrap_or_default();
    let stream = match proxy::chosen(&proxy, target)? {
        None => connect(target.host, port, request.tcp_keep_alive).await?,
        Some(server) => through(&server, target, request.tcp_keep_alive).await?,
    };
    let stream = Tcp::new(stream, taken);
    match connector {
        Some(connector) => {
            connector.connect(target.host, stream).await.map_err(|failure| Cause::Tls { reason: failure.0 })
        }
        None => Ok(Box::new(stream)),
    }
}

async fn through(server: &ProxyServer, target: Target<'_>, keep_alive: Option<Duration>) -> Result<TcpStream, Cause> {
    let unreachable = |cause: Cause| proxy::failure(server, ProxyFault::Unreachable { reason: cause.to_string() });
    let mut stream = connect(&server.host, server.port, keep_alive).await.map_err(unreachable)?;
    proxy::connect(server, &mut stream, target).await?;
    Ok(stream)
}

/// Whether a name is `localhost` or below it, with a dot at its end or without.
pub(super) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

/// To whichever address of the name answers first.
async fn connect(host: &str, port: u16, keep_alive: Option<Duration>) -> Result<TcpStream, Cause> {
    let unresolved = |reason: String| Cause::Dns { host: host.to_owned(), reason };
    // below `localhost` nothing is asked of a name server (RFC 6761 section 6.3)
    let host = if is_localhost(host) { "localhost" } else { host };
    let addresses: Vec<SocketAddr> =
        lookup_host((host, port)).await.map_err(|error| unresolved(error.to_string()))?.collect();
    if addresses.is_empty() {
        return Err(unresolved("it has no address".to_owned()));
    }
    let stream = race(addresses, TcpStream::connect).await.map_err(|error| network(&error))?;
    // messages are gathered by us before they are written; waiting for more would only delay
    stream.set_nodelay(true).map_err(|error| network(&error))?;
    if let Some(period) = keep_alive {
        let keep_alive = TcpKeepalive::new().with_time(period).with_interval(period);
        // a system that cannot is none the worse
        let _unsupported = SockRef::from(&stream).set_tcp_keepalive(&keep_alive);
    }
    Ok(stream)
}
