//! Listening, and what all connections share.

use crate::{
    applications::Applications, endpoints, gates::Gates, interjections::Interjections, open_sockets::OpenSockets,
    pairs::Pairs, records::Records, rooms::Rooms, rpc::Executions, stream_records::StreamRecords, tls::Identity,
    tokens::Tokens, transport::Transport,
};
use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// Where the program listens unless told otherwise, and browsers' tests expect it.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:9310";
/// Where it listens for TLS: the next port.
pub const DEFAULT_TLS_ADDRESS: &str = "127.0.0.1:9311";

/// How long to wait after a connection could not be accepted.
pub(crate) const RESPITE: Duration = Duration::from_millis(10);

/// What a server serves, and where.
#[derive(Debug, Clone)]
pub struct Config {
    /// For plain connections. Port 0 lets the system choose.
    pub address: SocketAddr,
    /// For TLS connections, if any are wanted.
    pub tls_address: Option<SocketAddr>,
    /// A folder of files to serve.
    pub www: Option<PathBuf>,
}

impl Default for Config {
    /// Both kinds, on ports of the system's choice, and no files.
    fn default() -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { address: any, tls_address: Some(any), www: None }
    }
}

/// A running server. Dropping it ends its listeners and all its connections.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    tls_address: Option<SocketAddr>,
    shared: Arc<Shared>,
    _listeners: JoinSet<()>,
}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) www: Option<PathBuf>,
    pub(crate) records: Records,
    pub(crate) open_sockets: OpenSockets,
    /// Those at the echo endpoint alone.
    pub(crate) echo_sockets: OpenSockets,
    pub(crate) stream_records: StreamRecords,
    pub(crate) applications: Applications,
    pub(crate) executions: Executions,
    pub(crate) tokens: Tokens,
    pub(crate) pairs: Pairs,
    pub(crate) rooms: Rooms,
    pub(crate) gates: Gates,
    pub(crate) identity: Identity,
}

impl Server {
    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// When an address cannot be listened on, which the error then names, or the certificate
    /// cannot be made.
    pub async fn start(config: Config) -> io::Result<Self> {
        let identity = Identity::generate()?;
        let listener = bind(config.address).await?;
        let tls_listener = match config.tls_address {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let address = listener.local_addr()?;
        let tls_address = tls_listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let shared = Arc::new(Shared {
            www: config.www,
            records: Records::default(),
            open_sockets: OpenSockets::none(),
            echo_sockets: OpenSockets::none(),
            stream_records: StreamRecords::none(),
            applications: Applications::none(),
            executions: Executions::none(),
            tokens: Tokens::none(),
            pairs: Pairs::none(),
            rooms: Rooms::none(),
            gates: Gates::none(address.ip()),
            identity,
        });
        let mut listeners = JoinSet::new();
        listeners.spawn(listen(listener, None, shared.clone()));
        if let Some(listener) = tls_listener {
            listeners.spawn(listen(listener, Some(shared.identity.acceptor.clone()), shared.clone()));
        }
        Ok(Self { address, tls_address, shared, _listeners: listeners })
    }

    /// Where it listens for plain connections.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for TLS connections.
    pub fn tls_address(&self) -> Option<SocketAddr> {
        self.tls_address
    }

    /// The PEM of the private authority that signed its certificate for localhost, 127.0.0.1
    /// and ::1.
    pub fn certificate_authority(&self) -> &str {
        &self.shared.identity.authority
    }

    /// How many connections to the endpoints that README.md lists are open as WebSockets: from the answer to the upgrade to the end of the TCP connection.
    pub fn open_sockets(&self) -> usize {
        self.shared.open_sockets.number()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.gates.end();
    }
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let name = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
    TcpListener::bind(address).await.map_err(name)
}

async fn listen(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    // dropped with the listener's task, and all connections with it
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve(stream, acceptor.clone(), shared.clone()));
                    }
                    // a connection that is gone again, or no descriptor left: the next may do
                    Err(_) => tokio::time::sleep(RESPITE).await,
                }
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    // a client that is gone already is met by the first read
    let _gone = stream.set_nodelay(true);
    let transport: Box<dyn Transport> = match acceptor {
        None => Box::new(stream),
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => Box::new(stream),
            // the client's test sees why
            Err(_) => return,
        },
    };
    endpoints::serve(transport, &shared, None, Interjections::none()).await;
}
