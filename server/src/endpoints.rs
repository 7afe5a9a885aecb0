//! What is served at which path.

use crate::{
    connection::{Connection, Received},
    files,
    frame::{CLOSE, Header, PONG, TEXT},
    http::{self, Request},
    record::Record,
    script::{self, Accept, Protocol, Step},
    server::Shared,
    session::Session,
    transport::Transport,
};
use bytes::BytesMut;
use std::{io, pin::pin};

/// The paths that speak WebSocket.
const SOCKETS: [&str; 6] = ["/echo", "/script", "/record", "/open-sockets", "/wait-open-sockets", "/traces"];

pub(crate) async fn serve(mut transport: Box<dyn Transport>, shared: &Shared) {
    let mut input = BytesMut::with_capacity(4096);
    let Some(request) = Request::read(&mut *transport, &mut input).await else { return };
    let mut connection = Connection::new(transport, input);
    match (request.path(), request.is_upgrade()) {
        ("/echo", true) => echo(connection, &request, shared).await,
        ("/script", true) => run_script(connection, &request, shared).await,
        ("/record" | "/wait-open-sockets", true) => tell(connection, &request, shared).await,
        ("/open-sockets", true) => {
            talk(connection, &request, |_| shared.open_sockets.number().to_string()).await;
        }
        ("/traces", true) => {
            let target = request.parameter("target").unwrap_or_default();
            let seed = request.parameter("seed").and_then(|seed| seed.parse().ok()).unwrap_or_default();
            let keep = |trace: &str| {
                shared.records.keep_trace(&target, seed, trace.to_owned());
                "stored".to_owned()
            };
            talk(connection, &request, keep).await;
        }
        (path, _) => {
            let answer = plain(path, &request, shared).await;
            // a client that is gone needs no answer
            let _gone = connection.write(&answer).await;
            connection.shut_down().await;
        }
    }
}

async fn echo(mut connection: Connection, request: &Request, shared: &Shared) {
    let _counted = shared.echo_sockets.add();
    let accept = Step::Accept(Accept { protocol: Protocol::First, ..Accept::default() });
    let mut session = Session::new(&mut connection, request).counted_in(&shared.open_sockets);
    session.run(&[accept, Step::Echo(None)]).await;
}

async fn run_script(mut connection: Connection, request: &Request, shared: &Shared) {
    let id = request.parameter("id");
    if let Some(id) = &id {
        shared.records.begin(id);
    }
    connection.record = Record::kept();
    connection.record.line(format!("request {}", request.target));
    for (name, value) in &request.headers {
        connection.record.line(format!("header {name}: {value}"));
    }
    let steps = script::parse(&request.parameter("do").unwrap_or_default()).unwrap_or_else(|error| {
        connection.record.line(format!("step-error {error}"));
        vec![Step::Http(400, error.to_string())]
    });
    Session::new(&mut connection, request).counted_in(&shared.open_sockets).run(&steps).await;
    // the connection is gone before anybody can learn that it is
    let record = connection.into_record();
    if let Some(id) = &id {
        shared.records.finish(id, record.into_text());
    }
}

/// Accepts, says one thing when it is known, and closes.
async fn tell(mut connection: Connection, request: &Request, shared: &Shared) {
    let mut session = Session::new(&mut connection, request);
    // at once: a browser opens one connection to a host after the other, and what is waited for
    // may be the next
    if session.accept(&Accept::default()).await.is_err() {
        return;
    }
    let mut answer = pin!(answer(request, shared));
    let told = loop {
        tokio::select! {
            text = &mut answer => break Some(text),
            received = session.connection.receive() => match received {
                Some(Received::Ping(payload)) if pong(session.connection, &payload).await.is_ok() => {}
                Some(Received::Message(..) | Received::Pong) => {}
                Some(Received::Ping(_) | Received::Close) | None => break None,
            },
        }
    };
    let steps = told.map(|text| {
        let close = Step::Frame(Header::whole(CLOSE), 1000_u16.to_be_bytes().to_vec());
        [Step::Frame(Header::whole(TEXT), text.into_bytes()), close]
    });
    session.run(steps.as_ref().map_or(&[], |steps| steps)).await;
}

async fn answer(request: &Request, shared: &Shared) -> String {
    let id = request.parameter("id").unwrap_or_default();
    if request.path() == "/record" {
        return shared.records.finished(&id).await.unwrap_or_else(|| "missing".to_owned());
    }
    let wanted = request.parameter("count").and_then(|count| count.parse().ok()).unwrap_or_default();
    let sockets = match request.parameter("of").as_deref() {
        Some("echo") => &shared.echo_sockets,
        _ => &shared.open_sockets,
    };
    sockets.wait_for(wanted).await.to_string()
}

/// Accepts, and answers each text until the client closes.
async fn talk(mut connection: Connection, request: &Request, answer: impl Fn(&str) -> String) {
    let mut session = Session::new(&mut connection, request);
    if session.accept(&Accept::default()).await.is_err() {
        return;
    }
    while let Some(received) = session.connection.receive().await {
        let replied = match received {
            Received::Message(TEXT, payload) => {
                let reply = answer(&String::from_utf8_lossy(&payload));
                session.connection.send(Header::whole(TEXT), reply.as_bytes()).await
            }
            Received::Ping(payload) => pong(session.connection, &payload).await,
            Received::Message(..) | Received::Pong => Ok(()),
            Received::Close => break,
        };
        if replied.is_err() {
            return;
        }
    }
    session.run(&[]).await;
}

async fn pong(connection: &mut Connection, payload: &[u8]) -> io::Result<()> {
    connection.send(Header::whole(PONG), payload).await
}

async fn plain(path: &str, request: &Request, shared: &Shared) -> Vec<u8> {
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
    if path == "/wait-started" {
        // no WebSocket: a browser opens none while the awaited one hangs
        let started = shared.records.begun(&request.parameter("id").unwrap_or_default()).await;
        return text(200, if started { "started" } else { "missing" });
    }
    if path == "/traces-of" {
        return text(200, &shared.records.traces(&request.parameter("target").unwrap_or_default()));
    }
    let Some(folder) = &shared.www else { return text(404, "nothing here") };
    match files::read(folder, path).await {
        Some((content_type, content)) => http::answer(200, &[], content_type, &content),
        None => text(404, "nothing here"),
    }
}
