//! The way through a proxy: which one, and how it is asked.

mod environment;
mod http;
mod socks5;

use crate::{
    Cause, Proxy, ProxyFault,
    proxy::{Choice, Protocol, ProxyServer},
};
use std::sync::Arc;
use tokio::net::TcpStream;

/// Where a connection is to end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'url> {
    /// Without the brackets of an IPv6 address.
    pub(super) host: &'url str,
    pub(super) port: u16,
    pub(super) secure: bool,
}

/// The proxy to go through, if one is to be.
pub(super) fn chosen(proxy: &Proxy, target: Target<'_>) -> Result<Option<Arc<ProxyServer>>, Cause> {
    // what is no UTF-8 is read as far as it is, and is no URL then
    let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    match &proxy.0 {
        Choice::None => Ok(None),
        Choice::Server(server) => Ok(Some(server.clone())),
        Choice::Environment => match environment::proxy(target, |name| variable(name).filter(|it| !it.is_empty())) {
            Ok(server) => Ok(server.map(Arc::new)),
            Err((proxy, reason)) => Err(Cause::Proxy { proxy, fault: ProxyFault::Misnamed { reason } }),
        },
    }
}

/// Has a proxy connect a stream to the target.
pub(super) async fn connect(server: &ProxyServer, stream: &mut TcpStream, target: Target<'_>) -> Result<(), Cause> {
    let asked = match server.protocol {
        Protocol::Http => http::connect(stream, target, server.credentials.as_ref()).await,
        Protocol::Socks5 => socks5::connect(stream, target, server.credentials.as_ref()).await,
    };
    asked.map_err(|fault| failure(server, fault))
}

/// What is told of a proxy that does not help.
pub(super) fn failure(server: &ProxyServer, fault: ProxyFault) -> Cause {
    Cause::Proxy { proxy: server.to_string(), fault }
}

impl From<std::io::Error> for ProxyFault {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Invalid { reason: "it ended the connection".to_owned() },
            _ => Self::Unreachable { reason: error.to_string() },
        }
    }
}

/// A stream that a test's proxy answers on.
#[cfg(test)]
mod testing {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    /// What the client says in all to a proxy that says these things, each after so many bytes have
    /// come.
    pub(super) async fn converse<T>(
        script: &[(usize, &[u8])],
        client: impl AsyncFnOnce(&mut DuplexStream) -> T,
    ) -> (T, Vec<u8>) {
        let (mut here, mut there) = duplex(4096);
        let proxy = async {
            let mut heard = Vec::new();
            for (count, answer) in script {
                let mut bytes = vec![0; *count];
                there.read_exact(&mut bytes).await.expect("as much is said");
                heard.extend(bytes);
                there.write_all(answer).await.expect("it is heard");
            }
            drop(there);
            heard
        };
        futures::join!(client(&mut here), proxy)
    }
}
