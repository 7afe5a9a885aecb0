//! TLS over a TCP stream, by whichever library was chosen.

use super::dial::ByteStream;
use crate::platform::{Engine, Tls, TlsFailure};
use tokio::net::TcpStream;

/// Ready to encrypt a connection.
pub(super) enum Connector {
    #[cfg(feature = "rustls")]
    Rustls(tokio_rustls::TlsConnector),
    #[cfg(feature = "native-tls")]
    NativeTls(tokio_native_tls::TlsConnector),
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
            Engine::Default { extra_roots } => rustls::connector(extra_roots.as_deref()).map(Self::Rustls),
            #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
            Engine::Default { extra_roots } => native::connector(extra_roots.as_deref()).map(Self::NativeTls),
            #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
            Engine::Default { .. } => Err(TlsFailure(crate::Unsupported::Tls.to_string())),
        }
    }

    #[cfg_attr(not(any(feature = "rustls", feature = "native-tls")), allow(unused_variables, reason = "no TLS"))]
    pub(super) async fn connect(self, host: &str, stream: TcpStream) -> Result<ByteStream, TlsFailure> {
        match self {
            #[cfg(feature = "rustls")]
            Self::Rustls(connector) => {
                use tokio_rustls::rustls::pki_types::ServerName;
                let name = ServerName::try_from(host.to_owned()).map_err(|error| TlsFailure(error.to_string()))?;
                Ok(Box::new(connector.connect(name, stream).await?))
            }
            #[cfg(feature = "native-tls")]
            Self::NativeTls(connector) => {
                let stream = connector.connect(host, stream).await.map_err(|error| TlsFailure(error.to_string()))?;
                Ok(Box::new(stream))
            }
        }
    }
}

#[cfg(feature = "rustls")]
mod rustls {
    use crate::platform::TlsFailure;
    use rustls_platform_verifier::Verifier;
    use std::sync::{Arc, OnceLock};
    use tokio_rustls::{
        TlsConnector,
        rustls::{
            ClientConfig,
            crypto::ring,
            pki_types::{CertificateDer, pem::PemObject},
        },
    };

    pub(super) fn connector(extra_roots: Option<&[u8]>) -> Result<TlsConnector, TlsFailure> {
        // reading the platform's roots takes a while: once a process
        static PLATFORM: OnceLock<Arc<ClientConfig>> = OnceLock::new();
        match extra_roots {
            Some(pem) => configuration(&certificates(pem)?).map(TlsConnector::from),
            None => match PLATFORM.get() {
                Some(config) => Ok(config.clone().into()),
                None => Ok(PLATFORM
                    .get_or_init({
                        let config = configuration(&[])?;
                        || config
                    })
                    .clone()
                    .into()),
            },
        }
    }

    fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsFailure> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        match certificates {
            Ok(certificates) if certificates.is_empty() => Err(TlsFailure("the PEM holds no certificate".to_owned())),
            Ok(certificates) => Ok(certificates),
            Err(error) => Err(TlsFailure(format!("the PEM cannot be read: {error}"))),
        }
    }

    /// With the provider named: what the process has installed, or not, makes no difference.
    fn configuration(extra_roots: &[CertificateDer<'static>]) -> Result<Arc<ClientConfig>, TlsFailure> {
        let failure = |error: tokio_rustls::rustls::Error| TlsFailure(error.to_string());
        let provider = Arc::new(ring::default_provider());
        let verifier = if extra_roots.is_empty() {
            Verifier::new(provider.clone())
        } else {
            Verifier::new_with_extra_roots(extra_roots.iter().cloned(), provider.clone())
        }
        .map_err(failure)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failure)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
mod native {
    use crate::platform::TlsFailure;
    use native_tls::{Certificate, TlsConnector};

    pub(super) fn connector(extra_roots: Option<&[u8]>) -> Result<tokio_native_tls::TlsConnector, TlsFailure> {
        let failure = |error: native_tls::Error| TlsFailure(error.to_string());
        let mut builder = TlsConnector::builder();
        let certificates = extra_roots.map(certificates).unwrap_or_default();
        if extra_roots.is_some() && certificates.is_empty() {
            return Err(TlsFailure("the PEM holds no certificate".to_owned()));
        }
        for certificate in certificates {
            builder.add_root_certificate(Certificate::from_pem(certificate.as_bytes()).map_err(failure)?);
        }
        builder.build().map(Into::into).map_err(failure)
    }

    /// The library reads one certificate at a time.
    fn certificates(pem: &[u8]) -> Vec<String> {
        const END: &str = "-----END CERTIFICATE-----";
        let text = String::from_utf8_lossy(pem);
        text.split_inclusive(END).filter(|part| part.contains(END)).map(str::to_owned).collect()
    }
}
