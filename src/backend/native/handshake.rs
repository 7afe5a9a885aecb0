//! The opening handshake (RFC 6455 section 4.1; WHATWG WebSockets, "establish a WebSocket
//! connection").
//!
//! tungstenite makes the request and reads the answer's head; the checks are ours, since its
//! own refuse some answers that browsers accept (a list in `Connection`), accept some that
//! they refuse (an extension that was not offered), and keep nothing of a refusal's body.

use super::{
    deflate::{self, Agreement},
    dial::ByteStream,
    failure::network,
};
use crate::{Cause, HandshakeFault, HttpRefusal, OpenEvent, address::Address, backend::Request};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::{
    Error,
    handshake::{
        client::{Response, generate_key, generate_request},
        derive_accept_key,
        machine::TryParse,
    },
    http::{self, HeaderMap, HeaderName, HeaderValue, StatusCode, header},
};

/// The longest head of an answer. Chrome allows 256 KiB.
const HEAD_LIMIT: usize = 256 * 1024;
/// How much of a refusal's body is kept.
const BODY_LIMIT: usize = 16 * 1024;

/// What the server agreed to, and what it sent after its answer already.
#[derive(Debug)]
pub(super) struct Agreed {
    pub(super) opened: OpenEvent,
    pub(super) deflate: Option<Agreement>,
    pub(super) rest: Vec<u8>,
}

pub(super) async fn shake_hands(
    stream: &mut ByteStream,
    address: &Address,
    request: &Request,
) -> Result<Agreed, Cause> {
    agree(stream, address, request, &generate_key()).await
}

pub(super) async fn agree(
    stream: &mut ByteStream,
    address: &Address,
    request: &Request,
    key: &str,
) -> Result<Agreed, Cause> {
    let bytes = request_bytes(address, request, key)?;
    stream.write_all(&bytes).await.map_err(|error| network(&error))?;
    stream.flush().await.map_err(|error| network(&error))?;

    let (response, rest) = read_head(stream).await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(Cause::Http(refusal(stream, &response, rest).await));
    }
    let (opened, deflate) = check(response.headers(), &derive_accept_key(key.as_bytes()), request)?;
    Ok(Agreed { opened, deflate, rest })
}

fn request_bytes(address: &Address, request: &Request, key: &str) -> Result<Vec<u8>, Cause> {
    build_request(address, request, key)
        .map_err(Error::from)
        .and_then(generate_request)
        .map(|(bytes, _key)| bytes)
        .map_err(|error| Cause::Network { kind: std::io::ErrorKind::InvalidInput, reason: error.to_string() })
}

fn build_request(address: &Address, request: &Request, key: &str) -> Result<http::Request<()>, http::Error> {
    let url = address.parts();
    let mut builder = http::Request::builder()
        .uri(url.target)
        .header(header::HOST, url.authority)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, key);
    if !request.protocols.is_empty() {
        builder = builder.header(header::SEC_WEBSOCKET_PROTOCOL, request.protocols.join(", "));
    }
    if let Some(offer) = deflate::offered(request) {
        builder = builder.header(header::SEC_WEBSOCKET_EXTENSIONS, offer);
    }
    for (name, value) in &request.headers {
        let mut value = HeaderValue::from_bytes(value.as_bytes())?;
        value.set_sensitive(true);
        builder = builder.header(HeaderName::from_bytes(name.as_bytes())?, value);
    }
    builder.body(())
}

/// Reads the answer's head, and whatever came with it.
async fn read_head(stream: &mut ByteStream) -> Result<(Response, Vec<u8>), Cause> {
    let mut buffer = Vec::with_capacity(1024);
    // where the end of the head may be looked for: what was searched need not be again
    let mut searched = 0;
    loop {
        let count = stream.read_buf(&mut buffer).await.map_err(|error| network(&error))?;
        if count == 0 {
            return Err(HandshakeFault::Incomplete.into());
        }
        let ended = buffer[searched..].windows(2).any(|pair| pair == b"\n\n" || pair == b"\n\r");
        // an answer that is not HTTP shows early, and never ends as a head does
        if ended || searched == 0 {
            match Response::try_parse(&buffer) {
                Ok(Some((length, response))) => return Ok((response, buffer.split_off(length))),
                Ok(None) => {}
                Err(error) => return Err(HandshakeFault::NotHttp { reason: error.to_string() }.into()),
            }
        }
        searched = buffer.len().saturating_sub(2).max(1);
        if buffer.len() > HEAD_LIMIT {
            return Err(HandshakeFault::TooLong { limit: HEAD_LIMIT }.into());
        }
    }
}

/// Keeps an answer other than 101, with its body as far as its length is told and small.
async fn refusal(stream: &mut ByteStream, response: &Response, mut body: Vec<u8>) -> HttpRefusal {
    let length = response.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()).and_then(|value| value.parse::<usize>().ok());
    let wanted = length.unwrap_or(body.len()).min(BODY_LIMIT);
    while body.len() < wanted {
        // an answer cut short is told as far as it came
        if !matches!(stream.read_buf(&mut body).await, Ok(count) if count > 0) {
            break;
        }
    }
    body.truncate(wanted);
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    HttpRefusal::new(response.status().as_u16(), headers.collect(), Bytes::from(body))
}

/// The client's checks of a 101 answer.
fn check(
    headers: &HeaderMap,
    accept_key: &str,
    request: &Request,
) -> Result<(OpenEvent, Option<Agreement>), HandshakeFault> {
    let offered = &request.protocols;
    if !lists(headers, &header::UPGRADE, "websocket") {
        return Err(HandshakeFault::MissingUpgrade);
    }
    if !lists(headers, &header::CONNECTION, "upgrade") {
        return Err(HandshakeFault::MissingConnection);
    }
    if headers.get(header::SEC_WEBSOCKET_ACCEPT).is_none_or(|key| key != accept_key) {
        return Err(HandshakeFault::WrongAcceptKey);
    }
    let extensions = joined(headers, &header::SEC_WEBSOCKET_EXTENSIONS).unwrap_or_default();
    let deflate = deflate::agreed(&extensions, request)?;
    match joined(headers, &header::SEC_WEBSOCKET_PROTOCOL) {
        Some(protocol) if !offered.contains(&protocol) => Err(HandshakeFault::UnofferedProtocol { protocol }),
        None if !offered.is_empty() => Err(HandshakeFault::NoProtocolChosen),
        protocol => Ok((OpenEvent { protocol: protocol.unwrap_or_default(), extensions }, deflate)),
    }
}

/// Whether one of a header's comma-separated tokens is this one, in whatever case.
fn lists(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(token))
}

/// A header's values in one line; `None` if it is absent or empty.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values = headers.get_all(name).into_iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let line = values.map(|value| value.trim().to_owned()).collect::<Vec<_>>().join(", ");
    Some(line).filter(|line| !line.is_empty())
}
