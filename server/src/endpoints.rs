//! What is served at which path.

use crate::{
    connection::{Connection, Received},
    frame::{Header, TEXT},
    http::{self, Request},
    script::{self, Accept, Protocol, Step},
    server::Shared,
    session::Session,
    transport::Transport,
};
use bytes::BytesMut;
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::watch;

/// How long somebody waits for a number of open sockets.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn serve(mut transport: Box<dyn Transport>, shared: &Arc<Shared>) {
    let mut input = BytesMut::with_capacity(4096);
    let Some(request) = Request::read(&mut *transport, &mut input).await else { return };
    let mut connection = Connection::new(transport, input);
    match (request.path(), request.is_upgrade()) {
        ("/echo", true) => echo(&mut connection, &request, shared).await,
        ("/script", true) => run_script(&mut connection, &request, shared).await,
        ("/record" | "/wait-started" | "/wait-open-sockets", true) => {
            let text = answer_once(&request, shared).await;
            talk(&mut connection, &request, Some(text), |_| None).await;
        }
        ("/open-sockets", true) => {
            let count = |_: &str| Some(shared.open_sockets.borrow().to_string());
            talk(&mut connection, &request, None, count).await;
        }
        ("/traces", true) => {
            let keep = |trace: &str| {
                let seed = request.parameter("seed").and_then(|seed| seed.parse().ok()).unwrap_or_default();
                shared.records.keep_trace(&request.parameter("target").unwrap_or_default(), seed, trace.to_owned());
                Some("stored".to_owned())
            };
            talk(&mut connection, &request, None, keep).await;
        }
        (path, _) => {
            let answer = plain(path, &request, shared).await;
            // a client that is gone needs no answer
            let _gone = connection.write(&answer).await;
            connection.shut_down().await;
        }
    }
}

async fn echo(connection: &mut Connection, request: &Request, shared: &Shared) {
    let _open = OpenSocket::count(&shared.open_sockets);
    let accept = Step::Accept(Accept { protocol: Protocol::First, ..Accept::default() });
    let mut session = Session::new(connection, request);
    session.run(&[accept, Step::Echo(None)]).await;
}

async fn run_script(connection: &mut Connection, request: &Request, shared: &Shared) {
    let id = request.parameter("id").unwrap_or_default();
    shared.records.begin(&id);
    let _open = OpenSocket::count(&shared.open_sockets);
    connection.record.push(format!("request {}", request.target));
    connection.record.extend(request.headers.iter().map(|(name, value)| format!("header {name}: {value}")));
    let steps = script::parse(&request.parameter("do").unwrap_or_default()).unwrap_or_else(|error| {
        connection.record.push(format!("step-error {error}"));
        vec![Step::Http(400, error)]
    });
    Session::new(connection, request).run(&steps).await;
    shared.records.finish(&id, connection.record.join("\n"));
}

async fn answer_once(request: &Request, shared: &Shared) -> String {
    let id = request.parameter("id").unwrap_or_default();
    match request.path() {
        "/record" => shared.records.finished(&id).await.unwrap_or_else(|| "missing".to_owned()),
        "/wait-started" => if shared.records.begun(&id).await { "started" } else { "missing" }.to_owned(),
        _ => {
            let wanted = request.parameter("count").and_then(|count| count.parse().ok()).unwrap_or(0);
            let mut open = shared.open_sockets.subscribe();
            // told as it is when it never becomes what was wanted
            let reached = tokio::time::timeout(PATIENCE, open.wait_for(|count| *count == wanted)).await.is_ok();
            if reached { wanted } else { *shared.open_sockets.borrow() }.to_string()
        }
    }
}

/// Accepts, perhaps says something and closes, else answers each text until the client closes.
async fn talk(
    connection: &mut Connection,
    request: &Request,
    opening: Option<String>,
    answer: impl Fn(&str) -> Option<String>,
) {
    let mut steps = vec![Step::Accept(Accept::default())];
    if let Some(text) = opening {
        steps.push(Step::Frame(Header::whole(TEXT), text.into_bytes()));
        steps.push(Step::Frame(Header::whole(crate::frame::CLOSE), 1000_u16.to_be_bytes().to_vec()));
        return Session::new(connection, request).run(&steps).await;
    }
    let mut session = Session::new(connection, request);
    if session.begin().await.is_err() {
        return;
    }
    while let Some(received) = session.connection.receive().await {
        let reply = match received {
            Received::Message(_, payload) => answer(&String::from_utf8_lossy(&payload)),
            Received::Close => break,
            Received::Ping(_) | Received::Pong => None,
        };
        if let Some(reply) = reply
            && session.connection.send(Header::whole(TEXT), reply.as_bytes()).await.is_err()
        {
            return;
        }
    }
    session.run(&[]).await;
}

/// Counts a connection as open for as long as it lives.
struct OpenSocket<'a>(&'a watch::Sender<usize>);

impl<'a> OpenSocket<'a> {
    fn count(open: &'a watch::Sender<usize>) -> Self {
        open.send_modify(|count| *count += 1);
        Self(open)
    }
}

impl Drop for OpenSocket<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

async fn plain(path: &str, request: &Request, shared: &Shared) -> Vec<u8> {
    let text = |status, body: &str| http::answer(status, &[], "text/plain; charset=utf-8", body.as_bytes());
    match path {
        "/traces-of" => text(200, &shared.records.traces(&request.parameter("target").unwrap_or_default())),
        "/echo" | "/script" | "/record" | "/traces" | "/open-sockets" | "/wait-started" | "/wait-open-sockets" => {
            text(426, "this path speaks WebSocket")
        }
        _ => match file(path, shared).await {
            Some((content_type, body)) => http::answer(200, &[], content_type, &body),
            None => text(404, "nothing here"),
        },
    }
}

/// A file below the folder that is served; no part of the path may lead out of it.
async fn file(path: &str, shared: &Shared) -> Option<(&'static str, Vec<u8>)> {
    let path = if path == "/" { "/index.html" } else { path };
    let path = http::decode(path.trim_start_matches('/'));
    let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    if !path.split('/').all(is_plain) {
        return None;
    }
    let body = tokio::fs::read(shared.www.as_ref()?.join(&path)).await.ok()?;
    let content_type = match Path::new(&path).extension()?.to_str()? {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => "application/octet-stream",
    };
    Some((content_type, body))
}
