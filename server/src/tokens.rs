//! Tokens by name: which is valid, how often it was issued.

use crate::{http::Request, newest::Newest};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many names are kept, the newest.
const KEPT: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Tokens(Mutex<Newest<String, Token>>);

#[derive(Debug, Default)]
struct Token {
    valid: Option<String>,
    issued: u64,
    /// Whom it let in.
    revoked: watch::Sender<()>,
}

impl Tokens {
    pub(crate) fn none() -> Self {
        Self(Mutex::new(Newest::at_most(KEPT)))
    }

    fn lock(&self) -> MutexGuard<'_, Newest<String, Token>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// If the token is valid, what changes when it is revoked.
    pub(crate) fn check(&self, name: &str, value: &str) -> Option<watch::Receiver<()>> {
        let tokens = self.lock();
        let token = tokens.get(name).filter(|token| token.valid.as_deref() == Some(value))?;
        Some(token.revoked.subscribe())
    }

    /// Status and text for a request below `/token/`; `None` if there is no such path.
    pub(crate) fn answer(&self, request: &Request) -> Option<(u16, String)> {
        let parameter = |name| request.parameter(name).unwrap_or_default();
        let (name, value) = (parameter("name"), request.parameter("value"));
        let mut tokens = self.lock();
        Some(match request.path() {
            "/token/set" | "/token/revoke" if value.is_none() => (400, "the parameter `value` is missing".to_owned()),
            "/token/set" => {
                tokens.entry(&name).valid = value;
                (200, "set".to_owned())
            }
            "/token/revoke" => {
                let token = tokens.entry(&name);
                token.valid = value;
                token.revoked.send_replace(());
                (200, "revoked".to_owned())
            }
            "/token/issue" => match tokens.get_mut(&name) {
                Some(Token { valid: Some(valid), issued, .. }) => {
                    *issued += 1;
                    (200, valid.clone())
                }
                _ => (404, format!("there is no token `{}`", name.escape_debug())),
            },
            "/token/issued" => (200, tokens.get(&name).map_or(0, |token| token.issued).to_string()),
            _ => return None,
        })
    }
}
