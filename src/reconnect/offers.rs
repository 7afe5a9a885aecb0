//! What an upgrade request has beside its URL.

use crate::{
    OpenError,
    address::{check_header, check_protocols},
};

/// Subprotocols and headers, of the builder or of an endpoint.
///
/// They are checked by a function that is reached only where there are any: programs that give none do not have
/// its code.
#[derive(Clone, Default)]
pub(crate) struct Offers {
    protocols: Vec<String>,
    headers: Vec<(String, String)>,
    check: Option<Check>,
}

type Check = fn(&Offers) -> Result<(), OpenError>;

impl Offers {
    pub(crate) fn protocol(&mut self, protocol: String) {
        self.protocols.push(protocol);
        self.check = Some(check);
    }

    pub(crate) fn header(&mut self, name: String, value: String) {
        self.headers.push((name, value));
        self.check = Some(check);
    }

    pub(crate) fn protocols(&self) -> &[String] {
        &self.protocols
    }

    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// With the others after them.
    pub(crate) fn and(mut self, mut others: Self) -> Self {
        self.protocols.append(&mut others.protocols);
        self.headers.append(&mut others.headers);
        self.check = self.check.or(others.check);
        self
    }

    pub(crate) fn check(&self) -> Result<(), OpenError> {
        self.check.map_or(Ok(()), |check| check(self))
    }

    pub(crate) fn into_parts(self) -> (Vec<String>, Vec<(String, String)>) {
        (self.protocols, self.headers)
    }
}

fn check(offers: &Offers) -> Result<(), OpenError> {
    check_protocols(&offers.protocols)?;
    offers.headers.iter().try_for_each(|(name, value)| check_header(name, value))
}

/// How they are checked is no part of them.
impl PartialEq for Offers {
    fn eq(&self, other: &Self) -> bool {
        (&self.protocols, &self.headers) == (&other.protocols, &other.headers)
    }
}
