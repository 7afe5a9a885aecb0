//! Tokens: had once, kept, carried the way the target allows, and had anew when refused.

mod cache;
mod carrier;
mod fetch;
mod shared;
mod token;

use super::{
    Failure,
    clock::Clock,
    endpoint::{BoxError, Carried, Endpoint, Offer, Provided},
};
use crate::{
    Message, OpenError, Unsupported,
    platform::{BoxFuture, MaybeSend, boxed},
};
use cache::{Asker, Margin};
pub use carrier::Carrier;
use shared::{Needed, Shared};
use std::{fmt, future::Future, sync::Arc, time::Duration};
pub use token::{Token, TokenRequest};

/// How long a fetch may take, unless set.
const FETCH_TIMEOUT: Duration = Duration::from_secs(60);

/// A token source with a cache.
///
/// The source is asked when there is no token yet, when it is about to expire, and after the
/// server refused it; never for a plain reconnect. Clones share the cache: sockets that connect
/// at the same time ask once. A fresh token that is refused too ends the socket with
/// [`EndCause::CredentialsRefused`](super::EndCause::CredentialsRefused).
///
/// What the source was asked is waited for to the end, in the background if the attempt that asked
/// has been given up (by a deadline, `pause` or `close`), and the token is kept: one that replaces
/// a refresh token is not lost. The next attempt waits for the same answer.
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
    shared: Arc<Shared>,
    carriers: Vec<Carrier>,
    refusal: Option<Arc<IsRefusal>>,
    margin: Margin,
    fetch_timeout: Duration,
}

/// Whether a message refuses the token.
type IsRefusal = dyn Fn(&Message) -> bool + Send + Sync;

impl Credentials {
    /// Tokens from a source. Its errors, and panics, count as failed attempts; errors with
    /// [`GiveUp`](super::GiveUp) among their sources are final, and those with
    /// [`Unauthorized`](super::Unauthorized) count as a refusal by the server.
    pub fn new<Answer>(source: impl FnMut(TokenRequest) -> Answer + MaybeSend + 'static) -> Self
    where
        Answer: Future<Output = Result<Token, BoxError>> + MaybeSend + 'static,
    {
        #[allow(clippy::arc_with_non_send_sync, reason = "in a browser the source stays on its thread")]
        let shared = Arc::new(Shared::new(Box::new(source)));
        let (margin, fetch_timeout) = (Margin::default(), FETCH_TIMEOUT);
        Self { shared, carriers: Vec::new(), refusal: None, margin, fetch_timeout }
    }

    /// How long before its [expiry](Token::expires_in) a token is renewed; at most half of its life
    /// counts. Default: a tenth of its life, at most 30 s.
    ///
    /// ```
    /// # eversocket_server::doctest!(async |_: String| {
    /// use eversocket::reconnect::{Credentials, Token};
    /// use std::time::Duration;
    ///
    /// let credentials =
    ///     Credentials::new(|_why| async { Ok(Token::new("secret").expires_in(Duration::from_secs(900))) })
    ///         .renew_before(Duration::from_secs(60));
    /// # drop(credentials);
    /// # Ok(()) });
    /// ```
    pub fn renew_before(mut self, margin: Duration) -> Self {
        self.margin = Margin(Some(margin));
        self
    }

    /// How long the source may take, in the background too. After that its answer is not waited
    /// for any more, and the next attempt asks anew. Default: 60 s. How long an attempt waits is
    /// the [`provider_timeout`](super::Builder::provider_timeout).
    pub fn fetch_timeout(mut self, timeout: Duration) -> Self {
        self.fetch_timeout = timeout;
        self
    }

    /// Puts a token into the cache, for example after the user has signed in: attempts carry it
    /// from now on, those that wait for the source among them. What the source is being asked is
    /// not kept.
    ///
    /// A connection that is open, or being made, stays as it is until
    /// [`reconnect_now`](super::Handle::reconnect_now).
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::{ReconnectingWebSocket, reconnect::{Carrier, Credentials, Token}};
    ///
    /// let credentials = Credentials::new(|_why| async { Err("nobody has signed in".into()) })
    ///     .carry(Carrier::query("access_token"));
    /// credentials.replace("secret");
    /// let mut socket = ReconnectingWebSocket::builder(&url).credentials(credentials.clone()).open()?;
    /// socket.opened().await?;
    ///
    /// credentials.replace(Token::new("another user's"));
    /// socket.handle().reconnect_now();
    /// # Ok(()) });
    /// ```
    pub fn replace(&self, token: impl Into<Token>) {
        self.shared.set(Some(token.into()));
    }

    /// Forgets the token, for example when the user signs out: the next attempt asks the source as
    /// for the [first](TokenRequest::First) time. What the source is being asked is not kept, and
    /// comes to its end before it is asked again.
    ///
    /// A connection that is open, or being made, stays as it is until
    /// [`reconnect_now`](super::Handle::reconnect_now).
    ///
    /// ```
    /// # eversocket_server::doctest!(async |url: String| {
    /// use eversocket::{ReconnectingWebSocket, reconnect::{Carrier, Credentials, Token}};
    ///
    /// # let current_user = || "ada";
    /// let credentials = Credentials::new(move |_why| async move { Ok(Token::new(current_user())) })
    ///     .carry(Carrier::query("access_token"));
    /// let mut socket = ReconnectingWebSocket::builder(&url).credentials(credentials.clone()).open()?;
    /// socket.opened().await?;
    ///
    /// credentials.invalidate(); // the user has changed
    /// socket.handle().reconnect_now();
    /// # Ok(()) });
    /// ```
    pub fn invalidate(&self) {
        self.shared.set(None);
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

    /// A token; the one in use is given up if it is of the refused version.
    fn token(&self, refused: Option<u64>, clock: Clock) -> Needed {
        let asker = Asker::new(refused, self.margin);
        Needed::new(self.shared.clone(), asker, clock, self.fetch_timeout)
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
                Answer::Awaited(answer) => answer.await?.endpoint,
            };
            let token = credentials.token(refused, clock).await?;
            credentials
                .carrier()
                .and_then(|carrier| carrier.put(&token.secret, &mut endpoint))
                .map_err(Failure::Endpoint)?;
            let carried = Carried { version: token.version, expires_at: token.expires_at() };
            Ok(Offer { endpoint, token: Some(carried) })
        })
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_offer_tells_which_token_it_carries_and_until_when() {
        let life = Duration::from_secs(300);
        let credentials = Credentials::new(move |_| async move { Ok(Token::new("secret").expires_in(life)) });
        let credentials = credentials.carry(Carrier::query("t"));
        let offer = |refused| credentials.apply(Answer::Known("wss://h/".into()), refused, Clock::Platform);
        let before = Clock::Platform.now();
        for (refused, version) in [(None, 1), (None, 1), (Some(1), 2)] {
            let offer = offer(refused).await.expect("a token");
            assert_eq!(offer.endpoint.url, "wss://h/?t=secret");
            let token = offer.token.expect("carried");
            let (end, now) = (token.expires_at.expect("an end"), Clock::Platform.now());
            assert_eq!(token.version, version);
            assert!(before.at.after(life) <= end.at && end.at <= now.at.after(life));
        }
        credentials.replace("endless");
        assert_eq!(offer(None).await.expect("a token").token.and_then(|token| token.expires_at), None);
    }
}
