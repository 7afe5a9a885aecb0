//! Plain requests: texts for anybody, and files.

use crate::{
    files, gates,
    http::{self, Request},
    server::Shared,
};
use std::sync::Arc;

/// The paths that speak WebSocket.
const SOCKETS: [&str; 12] = [
    "/echo",
    "/script",
    "/record",
    "/open-sockets",
    "/wait-open-sockets",
    "/traces",
    "/apart",
    "/pair",
    "/room",
    "/rpc",
    "/stream",
    "/guarded",
];

pub(crate) async fn answer(path: &str, request: &Request, shared: &Arc<Shared>) -> Vec<u8> {
    // tests' pages come from another port
    let open = [("Access-Control-Allow-Origin".to_owned(), "*".to_owned())];
    let text = |status, body: &str| http::answer(status, &open, "text/plain; charset=utf-8", body.as_bytes());
    if SOCKETS.contains(&path) {
        let headers = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        return http::answer(426, &headers, "text/plain; charset=utf-8", b"this path speaks WebSocket");
    }
    if request.method != "GET" {
        return text(405, "only GET is served");
    }
    if let Some((status, body)) = told(path, request, shared).await {
        return text(status, &body);
    }
    let Some(folder) = &shared.www else { return text(404, "nothing here") };
    match files::read(folder, path).await {
        Some((content_type, content)) => http::answer(200, &[], content_type, &content),
        None => text(404, "nothing here"),
    }
}

/// Status and text of a path that is no file.
async fn told(path: &str, request: &Request, shared: &Arc<Shared>) -> Option<(u16, String)> {
    let parameter = |name| request.parameter(name).unwrap_or_default();
    Some(match path {
        // no WebSocket: a browser opens none while the awaited one hangs
        "/wait-started" => {
            let started = shared.records.begun(&parameter("id")).await;
            (200, if started { "started" } else { "missing" }.to_owned())
        }
        "/wait-held-back" => {
            let sent = shared.records.held_back(&parameter("id")).await;
            (200, sent.map_or_else(|| "missing".to_owned(), |sent| sent.to_string()))
        }
        "/authority" => (200, shared.identity.authority.clone()),
        "/traces-of" => (200, shared.records.traces(&parameter("target"))),
        "/stream-record" => {
            let lines = parameter("wait").parse().unwrap_or_default();
            (200, shared.stream_records.read(&parameter("id"), lines).await)
        }
        _ if path.starts_with("/apart/") => return shared.applications.answer(request).await,
        _ if path.starts_with("/token/") => return shared.tokens.answer(request),
        _ => return gates::answer(request, shared).await,
    })
}
