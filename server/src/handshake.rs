//! The answer to an upgrade request, right or wrong.

use crate::{
    http::Request,
    script::{Accept, Fault, Protocol},
};

/// An accept key that fits no request.
const WRONG_KEY: &str = "bm90IHRoZSByaWdodCBrZXk=";

/// The answer of RFC 6455 section 4.2.2, with at most one fault, and more headers.
pub(crate) fn answer(request: &Request, accept: &Accept, more: &[(String, String)]) -> String {
    let version = if accept.fault == Some(Fault::Http10) { "HTTP/1.0" } else { "HTTP/1.1" };
    let mut answer = format!("{version} 101 Switching Protocols\r\n");
    let mut header = |name: &str, value: &str| answer += &format!("{name}: {value}\r\n");
    if accept.fault != Some(Fault::NoUpgrade) {
        header("Upgrade", "websocket");
    }
    if accept.fault != Some(Fault::NoConnection) {
        header("Connection", "Upgrade");
    }
    match accept.fault {
        Some(Fault::WrongKey) => header("Sec-WebSocket-Accept", WRONG_KEY),
        _ => header("Sec-WebSocket-Accept", &request.accept_key()),
    }
    let protocol = match &accept.protocol {
        Protocol::None => None,
        Protocol::First => request.offered_protocols().next(),
        Protocol::Named(name) => Some(name.as_str()),
    };
    protocol.into_iter().for_each(|protocol| header("Sec-WebSocket-Protocol", protocol));
    accept.extension.iter().for_each(|extension| header("Sec-WebSocket-Extensions", extension));
    more.iter().for_each(|(name, value)| header(name, value));
    answer + "\r\n"
}
