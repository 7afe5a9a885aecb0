//! Where to connect to: asked for anew at each attempt.

use super::{
    Failure,
    guarded::guarded,
    machine::{Now, Request},
    offers::Offers,
};
use crate::{
    Message,
    platform::{BoxFuture, MaybeSend, boxed},
};
use std::{error::Error, fmt, future::Future};

/// What a provider, a token source or a session handshake fails with: any error.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Where to connect to, and with what.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::reconnect::Endpoint;
///
/// let endpoint = Endpoint::new("wss://example.com/chat").protocol("chat.v2").first_message(r#"{"type":"hello"}"#);
/// # Ok(()) });
/// ```
#[derive(Clone, PartialEq)]
pub struct Endpoint {
    pub(crate) url: String,
    pub(crate) offers: Offers,
    pub(crate) first_messages: Vec<Message>,
}

impl Endpoint {
    /// This URL, by the rules of [`WebSocket::new`](crate::WebSocket::new).
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), offers: Offers::default(), first_messages: Vec::new() }
    }

    /// Offers a subprotocol, after those offered before and those of the builder.
    pub fn protocol(mut self, protocol: impl Into<String>) -> Self {
        self.offers.protocol(protocol.into());
        self
    }

    /// Adds a header to the upgrade request, beside those of the builder; natively only.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.offers.header(name.into(), value.into());
        self
    }

    /// Sends a message first, before the session handshake and all else.
    pub fn first_message(mut self, message: impl Into<Message>) -> Self {
        self.first_messages.push(message.into());
        self
    }
}

/// Without the values, which may hold secrets.
impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.offers.headers().iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("Endpoint")
            .field("protocols", &self.offers.protocols().len())
            .field("headers", &headers)
            .field("first_messages", &self.first_messages.len())
            .finish_non_exhaustive()
    }
}

impl From<&str> for Endpoint {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for Endpoint {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}

/// An attempt that an endpoint is asked for.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// From 1 on; counted anew once a connection has been stable.
    pub number: u32,
    /// Why there is another attempt: `None` at the first, and after a stable connection only
    /// what ended that one.
    pub failure: Option<Failure>,
    /// The credentials were refused: what was given last time will not do.
    pub refresh: bool,
    /// What [`set_resume_token`](super::Handle::set_resume_token) was told last.
    pub resume_token: Option<String>,
}

/// Without the resume token, which may be a secret.
impl fmt::Debug for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Attempt")
            .field("number", &self.number)
            .field("failure", &self.failure)
            .field("refresh", &self.refresh)
            .finish_non_exhaustive()
    }
}

/// Makes a failure final: trying again is of no use. Found among the sources of an error too.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::{ReconnectingWebSocket, reconnect::{EndCause, Endpoint, GiveUp}};
///
/// let mut socket = ReconnectingWebSocket::with_endpoint(|_attempt| async {
///     Err::<Endpoint, _>(GiveUp::new("the user signed out").into())
/// })
/// .open()?;
/// assert!(matches!(socket.ended().await.cause, EndCause::GivenUp(_)));
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct GiveUp {
    reason: String,
}

impl GiveUp {
    /// For this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

/// Says that the server refused the credentials: new ones are asked for, and if these are refused
/// too the socket ends. For session handshakes, endpoint providers and token sources; found among
/// the sources of an error too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, thiserror::Error)]
#[error("the server refused the credentials")]
pub struct Unauthorized;

/// What an attempt connects with.
pub(crate) struct Offer {
    pub(crate) endpoint: Endpoint,
    pub(crate) token: Option<Carried>,
}

/// A token that an endpoint carries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carried {
    /// Names it where the server refuses it.
    pub(crate) version: u64,
    /// When its life is over, by the first of the clocks that comes there.
    pub(crate) expires_at: Option<Now>,
}

pub(crate) type Provided = Result<Offer, Failure>;

/// A provider, of whatever type. Its code, and that of the traits like it, is reached through `dyn`
/// only, so that in a browser who uses none does not have it.
pub(crate) trait Provide: MaybeSend {
    fn provide(&mut self, request: &Request, resume_token: Option<String>) -> BoxFuture<Provided>;
}

/// A provider that is a function, whatever its future is.
impl<F: FnMut(Attempt) -> BoxFuture<Result<Endpoint, BoxError>> + MaybeSend> Provide for F {
    fn provide(&mut self, request: &Request, resume_token: Option<String>) -> BoxFuture<Provided> {
        let attempt = Attempt {
            number: request.attempt,
            failure: request.failure.clone(),
            refresh: request.refresh,
            resume_token,
        };
        let answer = guarded(|| self(attempt));
        boxed(async move {
            let failed = |error, give_up| Failure::Provider { error, give_up };
            let endpoint = answer.await.map_err(|fault| fault.into_failure(failed))?;
            Ok(Offer { endpoint, token: None })
        })
    }
}

/// Makes a provider of a user's function.
pub(crate) fn from_function<Answer, E>(
    mut function: impl FnMut(Attempt) -> Answer + MaybeSend + 'static,
) -> impl FnMut(Attempt) -> BoxFuture<Result<Endpoint, BoxError>> + MaybeSend + 'static
where
    Answer: Future<Output = Result<E, BoxError>> + MaybeSend + 'static,
    E: Into<Endpoint> + 'static,
{
    move |attempt| {
        let answer = function(attempt);
        boxed(async move { answer.await.map(Into::into) })
    }
}
