//! Which proxy a connection goes through.

use crate::{
    OpenError,
    address::{Parts, percent_decoded},
    printable::printable,
};
use std::{fmt, sync::Arc};

/// The way to a server: straight, or through a proxy. Natively only; a browser goes the way of its own
/// settings or the system's.
///
/// The default is [`from_environment`](Self::from_environment).
///
/// | URL of a proxy | What it speaks | Its default port |
/// |---|---|---|
/// | `http://user:password@host:port` | HTTP CONNECT (RFC 9110 section 9.3.6), with Basic credentials if there are some | 80 |
/// | `socks5://user:password@host:port`, `socks5h://…` | SOCKS 5 (RFC 1928), with credentials (RFC 1929) if there are some | 1080 |
///
/// The server's name is resolved by the proxy, as browsers have it done, and `wss` is encrypted from
/// end to end: the proxy sees where to, and no more.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::{Proxy, WebSocket};
///
/// let proxy = Proxy::new("socks5://127.0.0.1:1080")?;
/// let builder = WebSocket::builder("wss://example.com/chat").proxy(proxy);
/// assert!(Proxy::new("ftp://127.0.0.1").is_err());
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Proxy(pub(crate) Choice);

#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) enum Choice {
    #[default]
    Environment,
    None,
    Server(Arc<ProxyServer>),
}

/// A proxy, and how it is spoken to.
#[derive(Clone, PartialEq, Eq)]
#[allow(dead_code, reason = "native only: a browser has its own")]
pub(crate) struct ProxyServer {
    pub(crate) protocol: Protocol,
    /// Without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) credentials: Option<Credentials>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http,
    Socks5,
}

/// Never shown.
#[derive(Clone, PartialEq, Eq)]
#[allow(dead_code, reason = "native only: a browser has its own")]
pub(crate) struct Credentials {
    pub(crate) user: String,
    pub(crate) password: String,
}

impl Proxy {
    /// What the environment says when a connection is made, as curl and most programs read it, in
    /// either case: `HTTPS_PROXY` for `wss`, `HTTP_PROXY` for `ws` (in capitals not where a web server
    /// may have made it of a request's header, that is beside `REQUEST_METHOD`), else `ALL_PROXY`;
    /// none for the hosts of `NO_PROXY`. Like browsers it uses none for this machine itself
    /// (`localhost`, `127.0.0.0/8`, `::1`). A value that is no URL of a proxy fails each attempt by
    /// [`Cause::Proxy`](crate::Cause::Proxy), rather than to go a way that somebody has closed.
    ///
    /// `NO_PROXY` is a list with commas or spaces: `*` for all; a name, which stands for what ends in it too; an
    /// address, or a range of them as `10.0.0.0/8`; each with a port or without.
    pub fn from_environment() -> Self {
        Self(Choice::Environment)
    }

    /// Straight to the server, whatever the environment says.
    pub fn none() -> Self {
        Self(Choice::None)
    }

    /// Through this one, for every server.
    ///
    /// # Errors
    ///
    /// [`OpenError::InvalidProxy`] for what is no URL of a proxy, or credentials that SOCKS cannot
    /// carry (over 255 bytes).
    pub fn new(url: &str) -> Result<Self, OpenError> {
        match ProxyServer::parse(url) {
            Ok(server) => Ok(Self(Choice::Server(Arc::new(server)))),
            Err(reason) => Err(OpenError::InvalidProxy { proxy: shown(url), reason }),
        }
    }
}

/// What may be shown of what is no proxy's URL: its host, and a port that is one. All else may hold a secret.
pub(crate) fn shown(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (host, [":", port]),
        Some((host, _)) if !host.contains('[') => (host, [":", "…"]),
        _ => (host, ["", ""]),
    };
    let delimiter = if scheme.is_empty() { "" } else { "://" };
    printable(&[scheme, delimiter, host, port[0], port[1]].concat())
}

impl ProxyServer {
    pub(crate) fn parse(url: &str) -> Result<Self, &'static str> {
        // as curl takes it
        let with_scheme = if url.contains("://") { url.to_owned() } else { ["http://", url].concat() };
        let parts = Parts::of(&with_scheme);
        let (protocol, default_port) = match parts.scheme.to_ascii_lowercase().as_str() {
            "http" => (Protocol::Http, 80),
            "socks5" | "socks5h" => (Protocol::Socks5, 1080),
            _ => return Err("its scheme is none of http, socks5, socks5h"),
        };
        if parts.host.is_empty() {
            return Err("it has no host");
        }
        if !parts.host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte)) {
            return Err("its host has a character that no host has");
        }
        if !matches!(parts.target, "" | "/") {
            return Err("it has more than scheme, credentials, host and port");
        }
        let credentials = parts.credentials.map(|credentials| {
            let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
            Credentials { user: percent_decoded(user), password: percent_decoded(password) }
        });
        let is_long = |text: &String| text.len() > 255;
        if credentials.as_ref().is_some_and(|it| is_long(&it.user) || is_long(&it.password)) {
            return Err("its credentials are longer than 255 bytes");
        }
        if credentials.as_ref().is_some_and(|it| protocol == Protocol::Http && it.user.contains(':')) {
            return Err("a user's name with a colon cannot be told from its password");
        }
        let port = match parts.port {
            Some(port) => port,
            None if parts.authority.len() == parts.host.len() => default_port,
            None => return Err("its port is no number up to 65535"),
        };
        Ok(Self { protocol, host: bare(parts.host).to_owned(), port, credentials })
    }
}

/// A host without the brackets of an IPv6 address.
pub(crate) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

impl fmt::Display for ProxyServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.protocol {
            Protocol::Http => "http",
            Protocol::Socks5 => "socks5",
        };
        match self.host.contains(':') {
            true => write!(formatter, "{scheme}://[{}]:{}", self.host, self.port),
            false => write!(formatter, "{scheme}://{}:{}", self.host, self.port),
        }
    }
}

/// Without credentials.
impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Choice::Environment => formatter.write_str("Proxy(from the environment)"),
            Choice::None => formatter.write_str("Proxy(none)"),
            Choice::Server(server) => write!(formatter, "Proxy({server})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_proxies_are_read() {
        let server = ProxyServer::parse("http://us%40er:p%3Aw@proxy.example:3128/").expect("valid");
        let credentials = server.credentials.as_ref().expect("some");
        assert_eq!((&*credentials.user, &*credentials.password), ("us@er", "p:w"));
        assert_eq!(server.to_string(), "http://proxy.example:3128");
        for (url, shown) in [
            ("proxy.example", "http://proxy.example:80"),
            ("SOCKS5H://[::1]", "socks5://[::1]:1080"),
            ("socks5://user@10.0.0.1:9", "socks5://10.0.0.1:9"),
        ] {
            assert_eq!(ProxyServer::parse(url).expect(url).to_string(), shown);
        }
    }

    #[test]
    fn what_is_none_is_refused_without_its_secrets() {
        let long = format!("socks5://{}:secret@h", "u".repeat(256));
        for url in [
            "ftp://u:secret@h",
            "http://",
            "http://h/path",
            "http://h:port",
            "http://h:99999",
            "http://a b",
            "http://u:p@h:1/?token=secret",
            "http://u:p@h:1#secret",
            "h:1/secret",
            "http://user:secret",
            "u:secret",
            &long,
        ] {
            let error = Proxy::new(url).expect_err(url).to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        let proxy = Proxy::new("http://user:secret@h").expect("valid");
        assert_eq!(format!("{proxy:?}"), "Proxy(http://h:80)");
    }
}
