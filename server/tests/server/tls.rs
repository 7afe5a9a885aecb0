//! The same over TLS.

use crate::support::start;
use futures::{SinkExt, StreamExt};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use tokio_tungstenite::tungstenite::Message;

async fn connect(
    server: &eversocket_server::Server,
    roots: RootCertStore,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.tls_address().expect("TLS is on")).await?;
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

#[tokio::test]
async fn its_authority_vouches_for_it() {
    let server = start().await;
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(server.certificate_authority().as_bytes()).expect("a PEM");
    roots.add(authority).expect("an authority");
    for name in ["localhost", "127.0.0.1", "::1"] {
        let stream = connect(&server, roots.clone(), name).await.expect("it is trusted");
        let (mut socket, _) =
            tokio_tungstenite::client_async("wss://localhost/echo", stream).await.expect("it accepts");
        socket.send(Message::text("hi")).await.expect("it is open");
        assert_eq!(socket.next().await.expect("more").expect("a message"), Message::text("hi"));
    }
    assert!(connect(&server, roots, "example.com").await.is_err());
}

#[tokio::test]
async fn nobody_else_does() {
    let server = start().await;
    assert!(connect(&server, RootCertStore::empty(), "localhost").await.is_err());
}
