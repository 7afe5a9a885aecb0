//! TLS over a TCP stream, by whichever library was chosen.
//!
//! What the caller gave is checked before anything is dialled. The platform's roots are read
//! only then, on a thread that may block: it takes tens of milliseconds.

use super::{dial::ByteStream, tcp::Tcp};
use crate::platform::{Engine, Tls, TlsFailure};
#[cfg(any(feature = "rustls", feature = "native-tls"))]
use {crate::platform::ExtraRoots, std::sync::Arc};

/// What encrypts a connection.
pub(super) enum Connector {
    #[cfg(feature = "rustls")]
    Rustls(tokio_rustls::TlsConnector),
    #[cfg(feature = "native-tls")]
    NativeTls(tokio_native_tls::TlsConnector),
    /// The platform's roots, to be read, and these beside them.
    #[cfg(feature = "rustls")]
    Platform(Vec<rustls::Root>, Option<Arc<ExtraRoots>>),
    /// The platform's roots, to be read, and these beside them.
    #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
    Platform(Vec<native_tls::Certificate>, Option<Arc<ExtraRoots>>),
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
impl From<std::io::Error> for TlsFailure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl Connector {
    pub(super) fn new(tls: &Tls) -> Result<Self, TlsFailure> {
        match &tls.0 {
            #[cfg(feature = "rustls")]
            Engine::Rustls(config) => Ok(Self::Rustls(config.clone().into())),
            #[cfg(feature = "native-tls")]
            Engine::NativeTls(connector) => Ok(Self::NativeTls(connector.clone().into())),
            #[cfg(feature = "rustls")]
            Engine::Default { extra_roots } => match extra_roots.as_ref().and_then(|extra| extra.config.get()) {
                Some(config) => Ok(Self::Rustls(config.clone().into())),
                None => {
                    let roots = rustls::roots(extra_roots.as_ref().map(|extra| &*extra.pem))?;
                    Ok(Self::Platform(roots, extra_roots.clone()))
                }
            },
            #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
            Engine::Default { extra_roots } => match extra_roots.as_ref().and_then(|extra| extra.connector.get()) {
                Some(connector) => Ok(Self::NativeTls(connector.clone().into())),
                None => {
                    let roots = native::roots(extra_roots.as_ref().map(|extra| &*extra.pem))?;
                    Ok(Self::Platform(roots, extra_roots.clone()))
                }
            },
            #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
            Engine::Default { .. } => Err(TlsFailure(crate::Unsupported::Tls.to_string())),
        }
    }

    #[cfg_attr(not(any(feature = "rustls", feature = "native-tls")), allow(unused_variables, reason = "no TLS"))]
    pub(super) async fn connect(self, host: &str, stream: Tcp) -> Result<ByteStream, TlsFailure> {
        match self {
            #[cfg(feature = "rustls")]
            Self::Rustls(connector) => rustls::connect(connector, host, stream).await,
            #[cfg(feature = "native-tls")]
            Self::NativeTls(connector) => native::connect(connector, host, stream).await,
            #[cfg(feature = "rustls")]
            Self::Platform(roots, extra) => {
                let connector = read_roots(move || rustls::platform(&roots, extra.as_deref())).await?;
                rustls::connect(connector, host, stream).await
            }
            #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
            Self::Platform(roots, extra) => {
                let connector = read_roots(move || native::platform(roots, extra.as_deref())).await?;
                native::connect(connector, host, stream).await
            }
        }
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
async fn read_roots<C: Send + 'static>(
    read: impl FnOnce() -> Result<C, TlsFailure> + Send + 'static,
) -> Result<C, TlsFailure> {
    tokio::task::spawn_blocking(read).await.map_err(|error| TlsFailure(error.to_string()))?
}

#[cfg(feature = "rustls")]
mod rustls {
    use super::{ByteStream, Tcp};
    use crate::{
        backend::native::dial::Transport,
        platform::{ALPN, ExtraRoots, TlsFailure},
    };
    use rustls_platform_verifier::Verifier;
    use std::sync::{Arc, OnceLock};
    use tokio_rustls::{
        TlsConnector,
        client::TlsStream,
        rustls::{
            ClientConfig,
            crypto::ring,
            pki_types::{CertificateDer, ServerName, pem::PemObject},
        },
    };

    pub(super) type Root = CertificateDer<'static>;

    impl Transport for TlsStream<Tcp> {
        fn tcp(&self) -> Option<&Tcp> {
            Some(self.get_ref().0)
        }
    }

    /// The certificates of a PEM text, of which there must be one at least.
    pub(super) fn roots(pem: Option<&[u8]>) -> Result<Vec<Root>, TlsFailure> {
        let Some(pem) = pem else { return Ok(Vec::new()) };
        let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let roots = roots.map_err(|error| TlsFailure(format!("the PEM cannot be read: {error}")))?;
        let mut checked = tokio_rustls::rustls::RootCertStore::empty();
        for root in &roots {
            let failure = |error| TlsFailure(format!("a certificate of the PEM cannot be read: {error}"));
            checked.add(root.clone()).map_err(failure)?;
        }
        if roots.is_empty() { Err(TlsFailure("the PEM holds no certificate".to_owned())) } else { Ok(roots) }
    }

    pub(super) fn platform(roots: &[Root], extra: Option<&ExtraRoots>) -> Result<TlsConnector, TlsFailure> {
        // once a process for those who add none
        static PLATFORM: OnceLock<Arc<ClientConfig>> = OnceLock::new();
        let made = extra.map_or(&PLATFORM, |extra| &extra.config);
        let config = match made.get() {
            Some(config) => config.clone(),
            None => {
                let config = configuration(roots)?;
                made.get_or_init(|| config).clone()
            }
        };
        Ok(config.into())
    }

    /// With the provider named: what the process has installed, or not, makes no difference.
    fn configuration(extra_roots: &[Root]) -> Result<Arc<ClientConfig>, TlsFailure> {
        let failure = |error: tokio_rustls::rustls::Error| TlsFailure(error.to_string());
        let provider = Arc::new(ring::default_provider());
        let verifier = if extra_roots.is_empty() {
            Verifier::new(provider.clone())
        } else {
            Verifier::new_with_extra_roots(extra_roots.iter().cloned(), provider.clone())
        }
        .map_err(failure)?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failure)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Arc::new(config))
    }

    pub(super) async fn connect(connector: TlsConnector, host: &str, stream: Tcp) -> Result<ByteStream, TlsFailure> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| TlsFailure(error.to_string()))?;
        Ok(Box::new(connector.connect(name, stream).await?))
    }
}

#[cfg(feature = "native-tls")]
mod native {
    use super::{ByteStream, Tcp};
    #[cfg(not(feature = "rustls"))]
    use crate::platform::ExtraRoots;
    use crate::{backend::native::dial::Transport, platform::TlsFailure};
    use tokio_native_tls::{TlsConnector, TlsStream};

    impl Transport for TlsStream<Tcp> {
        fn tcp(&self) -> Option<&Tcp> {
            Some(self.get_ref().get_ref().get_ref())
        }
    }

    impl From<native_tls::Error> for TlsFailure {
        fn from(error: native_tls::Error) -> Self {
            Self(error.to_string())
        }
    }

    /// The certificates of a PEM text, of which there must be one at least. The library reads
    /// one at a time.
    #[cfg(not(feature = "rustls"))]
    pub(super) fn roots(pem: Option<&[u8]>) -> Result<Vec<native_tls::Certificate>, TlsFailure> {
        const END: &str = "-----END CERTIFICATE-----";
        let Some(pem) = pem else { return Ok(Vec::new()) };
        let text = String::from_utf8_lossy(pem);
        let parts = text.split_inclusive(END).filter(|part| part.contains(END));
        let roots: Result<Vec<_>, _> =
            parts.map(|part| native_tls::Certificate::from_pem(part.trim_start().as_bytes())).collect();
        match roots? {
            roots if roots.is_empty() => Err(TlsFailure("the PEM holds no certificate".to_owned())),
            roots => Ok(roots),
        }
    }

    #[cfg(not(feature = "rustls"))]
    pub(super) fn platform(
        roots: Vec<native_tls::Certificate>,
        extra: Option<&ExtraRoots>,
    ) -> Result<TlsConnector, TlsFailure> {
        let mut builder = native_tls::TlsConnector::builder();
        for root in roots {
            builder.add_root_certificate(root);
        }
        let connector = builder.build()?;
        Ok(extra.map_or(connector.clone(), |extra| extra.connector.get_or_init(|| connector).clone()).into())
    }

    pub(super) async fn connect(connector: TlsConnector, host: &str, stream: Tcp) -> Result<ByteStream, TlsFailure> {
        Ok(Box::new(connector.connect(host, stream).await?))
    }
}
