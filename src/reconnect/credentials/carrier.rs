//! Where in a connection a token travels.

use crate::{
    Message, OpenError,
    address::is_token,
    backend::{Link, Wants},
    reconnect::Endpoint,
};
use std::{fmt, sync::Arc};

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

    pub(super) fn is_supported(&self) -> bool {
        !matches!(self.0, Way::Header { .. })
            || Link::check_support(&Wants { headers: true, ..Wants::default() }).is_ok()
    }

    pub(super) fn put(&self, token: &str, endpoint: &mut Endpoint) -> Result<(), OpenError> {
        match &self.0 {
            Way::Header { name, prefix } => endpoint.offers.header(name.clone(), format!("{prefix}{token}")),
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
                if !endpoint.offers.protocols().contains(&protocol) {
                    endpoint.offers.protocol(protocol);
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
    use crate::reconnect::Token;

    fn put(carrier: &Carrier, url: &str, token: &str) -> Result<Endpoint, OpenError> {
        let mut endpoint = Endpoint::new(url);
        carrier.put(token, &mut endpoint).map(|()| endpoint)
    }

    #[test]
    fn each_carrier_has_its_place() {
        let bearer = put(&Carrier::bearer(), "wss://h/", "t").expect("valid");
        assert_eq!(bearer.offers.headers(), [("Authorization".to_owned(), "Bearer t".to_owned())]);
        let query = put(&Carrier::query("a b"), "wss://h/?x=1", "t/&=é").expect("valid");
        assert_eq!(query.url, "wss://h/?x=1&a%20b=t%2F%26%3D%C3%A9");
        let protocol = put(&Carrier::protocol("token."), "wss://h/", "abc_-").expect("valid");
        assert_eq!(protocol.offers.protocols(), ["token.abc_-"]);
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
