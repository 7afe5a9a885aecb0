//! Tokens: had once, kept, carried the way the target allows, and had anew when refused.

use super::{
    Failure,
    clock::Clock,
    endpoint::{BoxError, Endpoint, Provided},
    guarded::{Fault, guarded},
    machine::Moment,
};
use crate::{
    Message, OpenError, Unsupported,
    address::is_token,
    backend::{Link, Wants},
    platform::{BoxFuture, MaybeSend, boxed},
};
use futures::lock::Mutex;
use std::{fmt, future::Future, sync::Arc, time::Duration};

/// How long before its expiry a token is not used any more.
const EARLY: Duration = Duration::from_secs(30);

/// A secret that the server takes for who the user is. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    secret: String,
    expires_in: Option<Duration>,
}

impl Token {
    /// A token that is used until the server refuses it.
    pub fn new(secret: impl Into<String>) -> Self {
        Self { secret: secret.into(), expires_in: None }
    }

    /// It is not used for a connection later than 30 s before this time from now.
    pub fn expires_in(mut self, time: Duration) -> Self {
        self.expires_in = Some(time);
        self
    }
}

impl From<String> for Token {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

impl From<&str> for Token {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Token").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// Where in a connection the token travels.
#[derive(Clone)]
pub struct Carrier(Way);

#[derive(Clone)]
enum Way {
    Header { name: String, prefix: String },
    Query { name: String },
    Protocol { prefix: String },
    FirstMessage(Arc<dyn Fn(&str) -> Message + Send + Sync>),
}

impl Carrier {
    /// In the header `Authorization: Bearer TOKEN`; natively only.
    pub fn bearer() -> Self {
        Self::header("Authorization", "Bearer ")
    }

    /// In a header, after a prefix; natively only.
    pub fn header(name: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self(Way::Header { name: name.into(), prefix: prefix.into() })
    }

    /// In a parameter of the URL's query. Servers and proxies tend to log URLs: best a ticket of
    /// short life.
    pub fn query(name: impl Into<String>) -> Self {
        Self(Way::Query { name: name.into() })
    }

    /// In one more subprotocol that is offered, after a prefix. The token must be made of
    /// characters that a subprotocol may have, as base64url is. The server must choose another.
    pub fn protocol(prefix: impl Into<String>) -> Self {
        Self(Way::Protocol { prefix: prefix.into() })
    }

    /// In the first message, made of the token by a function.
    pub fn first_message<M: Into<Message>>(make: impl Fn(&str) -> M + Send + Sync + 'static) -> Self {
        Self(Way::FirstMessage(Arc::new(move |token| make(token).into())))
    }

    fn is_supported(&self) -> bool {
        !matches!(self.0, Way::Header { .. })
            || Link::check_support(&Wants { headers: true, ..Wants::default() }).is_ok()
    }

    fn put(&self, token: &str, endpoint: &mut Endpoint) -> Result<(), OpenError> {
        match &self.0 {
            Way::Header { name, prefix } => endpoint.headers.push((name.clone(), format!("{prefix}{token}"))),
            Way::Query { name } => {
                let (before, fragment) = match endpoint.url.find('#') {
                    Some(at) => endpoint.url.split_at(at),
                    None => (endpoint.url.as_str(), ""),
                };
                let mark = if before.contains('?') { '&' } else { '?' };
                endpoint.url = format!("{before}{mark}{}={}{fragment}", encode(name), encode(token));
            }
            Way::Protocol { prefix } => {
                let protocol = format!("{prefix}{token}");
                if !is_token(&protocol) {
                    // without the token, which errors must not show
                    return Err(OpenError::InvalidProtocol { protocol: format!("{prefix}…") });
                }
                // twice would be an error, which names it
                if !endpoint.protocols.contains(&protocol) {
                    endpoint.protocols.push(protocol);
                }
            }
            Way::FirstMessage(make) => endpoint.first_messages.insert(0, make(token)),
        }
        Ok(())
    }
}

impl fmt::Debug for Carrier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Way::Header { name, .. } => formatter.debug_tuple("Header").field(name).finish(),
            Way::Query { name } => formatter.debug_tuple("Query").field(name).finish(),
            Way::Protocol { .. } => formatter.write_str("Protocol"),
            Way::FirstMessage(_) => formatter.write_str("FirstMessage"),
        }
    }
}

/// Why a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenRequest {
    /// There is none yet.
    First,
    /// The one there is expires, or has.
    Expired,
    /// The server refused the one there is.
    Refused,
}

/// A token source with a cache.
///
/// The source is asked when there is no token yet, when it is about to expire, and after the
/// server refused it; never for a plain reconnect. Clones share the cache: sockets that connect
/// at the same time ask once. A fresh token that is refused too ends the socket with
/// [`EndCause::CredentialsRefused`](super::EndCause::CredentialsRefused).
///
/// ```
/// # eversocket_server::doctest!(async |url: String| {
/// use eversocket::{ReconnectingWebSocket, reconnect::{Carrier, Credentials, Token}};
///
/// # async fn fetch_token() -> Result<String, std::convert::Infallible> { Ok("secret".to_owned()) }
/// let credentials = Credentials::new(|_why| async { Ok(Token::new(fetch_token().await?)) })
///     .carry(Carrier::bearer()) // where headers can be set, and
///     .or_carry(Carrier::query("access_token")); // in browsers
/// let mut socket = ReconnectingWebSocket::builder(&url).credentials(credentials).open()?;
/// socket.opened().await?;
/// # Ok(()) });
/// ```
#[derive(Clone)]
pub struct Credentials {
    cache: Arc<Mutex<Cache>>,
    carriers: Vec<Carrier>,
    refusal: Option<Arc<IsRefusal>>,
}

/// Whether a message refuses the token.
type IsRefusal = dyn Fn(&Message) -> bool + Send + Sync;

struct Cache {
    source: Box<dyn Source>,
    token: Option<Kept>,
    /// Counts the tokens that were had.
    version: u64,
}

struct Kept {
    secret: String,
    usable_until: Option<Moment>,
}

trait Source: MaybeSend {
    fn fetch(&mut self, request: TokenRequest) -> BoxFuture<Result<Token, BoxError>>;
}

impl<F, Answer> Source for F
where
    F: FnMut(TokenRequest) -> Answer + MaybeSend,
    Answer: Future<Output = Result<Token, BoxError>> + MaybeSend + 'static,
{
    fn fetch(&mut self, request: TokenRequest) -> BoxFuture<Result<Token, BoxError>> {
        boxed(self(request))
    }
}

impl Credentials {
    /// Tokens from a source. Its errors count as failed attempts, or as final by
    /// [`GiveUp`](super::GiveUp).
    pub fn new<Answer>(source: impl FnMut(TokenRequest) -> Answer + MaybeSend + 'static) -> Self
    where
        Answer: Future<Output = Result<Token, BoxError>> + MaybeSend + 'static,
    {
        let cache = Cache { source: Box::new(source), token: None, version: 0 };
        #[allow(clippy::arc_with_non_send_sync, reason = "in a browser the source stays on its thread")]
        let cache = Arc::new(Mutex::new(cache));
        Self { cache, carriers: Vec::new(), refusal: None }
    }

    /// Where the token travels. Default: [`Carrier::bearer`], which takes an
    /// [`or_carry`](Self::or_carry) for browsers.
    pub fn carry(mut self, carrier: Carrier) -> Self {
        self.carriers = vec![carrier];
        self
    }

    /// Where it travels if the target does not allow what came before.
    pub fn or_carry(mut self, carrier: Carrier) -> Self {
        if self.carriers.is_empty() {
            self.carriers.push(Carrier::bearer());
        }
        self.carriers.push(carrier);
        self
    }

    /// Names messages by which the server refuses the token, for servers that check it after the
    /// connection is open. It is asked about each message until the connection is stable.
    pub fn refused_by(mut self, is_refusal: impl Fn(&Message) -> bool + Send + Sync + 'static) -> Self {
        self.refusal = Some(Arc::new(is_refusal));
        self
    }

    /// The first carrier that this target allows.
    fn carrier(&self) -> Result<Carrier, OpenError> {
        let default = [Carrier::bearer()];
        let carriers = if self.carriers.is_empty() { &default[..] } else { &self.carriers };
        let supported = carriers.iter().find(|carrier| carrier.is_supported());
        supported.cloned().ok_or(Unsupported::RequestHeaders.into())
    }

    /// Puts a token into an endpoint; the one in use is given up if it is of the refused
    /// version. Returns its version. While one asks the source, others wait for what it gets.
    async fn put(self, refused: Option<u64>, clock: Clock, endpoint: &mut Endpoint) -> Result<u64, CredentialsError> {
        let mut cache = self.cache.lock().await;
        let request = match &cache.token {
            None => Some(TokenRequest::First),
            Some(_) if refused == Some(cache.version) => Some(TokenRequest::Refused),
            Some(kept) if kept.usable_until.is_some_and(|until| clock.now().at >= until) => Some(TokenRequest::Expired),
            Some(_) => None,
        };
        if let Some(request) = request {
            let token = guarded(|| cache.source.fetch(request)).await.map_err(CredentialsError::Source)?;
            let usable_until = token.expires_in.map(|time| clock.now().at.after(time.saturating_sub(EARLY)));
            cache.token = Some(Kept { secret: token.secret, usable_until });
            cache.version += 1;
        }
        if let Some(kept) = &cache.token {
            self.carrier()
                .and_then(|carrier| carrier.put(&kept.secret, endpoint))
                .map_err(CredentialsError::Carrier)?;
        }
        Ok(cache.version)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("carriers", &self.carriers).finish_non_exhaustive()
    }
}

/// What the driver needs of credentials.
pub(crate) trait Authenticate: fmt::Debug + MaybeSend {
    /// Whether this target allows any of the carriers.
    fn check(&self) -> Result<(), OpenError>;

    /// Whether messages may be refusals.
    fn reads_messages(&self) -> bool;

    fn is_refusal(&self, message: &Message) -> bool;

    /// Has a token put into an endpoint; the one in use is given up if it is of the refused
    /// version.
    fn apply(&self, answer: Answer, refused: Option<u64>, clock: Clock) -> BoxFuture<Provided>;
}

/// An endpoint that is known, or will be.
pub(crate) enum Answer {
    Known(Endpoint),
    Awaited(BoxFuture<Provided>),
}

impl Authenticate for Credentials {
    fn check(&self) -> Result<(), OpenError> {
        self.carrier().map(drop)
    }

    fn reads_messages(&self) -> bool {
        self.refusal.is_some()
    }

    fn is_refusal(&self, message: &Message) -> bool {
        self.refusal.as_ref().is_some_and(|is_refusal| is_refusal(message))
    }

    fn apply(&self, answer: Answer, refused: Option<u64>, clock: Clock) -> BoxFuture<Provided> {
        let credentials = self.clone();
        boxed(async move {
            let mut endpoint = match answer {
                Answer::Known(endpoint) => endpoint,
                Answer::Awaited(answer) => answer.await?.0,
            };
            match credentials.put(refused, clock, &mut endpoint).await {
                Ok(version) => Ok((endpoint, Some(version))),
                Err(CredentialsError::Source(fault)) => Err(Failure::provider(fault)),
                Err(CredentialsError::Carrier(error)) => Err(Failure::Endpoint(error)),
            }
        })
    }
}

/// Why an endpoint got no token.
enum CredentialsError {
    Source(Fault),
    Carrier(OpenError),
}

/// Percent-encodes all that may not stand in a query's value.
fn encode(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if keep(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])));
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(carrier: &Carrier, url: &str, token: &str) -> Result<Endpoint, OpenError> {
        let mut endpoint = Endpoint::new(url);
        carrier.put(token, &mut endpoint).map(|()| endpoint)
    }

    #[test]
    fn each_carrier_has_its_place() {
        let bearer = put(&Carrier::bearer(), "wss://h/", "t").expect("valid");
        assert_eq!(bearer.headers, [("Authorization".to_owned(), "Bearer t".to_owned())]);
        let query = put(&Carrier::query("a b"), "wss://h/?x=1", "t/&=é").expect("valid");
        assert_eq!(query.url, "wss://h/?x=1&a%20b=t%2F%26%3D%C3%A9");
        let protocol = put(&Carrier::protocol("token."), "wss://h/", "abc_-").expect("valid");
        assert_eq!(protocol.protocols, ["token.abc_-"]);
        let first = put(&Carrier::first_message(|token| format!("login {token}")), "wss://h/", "t").expect("valid");
        assert_eq!(first.first_messages, ["login t".into()]);
    }

    #[test]
    fn a_token_is_in_no_text_and_cannot_add_a_parameter_or_a_protocol() {
        let error = put(&Carrier::protocol("token."), "wss://h/", "se cret, other").expect_err("not a token");
        assert!(!error.to_string().contains("cret"), "{error}");
        let endpoint = put(&Carrier::query("t"), "wss://h/#f", "secret").expect("valid");
        assert_eq!(endpoint.url, "wss://h/?t=secret#f");
        let shown = format!("{:?} {endpoint:?} {:?}", Token::new("secret"), Carrier::bearer());
        assert!(!shown.contains("secret"), "{shown}");
    }
}
