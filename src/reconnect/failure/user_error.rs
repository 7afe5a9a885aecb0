//! Errors of the application's functions, kept whole.

use crate::reconnect::endpoint::BoxError;
use std::{error::Error, fmt, iter::successors, ops::Deref, sync::Arc};

/// What a function of the application's (an endpoint provider, a token source, a session handshake)
/// failed with: the error that it returned, or the words of its panic.
///
/// It dereferences to that error, whose text it shows; `{:#}` shows the texts of its sources too.
/// Cheap to clone. Two are equal if they are the same occurrence.
///
/// ```
/// # eversocket_server::doctest!(async |_: String| {
/// use eversocket::{ReconnectingWebSocket, reconnect::{Credentials, EndCause, Failure, GiveUp, Token}};
///
/// let credentials = Credentials::new(|_why| async { Err::<Token, _>(GiveUp::new("signed out").into()) })
///     .carry(eversocket::reconnect::Carrier::query("access_token"));
/// let mut socket = ReconnectingWebSocket::builder("wss://example.com/").credentials(credentials).open()?;
/// let EndCause::GivenUp(Failure::Credentials { error, .. }) = socket.ended().await.cause else { panic!() };
/// assert_eq!(error.find::<GiveUp>(), Some(&GiveUp::new("signed out")));
/// # Ok(()) });
/// ```
#[derive(Clone)]
pub struct UserError(Arc<dyn Error + Send + Sync>);

impl UserError {
    /// Of an error.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(Arc::from(error.into()))
    }

    /// The first error of a type among this one and its sources.
    pub fn find<E: Error + 'static>(&self) -> Option<&E> {
        self.chain().find_map(|error| error.downcast_ref())
    }

    fn chain(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let first: &(dyn Error + 'static) = &*self.0;
        successors(Some(first), |&error| error.source())
    }
}

impl Deref for UserError {
    type Target = dyn Error + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl PartialEq for UserError {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Display for UserError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        if formatter.alternate() {
            self.chain().skip(1).try_for_each(|error| write!(formatter, ": {error}"))?;
        }
        Ok(())
    }
}

impl fmt::Debug for UserError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}
