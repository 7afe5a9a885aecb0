//! Listening, and what all connections share.

use crate::{endpoints, records::Records, tls::Identity, transport::Transport};
use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// Where the program listens unless told otherwise, and browsers' tests expect it.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:9310";
/// Where it listens for TLS: the next port.
pub const DEFAULT_TLS_ADDRESS: &str = "127.0.0.1:9311";

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
    /// How many WebSocket connections are open.
    pub(crate) open_sockets: watch::Sender<usize>,
    certificate_authority: String,
}

impl Server {
    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// When an address is taken, or the certificate cannot be made.
    pub async fn start(config: Config) -> io::Result<Self> {
        let identity = Identity::generate()?;
        let listener = TcpListener::bind(config.address).await?;
        let tls_listener = match config.tls_address {
            Some(address) => Some(TcpListener::bind(address).await?),
            None => None,
        };
        let address = listener.local_addr()?;
        let tls_address = tls_listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let shared = Arc::new(Shared {
            www: config.www,
            records: Records::default(),
            open_sockets: watch::Sender::new(0),
            certificate_authority: identity.authority,
        });
        let mut listeners = JoinSet::new();
        listeners.spawn(listen(listener, None, shared.clone()));
        if let Some(listener) = tls_listener {
            listeners.spawn(listen(listener, Some(identity.acceptor), shared.clone()));
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
        &self.shared.certificate_authority
    }

    /// How many WebSocket connections are open.
    pub fn open_sockets(&self) -> usize {
        *self.shared.open_sockets.borrow()
    }
}

async fn listen(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    // dropped with the listener's task, and all connections with it
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // a connection that is gone again, or no descriptor left: the next may do
                let Ok((stream, _)) = accepted else { continue };
                connections.spawn(serve(stream, acceptor.clone(), shared.clone()));
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
    endpoints::serve(transport, &shared).await;
}
