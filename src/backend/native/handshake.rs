//! The opening handshake (RFC 6455 section 4.1; WHATWG WebSockets, "establish a WebSocket
//! connection").
//!
//! tungstenite makes the request; the answer is read and checked by us, since its own checks refuse some
//! answers that browsers accept (a list in `Connection`, another answer before it), accept some that
//! they refuse (an extension that was not offered), and keep nothing of a refusal's body.

use super::{
    answer::{Head, RAW_BODY_LIMIT},
    deflate::{self, Agreement},
    dial::ByteStream,
    failure::network,
};
use crate::{
    Cause, HandshakeFault, HttpRefusal, OpenEvent,
    address::{Address, percent_decoded},
    backend::Request,
};
use bytes::Bytes;
use data_encoding::BASE64;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::{
    Error,
    handshake::{
        client::{generate_key, generate_request},
        derive_accept_key,
    },
    http::{self, HeaderName, HeaderValue, header},
};

/// The longest head of an answer. Chrome allows 256 KiB.
const HEAD_LIMIT: usize = 256 * 1024;

/// What the server agreed to, and what it sent after its answer already.
#[derive(Debug)]
pub(super) struct Agreed {
    pub(super) opened: OpenEvent,
    pub(super) deflate: Option<Agreement>,
    pub(super) rest: Vec<u8>,
}

/// What came of the request.
#[derive(Debug)]
pub(super) enum Answer {
    Agreed(Agreed),
    /// With what came after its head already; see [`refusal`].
    Refused {
        head: Head,
        rest: Vec<u8>,
    },
}

pub(super) async fn shake_hands(
    stream: &mut ByteStream,
    address: &Address,
    request: &Request,
) -> Result<Answer, Cause> {
    agree(stream, address, request, &generate_key()).await
}

pub(super) async fn agree(
    stream: &mut ByteStream,
    address: &Address,
    request: &Request,
    key: &str,
) -> Result<Answer, Cause> {
    let bytes = request_bytes(address, request, key)?;
    stream.write_all(&bytes).await.map_err(|error| network(&error))?;
    stream.flush().await.map_err(|error| network(&error))?;

    let (head, rest) = read_head(stream).await?;
    if head.status != 101 {
        return Ok(Answer::Refused { head, rest });
    }
    if head.is_old {
        return Err(HandshakeFault::NotHttp { reason: "101 by HTTP/1.0".to_owned() }.into());
    }
    let (opened, deflate) = check(&head, &derive_accept_key(key.as_bytes()), request)?;
    Ok(Answer::Agreed(Agreed { opened, deflate, rest }))
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
    let is_authorized = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    if let Some(credentials) = url.credentials.filter(|_| !is_authorized) {
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        let credentials = format!("{}:{}", percent_decoded(user), percent_decoded(password));
        let mut value = HeaderValue::from_bytes(format!("Basic {}", BASE64.encode(credentials.as_bytes())).as_bytes())?;
        value.set_sensitive(true);
        builder = builder.header(header::AUTHORIZATION, value);
    }
    for (name, value) in &request.headers {
        let mut value = HeaderValue::from_bytes(value.as_bytes())?;
        value.set_sensitive(true);
        builder = builder.header(HeaderName::from_bytes(name.as_bytes())?, value);
    }
    builder.body(())
}

/// Reads the last answer's head, and whatever came with it.
async fn read_head(stream: &mut ByteStream) -> Result<(Head, Vec<u8>), Cause> {
    let mut buffer = Vec::with_capacity(1024);
    // where the end of the head may be looked for: what was searched need not be again
    let mut searched = 0;
    // what those before it have had
    let mut passed = 0;
    loop {
        let count = stream.read_buf(&mut buffer).await.map_err(|error| network(&error))?;
        if count == 0 {
            return Err(HandshakeFault::Incomplete.into());
        }
        // an answer that is not HTTP shows early, and never ends as a head does
        while searched == 0 || buffer[searched..].windows(2).any(|pair| pair == b"\n\n" || pair == b"\n\r") {
            match Head::parse(&buffer) {
                Ok(Some((head, length))) => {
                    let rest = buffer.split_off(length);
                    if !head.is_interim() {
                        return Ok((head, rest));
                    }
                    passed += length;
                    (buffer, searched) = (rest, 0);
                    if buffer.is_empty() {
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) => return Err(HandshakeFault::NotHttp { reason: error.to_string() }.into()),
            }
        }
        searched = if buffer.is_empty() { 0 } else { buffer.len().saturating_sub(2).max(1) };
        if passed + buffer.len() > HEAD_LIMIT {
            return Err(HandshakeFault::TooLong { limit: HEAD_LIMIT }.into());
        }
    }
}

/// What is told of an answer other than 101: its body too, as far as that comes soon.
pub(super) async fn refusal(stream: &mut ByteStream, head: Head, mut rest: Vec<u8>, within: Duration) -> HttpRefusal {
    let reading = async {
        while !head.body(&rest).1 && rest.len() < RAW_BODY_LIMIT {
            // one that is cut short is told as far as it came
            if !matches!(stream.read_buf(&mut rest).await, Ok(count) if count > 0) {
                break;
            }
        }
    };
    let _late = tokio::time::timeout(within, reading).await;
    let (body, _) = head.body(&rest);
    HttpRefusal::new(head.status, head.into_headers(), Bytes::from(body))
}

/// The client's checks of a 101 answer.
fn check(head: &Head, accept_key: &str, request: &Request) -> Result<(OpenEvent, Option<Agreement>), HandshakeFault> {
    let offered = &request.protocols;
    // one value alone (RFC 6455 section 4.1), as Chromium has it
    if !head.joined("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket")) {
        return Err(HandshakeFault::MissingUpgrade);
    }
    if !head
        .all("connection")
        .flat_map(|value| value.split(','))
        .any(|part| part.trim().eq_ignore_ascii_case("upgrade"))
    {
        return Err(HandshakeFault::MissingConnection);
    }
    // which may come once (RFC 6455 section 11.3.3)
    if head.joined("sec-websocket-accept").is_none_or(|key| key != accept_key) {
        return Err(HandshakeFault::WrongAcceptKey);
    }
    let extensions = head.joined("sec-websocket-extensions");
    let deflate = deflate::agreed(extensions.as_deref(), request).map_err(|fault| match fault {
        HandshakeFault::UnofferedExtension { extension } => {
            HandshakeFault::UnofferedExtension { extension: without_offers(&extension, offered) }
        }
        HandshakeFault::UnfitExtension { extension } => {
            HandshakeFault::UnfitExtension { extension: without_offers(&extension, offered) }
        }
        fault => fault,
    })?;
    match head.joined("sec-websocket-protocol") {
        Some(protocol) if !offered.contains(&protocol) => {
            Err(HandshakeFault::UnofferedProtocol { protocol: without_offers(&protocol, offered) })
        }
        None if !offered.is_empty() => Err(HandshakeFault::NoProtocolChosen),
        protocol => {
            let (protocol, extensions) = (protocol.unwrap_or_default(), extensions.unwrap_or_default());
            Ok((OpenEvent { protocol, extensions }, deflate))
        }
    }
}

/// What a server chose, without what was offered: a token may be among that, and a server send it back, or a part.
fn without_offers(chosen: &str, offered: &[String]) -> String {
    // what is shared of this length may be a secret's; what is longer than that is not shown
    const TELLING: usize = 6;
    const SHOWN: usize = 200;
    let offers: Vec<String> = offered.iter().map(|offer| offer.to_ascii_lowercase()).collect();
    let shares = |part: &str| {
        let part = part.to_ascii_lowercase();
        let has_piece_of = |offer: &str| {
            let mut pieces = part.as_bytes().windows(TELLING).filter_map(|piece| std::str::from_utf8(piece).ok());
            pieces.any(|piece| offer.contains(piece))
        };
        let is_shared = |offer: &String| part.contains(offer) || offer.contains(&part) || has_piece_of(offer);
        part.len() > SHOWN || offers.iter().any(is_shared)
    };
    let parts = chosen.split(',').map(str::trim);
    parts.map(|part| if !part.is_empty() && shares(part) { "…" } else { part }).collect::<Vec<_>>().join(", ")
}
