//! Listeners that clients stop, start and misconfigure.

use crate::support::{Socket, ask, fetch, get, next, open, send, start, try_open};
use eversocket_server::Server;
use futures::StreamExt;
use std::{
    io::ErrorKind,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::tungstenite::{Error, Message};

/// Long enough for what should not come to come.
const A_WHILE: Duration = Duration::from_millis(100);

struct Gate<'a> {
    server: &'a Server,
    address: SocketAddr,
}

impl<'a> Gate<'a> {
    async fn new(server: &'a Server) -> Self {
        let port = get(server, "/gate/new").await.parse().expect("a port");
        Self { server, address: SocketAddr::new(server.address().ip(), port) }
    }

    async fn order(&self, action: &str, more: &str) -> String {
        get(self.server, &format!("/gate/{action}?port={}{more}", self.address.port())).await
    }

    async fn dial(&self, path: &str) -> Result<Socket, Error> {
        try_open(self.address, path, "").await.map(|(socket, _)| socket)
    }

    async fn open(&self, path: &str) -> Socket {
        self.dial(path).await.expect("it accepts")
    }
}

async fn expect_echo(socket: &mut Socket, text: &str) {
    send(socket, text).await;
    assert_eq!(next(socket).await, Message::text(text));
}

/// How a connection ended, from below.
async fn end(mut stream: TcpStream) -> Result<Vec<u8>, ErrorKind> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.map(|_| bytes).map_err(|error| error.kind())
}

fn below(socket: Socket) -> TcpStream {
    socket.into_inner()
}

#[tokio::test]
async fn a_stopped_gate_resets_and_refuses_until_it_is_started() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    for _ in 0..20 {
        let (mut one, two) = (gate.open("/echo").await, gate.open("/script?do=accept;stop-reading").await);
        expect_echo(&mut one, "hi").await;
        assert_eq!(server.open_sockets(), 2);
        assert_eq!(gate.order("stop", "").await, "stopped");
        assert_eq!(server.open_sockets(), 0, "nobody serves them any more");
        for socket in [one, two] {
            assert_eq!(end(below(socket)).await, Err(ErrorKind::ConnectionReset));
        }
        let refused = TcpStream::connect(gate.address).await.expect_err("nobody listens");
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(gate.order("start", "").await, "started");
    }
    assert_eq!(gate.order("start", "").await, "started", "again is as well");
    expect_echo(&mut gate.open("/echo").await, "back").await;
}

#[tokio::test]
async fn a_gate_shares_what_the_server_keeps() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    let other = Gate::new(&server).await;
    let mut socket = gate.open("/script?id=a&do=text:hi;expect:2").await;
    assert_eq!(next(&mut socket).await, Message::text("hi"));
    send(&mut socket, "heard").await;
    assert_eq!(other.order("stop", "").await, "stopped");
    assert_eq!(gate.order("drop", "").await, "dropped");
    assert!(ask(&server, "/record?id=a").await.ends_with("\ntext heard\nreset"));
}

#[tokio::test]
async fn a_drop_spares_the_listener() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    let mut socket = gate.open("/echo").await;
    expect_echo(&mut socket, "hi").await;
    assert_eq!(gate.order("drop", "").await, "dropped");
    assert_eq!(server.open_sockets(), 0);
    assert_eq!(end(below(socket)).await, Err(ErrorKind::ConnectionReset));
    expect_echo(&mut gate.open("/echo").await, "again").await;
}

#[tokio::test]
async fn a_frozen_connection_is_silent_until_it_is_thawed() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    let (mut socket, leaving) = (gate.open("/echo").await, gate.open("/script?do=accept;stop-reading").await);
    expect_echo(&mut socket, "before").await;
    assert_eq!(gate.order("freeze", "").await, "frozen");
    send(&mut socket, "meanwhile").await;
    assert!(timeout(A_WHILE, socket.next()).await.is_err(), "TCP is up, and nothing comes");
    assert_eq!(gate.order("held-back", "").await, "1");
    let mut new = gate.open("/echo").await;
    expect_echo(&mut new, "new").await;
    drop(leaving);
    assert!(timeout(A_WHILE, ask(&server, "/wait-open-sockets?count=2")).await.is_err(), "nobody notices");
    assert_eq!(gate.order("thaw", "").await, "thawed");
    assert_eq!(next(&mut socket).await, Message::text("meanwhile"));
    assert_eq!(gate.order("held-back", "").await, "0");
    expect_echo(&mut socket, "after").await;
    assert_eq!(ask(&server, "/wait-open-sockets?count=2").await, "2");
}

#[tokio::test]
async fn what_was_being_written_arrives_after_the_thaw() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    // more than the system takes while nobody reads
    let mut socket = gate.open("/script?do=fill:binary:30000000;close").await;
    assert_eq!(gate.order("freeze", "").await, "frozen");
    assert!(timeout(A_WHILE, socket.next()).await.is_err(), "the message is not whole");
    assert_eq!(gate.order("thaw", "").await, "thawed");
    assert_eq!(next(&mut socket).await.len(), 30_000_000);
}

#[tokio::test]
async fn a_frozen_connection_stays_until_its_gate_stops() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    let mut socket = gate.open("/script?do=accept;expect-ping").await;
    assert_eq!(gate.order("freeze", "").await, "frozen");
    send(&mut socket, Message::Ping(Default::default())).await;
    assert!(timeout(A_WHILE, socket.next()).await.is_err());
    assert_eq!(gate.order("stop", "").await, "stopped");
    assert_eq!(end(below(socket)).await, Err(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_hanging_gate_goes_on_when_the_mode_changes() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    assert_eq!(gate.order("set", "&mode=hang").await, "set");
    let (dialled, ()) = tokio::join!(gate.dial("/echo"), async {
        assert_eq!(gate.order("wait", "&count=1").await, "1");
        assert_eq!(gate.order("set", "&mode=hang").await, "set");
        assert_eq!(gate.order("set", "&mode=serve").await, "set");
    });
    expect_echo(&mut dialled.expect("it accepts at last"), "hi").await;
}

#[tokio::test]
async fn a_hanging_connection_is_reset_by_a_stop() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    gate.order("set", "&mode=hang").await;
    let mut stream = TcpStream::connect(gate.address).await.expect("it listens");
    stream.write_all(b"GET /echo HTTP/1.1\r\n\r\n").await.expect("it is open");
    assert_eq!(gate.order("wait", "&count=1").await, "1");
    assert!(timeout(A_WHILE, stream.read_u8()).await.is_err());
    assert_eq!(gate.order("stop", "").await, "stopped");
    assert_eq!(end(stream).await, Err(ErrorKind::ConnectionReset));
    gate.order("start", "").await;
    gate.order("set", "&mode=serve").await;
    expect_echo(&mut gate.open("/echo").await, "hi").await;
}

#[tokio::test]
async fn a_refusing_gate_answers_upgrades_alone() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    assert_eq!(gate.order("set", "&mode=status:503:Retry-After:a%3Ab%20c").await, "set");
    let Err(Error::Http(response)) = gate.dial("/echo").await else { panic!("no status") };
    assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"a:b c".parse().expect("one")));
    gate.order("set", "&mode=status:401").await;
    assert!(matches!(gate.dial("/echo").await, Err(Error::Http(response)) if response.status().as_u16() == 401));
    let mut stream = TcpStream::connect(gate.address).await.expect("it listens");
    stream.write_all(b"GET /wait-open-sockets HTTP/1.1\r\n\r\n").await.expect("it is open");
    assert!(end(stream).await.expect("an answer").starts_with(b"HTTP/1.1 426 "));
}

#[tokio::test]
async fn a_cutting_gate_ends_connections_at_once() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    gate.order("set", "&mode=cut").await;
    let stream = TcpStream::connect(gate.address).await.expect("it listens");
    assert_eq!(end(stream).await, Ok(Vec::new()));
    assert!(gate.dial("/echo").await.is_err());
    assert_eq!(gate.order("count", "").await, "2");
}

#[tokio::test]
async fn a_gate_can_be_stopped_through_itself() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    let mut stream = TcpStream::connect(gate.address).await.expect("it listens");
    let head = format!("GET /gate/stop?port={} HTTP/1.1\r\n\r\n", gate.address.port());
    stream.write_all(head.as_bytes()).await.expect("it is open");
    assert_eq!(end(stream).await, Err(ErrorKind::ConnectionReset));
    assert_eq!(gate.order("stop", "").await, "stopped", "once more");
    assert!(TcpStream::connect(gate.address).await.is_err());
}

#[tokio::test]
async fn orders_that_make_no_sense_are_refused() {
    let server = start().await;
    for path in ["/gate/stop?port=1", "/gate/count", "/gate/set?port=x&mode=serve"] {
        let answer = fetch(&server, &format!("GET {path}")).await;
        assert!(answer.starts_with("HTTP/1.1 404 ") && answer.contains("there is no gate at port `"), "{answer}");
        assert!(answer.contains("\r\nAccess-Control-Allow-Origin: *\r\n"), "{answer}");
    }
    let gate = Gate::new(&server).await;
    assert!(gate.order("set", "&mode=dance").await.starts_with("the mode is none of "));
    assert_eq!(gate.order("dance", "").await, "nothing here");
}

#[tokio::test]
async fn a_stopped_server_ends_its_gates() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    let address = gate.address;
    let mut socket = gate.open("/echo").await;
    expect_echo(&mut socket, "hi").await;
    drop(server);
    assert!(!matches!(socket.next().await, Some(Ok(_))));
    assert!(try_open(address, "/echo", "").await.is_err());
}

#[tokio::test]
async fn a_gate_closes_its_open_sockets_with_a_code_and_nothing_follows() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    let (mut echo, mut room) = (gate.open("/echo").await, gate.open("/room?name=closing").await);
    let mut elsewhere = open(&server, "/room?name=closing").await;
    assert_eq!(gate.order("close", "&code=4001&reason=so%20long").await, "closing");
    for socket in [&mut echo, &mut room] {
        let Message::Close(Some(close)) = next(socket).await else { panic!("no close frame") };
        assert_eq!((u16::from(close.code), close.reason.as_str()), (4001, "so long"));
        // what others say is not heard any more
        send(&mut elsewhere, "later").await;
        assert_eq!(next(&mut elsewhere).await, Message::text("later"));
        assert!(socket.next().await.is_none(), "the closing handshake is the end");
    }
    assert_eq!(ask(&server, "/wait-open-sockets?count=1").await, "1");
    expect_echo(&mut gate.open("/echo").await, "again").await;
}

#[tokio::test]
async fn a_flood_comes_between_what_the_server_sends_itself() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    let mut room = gate.open("/room?name=flood").await;
    let mut elsewhere = open(&server, "/room?name=flood").await;
    assert_eq!(gate.order("flood", "&count=3000&bytes=1000").await, "flooding");
    for _ in 0..20 {
        send(&mut elsewhere, "said").await;
    }
    let (mut said, mut flooded) = (0, 0);
    while said < 20 || flooded < 3000 {
        match next(&mut room).await.into_text().expect("a text").as_str() {
            "said" => said += 1,
            text => {
                assert_eq!(text, "x".repeat(1000));
                flooded += 1;
            }
        }
    }
    assert_eq!((said, flooded), (20, 3000));
    expect_echo(&mut room, "after").await;
}

#[tokio::test]
async fn a_slow_gate_delays_what_clients_send_and_keeps_its_order() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    let mut socket = gate.open("/echo").await;
    assert_eq!(gate.order("slow", "&latency=150").await, "set");
    let begin = Instant::now();
    for text in ["one", "two", "three"] {
        send(&mut socket, text).await;
    }
    for text in ["one", "two", "three"] {
        assert_eq!(next(&mut socket).await, Message::text(text));
    }
    assert!(begin.elapsed() >= Duration::from_millis(150));
    assert_eq!(gate.order("slow", "").await, "set");
    expect_echo(&mut socket, "after").await;
    // a connection that ends while it is slow is noticed
    gate.order("slow", "&latency=20").await;
    drop(socket);
    assert_eq!(ask(&server, "/wait-open-sockets?count=0").await, "0");
}

#[tokio::test]
async fn a_slow_gate_passes_so_many_bytes_a_second_both_ways() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    let mut socket = gate.open("/echo").await;
    assert_eq!(gate.order("slow", "&rate=200000").await, "set");
    let begin = Instant::now();
    send(&mut socket, Message::binary(vec![7; 50_000])).await;
    assert_eq!(next(&mut socket).await, Message::binary(vec![7; 50_000]));
    // one portion goes ahead of its time in each direction
    assert!(begin.elapsed() >= Duration::from_millis(400), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn orders_that_cannot_be_read_are_refused() {
    let server = start().await;
    let gate = Gate::new(&server).await;
    let long = format!("&reason={}", "r".repeat(124));
    for (action, more) in [
        ("close", "&code=70000"),
        ("close", &long),
        ("flood", "&count=-1"),
        ("flood", "&count=100000&bytes=100000"),
        ("slow", "&rate=fast"),
    ] {
        let path = format!("GET /gate/{action}?port={}{more}", gate.address.port());
        assert!(fetch(&server, &path).await.starts_with("HTTP/1.1 400 "), "{path}");
    }
}
