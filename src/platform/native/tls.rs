//! Which peers of a wss connection are trusted.

use bytes::Bytes;
use std::sync::Arc;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
use std::sync::OnceLock;

/// How a wss connection verifies its peer.
///
/// The default is the platform's own trust store, verified by rustls with the feature
/// `rustls` (on by default), else by the system's library with the feature `native-tls`.
/// Verification cannot be switched off here; a caller's own rustls or native-tls
/// configuration can do whatever those libraries allow.
///
/// ```
/// # eversocket_server::secure_doctest!(async |url: String, private_authority: String| {
/// use eversocket::{Tls, WebSocket};
///
/// let tls = Tls::with_root_certificates(private_authority); // its PEM
/// let socket = WebSocket::builder(&url).tls(tls).connect().await?;
/// # Ok(()) });
/// ```
#[derive(Clone)]
pub struct Tls(pub(crate) Engine);

/// What does the work.
#[derive(Clone)]
pub(crate) enum Engine {
    /// The best that the crate was built with; with these PEM roots beside the platform's.
    Default { extra_roots: Option<Arc<ExtraRoots>> },
    #[cfg(feature = "rustls")]
    Rustls(Arc<tokio_rustls::rustls::ClientConfig>),
    #[cfg(feature = "native-tls")]
    NativeTls(native_tls::TlsConnector),
}

/// Certificate authorities beside the platform's.
#[derive(Debug)]
pub(crate) struct ExtraRoots {
    #[cfg_attr(not(any(feature = "rustls", feature = "native-tls")), allow(dead_code, reason = "no TLS"))]
    pub(crate) pem: Bytes,
    /// What was made of them, by the first connection: so that the platform's are read once, and sessions resumed.
    #[cfg(feature = "rustls")]
    pub(crate) config: OnceLock<Arc<tokio_rustls::rustls::ClientConfig>>,
    #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
    pub(crate) connector: OnceLock<native_tls::TlsConnector>,
}

/// Why TLS could not be set up, or failed.
#[derive(Debug)]
pub(crate) struct TlsFailure(pub(crate) String);

impl Tls {
    /// The platform's trust store; the default.
    pub fn platform() -> Self {
        Self(Engine::Default { extra_roots: None })
    }

    /// The platform's trust store and these certificate authorities, in PEM form.
    pub fn with_root_certificates(pem: impl Into<Vec<u8>>) -> Self {
        Self(Engine::Default {
            extra_roots: Some(Arc::new(ExtraRoots {
                pem: Bytes::from(pem.into()),
                #[cfg(feature = "rustls")]
                config: OnceLock::new(),
                #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
                connector: OnceLock::new(),
            })),
        })
    }

    /// A rustls configuration of the caller's own. By ALPN it says `http/1.1`, whatever it names: a WebSocket is
    /// opened by that here.
    #[cfg(feature = "rustls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "rustls")))]
    pub fn from_rustls(config: Arc<tokio_rustls::rustls::ClientConfig>) -> Self {
        Self(Engine::Rustls(with_alpn(config)))
    }

    /// A native-tls connector of the caller's own.
    #[cfg(feature = "native-tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "native-tls")))]
    pub fn from_native_tls(connector: native_tls::TlsConnector) -> Self {
        Self(Engine::NativeTls(connector))
    }
}

/// What a WebSocket is opened by (RFC 7301; RFC 6455 section 4.1).
#[cfg(feature = "rustls")]
pub(crate) const ALPN: &[u8] = b"http/1.1";

/// A configuration that is shared with HTTP clients may name h2, and a server choose it.
#[cfg(feature = "rustls")]
fn with_alpn(config: Arc<tokio_rustls::rustls::ClientConfig>) -> Arc<tokio_rustls::rustls::ClientConfig> {
    if config.alpn_protocols == [ALPN] {
        return config;
    }
    // sessions are still resumed from the same store
    let mut own = Arc::unwrap_or_clone(config);
    own.alpn_protocols = vec![ALPN.to_vec()];
    Arc::new(own)
}

impl Default for Tls {
    fn default() -> Self {
        Self::platform()
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match &self.0 {
            Engine::Default { extra_roots: None } => "Tls(platform)",
            Engine::Default { extra_roots: Some(_) } => "Tls(platform and extra roots)",
            #[cfg(feature = "rustls")]
            Engine::Rustls(_) => "Tls(rustls)",
            #[cfg(feature = "native-tls")]
            Engine::NativeTls(_) => "Tls(native-tls)",
        })
    }
}
