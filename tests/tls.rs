//! TLS, natively: by rustls, by the system's library, or not at all.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(not(target_arch = "wasm32"))]

use eversocket::{Cause, Event, Message, OpenError, Tls, WebSocket};
use eversocket_server::{Config, Server};

#[allow(dead_code, reason = "not every feature needs it")]
async fn server() -> (Server, String, Tls) {
    let server = Server::start(Config::default()).await.expect("a server");
    let port = server.tls_address().expect("TLS is on by default").port();
    let tls = Tls::with_root_certificates(server.certificate_authority());
    (server, format!("wss://localhost:{port}/echo"), tls)
}

async fn assert_echo(mut socket: WebSocket) {
    socket.send("secret").expect("it is open");
    assert_eq!(socket.next_event().await, Some(Event::Message(Message::from("secret"))));
}

#[allow(dead_code, reason = "not every feature needs it")]
#[track_caller]
fn cause(result: Result<WebSocket, OpenError>) -> Cause {
    match result {
        Err(OpenError::Failed(error)) => error.cause().clone(),
        other => panic!("{other:?}"),
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod with_tls {
    use super::*;

    #[tokio::test]
    async fn a_private_authority_is_trusted_where_it_is_named() {
        let (_server, url, tls) = server().await;
        assert_echo(WebSocket::builder(&url).tls(tls).connect().await.expect("it connects")).await;
    }

    #[tokio::test]
    async fn an_ip_address_is_verified_too() {
        let (_server, url, tls) = server().await;
        let url = url.replace("localhost", "127.0.0.1");
        assert_echo(WebSocket::builder(&url).tls(tls).connect().await.expect("it connects")).await;
    }

    #[tokio::test]
    async fn an_unknown_authority_is_not_trusted() {
        let (_server, url, _) = server().await;
        let cause = cause(WebSocket::connect(&url).await);
        assert!(matches!(cause, Cause::Tls { .. }), "{cause:?}");
    }

    #[tokio::test]
    async fn another_servers_authority_is_not_trusted() {
        let (_server, url, _) = server().await;
        let (_other, _, tls) = server().await;
        let cause = cause(WebSocket::builder(&url).tls(tls).connect().await);
        assert!(matches!(cause, Cause::Tls { .. }), "{cause:?}");
    }

    #[tokio::test]
    async fn a_wrong_host_is_not_trusted() {
        let (server, _, tls) = server().await;
        // 127.0.0.2 leads to the same server, whose certificate does not name it
        let port = server.tls_address().expect("TLS is on by default").port();
        let listener = tokio::net::TcpListener::bind("127.0.0.2:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let forward = tokio::spawn(async move {
            let (mut from, _) = listener.accept().await.expect("a client");
            let mut to = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("the server");
            tokio::io::copy_bidirectional(&mut from, &mut to).await
        });
        let cause = cause(WebSocket::builder(&format!("wss://{address}/echo")).tls(tls).connect().await);
        assert!(matches!(cause, Cause::Tls { .. }), "{cause:?}");
        drop(forward);
    }

    /// It is seen beneath the TLS, of which nothing is read meanwhile.
    #[tokio::test]
    async fn an_end_behind_what_nobody_reads_is_noticed() {
        let (_server, url, tls) = server().await;
        let url = url.replace("/echo", "/script?id=unread&do=accept;text:a;text:b;text:c;cut");
        let mut socket = WebSocket::builder(&url).tls(tls).inbox_capacity(1).connect().await.expect("it connects");
        while socket.ready_state() == eversocket::ReadyState::Open {
            tokio::task::yield_now().await;
        }
        assert_eq!(socket.ready_state(), eversocket::ReadyState::Closing);
        for text in ["a", "b", "c"] {
            assert_eq!(socket.next_event().await, Some(Event::Message(Message::from(text))));
        }
        assert!(matches!(socket.next_event().await, Some(Event::Error(_))));
        assert!(matches!(socket.next_event().await, Some(Event::Close(_))));
    }

    #[tokio::test]
    async fn what_is_no_certificate_is_refused_before_dialling() {
        for pem in ["not PEM", "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let result = WebSocket::builder("wss://localhost:4/").tls(Tls::with_root_certificates(pem)).open();
            assert!(matches!(result, Err(OpenError::TlsSetup { .. })), "{pem}: {result:?}");
        }
    }
}

/// No provider is installed in this process, and two are compiled into it: rustls's own
/// defaults would panic.
#[cfg(feature = "rustls")]
#[tokio::test]
async fn a_configuration_of_the_callers_own_is_used() {
    use std::sync::Arc;
    use tokio_rustls::rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, pem::PemObject},
    };

    let (server, url, _) = server().await;
    let mut roots = RootCertStore::empty();
    let pem = server.certificate_authority().as_bytes();
    roots.add(CertificateDer::from_pem_slice(pem).expect("PEM")).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let socket = WebSocket::builder(&url).tls(Tls::from_rustls(Arc::new(config))).connect().await.expect("it connects");
    assert_echo(socket).await;
}

#[cfg(feature = "native-tls")]
#[tokio::test]
async fn a_connector_of_the_callers_own_is_used() {
    let (server, url, _) = server().await;
    let authority = native_tls::Certificate::from_pem(server.certificate_authority().as_bytes()).expect("PEM");
    let connector = native_tls::TlsConnector::builder().add_root_certificate(authority).build().expect("a connector");
    let socket = WebSocket::builder(&url).tls(Tls::from_native_tls(connector)).connect().await.expect("it connects");
    assert_echo(socket).await;
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
#[tokio::test]
async fn wss_without_a_tls_feature_is_an_error_before_dialling() {
    use eversocket::Unsupported;

    assert_eq!(WebSocket::new("wss://localhost:4/").err(), Some(OpenError::Unsupported(Unsupported::Tls)));
    let server = Server::start(Config::default()).await.expect("a server");
    assert_echo(WebSocket::connect(&format!("ws://{}/echo", server.address())).await.expect("it connects")).await;
}
