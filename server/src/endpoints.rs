//! What is served at which path.

use crate::{
    apart,
    connection::{Connection, Received},
    frame::{Header, PONG, TEXT},
    gates::Refusal,
    guarded,
    http::Request,
    interjections::Interjections,
    pairs, plain,
    record::Record,
    rooms, rpc,
    script::{self, Accept, Protocol, Step},
    server::Shared,
    session::Session,
    stream,
    transport::Transport,
};
use bytes::BytesMut;
use std::{io, pin::pin, sync::Arc};

/// Serves a connection; a refusal is what each request to upgrade is answered.
pub(crate) async fn serve(
    mut transport: Box<dyn Transport>,
    shared: &Arc<Shared>,
    refusal: Option<Refusal>,
    interjections: Interjections,
) {
    let mut input = BytesMut::with_capacity(4096);
    let Some(request) = Request::read(&mut *transport, &mut input).await else { return };
    let mut connection = Connection::new(transport, input, interjections);
    if let Some(Refusal { status, header }) = refusal.filter(|_| request.is_upgrade()) {
        let steps = header.map(|(name, value)| Step::Header(name, value));
        let steps: Vec<Step> = steps.into_iter().chain([Step::Http(status, format!("status {status}"))]).collect();
        return Session::new(&mut connection, &request).run(&steps).await;
    }
    match (request.path(), request.is_upgrade()) {
        ("/echo", true) => echo(connection, &request, shared).await,
        ("/script", true) => run_script(connection, &request, shared).await,
        ("/record" | "/wait-open-sockets", true) => tell(connection, &request, shared).await,
        ("/open-sockets", true) => {
            talk(connection, &request, |_| shared.open_sockets.number().to_string()).await;
        }
        ("/apart", true) => apart::serve(connection, &request, shared).await,
        ("/pair", true) => pairs::serve(connection, &request, shared).await,
        ("/room", true) => rooms::serve(connection, &request, shared).await,
        ("/rpc", true) => rpc::serve(connection, &request, shared).await,
        ("/stream", true) => stream::serve(connection, &request, shared).await,
        ("/guarded", true) => guarded::serve(connection, &request, shared).await,
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
            let answer = plain::answer(path, &request, shared).await;
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
    let mut session = Session::new(&mut connection, request).counted_in(&shared.open_sockets);
    if let Some(id) = &id {
        session = session.told_of_in(&shared.records, id);
    }
    session.run(&steps).await;
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
    let steps = told.map(|text| [Step::text(&text), Step::close(1000)]);
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
    while let Ok(Some((opcode, payload))) = session.next_message().await {
        if opcode == TEXT {
            let reply = answer(&String::from_utf8_lossy(&payload));
            if session.connection.send(Header::whole(TEXT), reply.as_bytes()).await.is_err() {
                return;
            }
        }
    }
    session.run(&[]).await;
}

async fn pong(connection: &mut Connection, payload: &[u8]) -> io::Result<()> {
    connection.send(Header::whole(PONG), payload).await
}
