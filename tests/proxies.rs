//! Real proxies of other makers, natively: tinyproxy for HTTP, microsocks for SOCKS 5.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(not(target_arch = "wasm32"))]

use eversocket::{Cause, Event, Message, OpenError, Proxy, ProxyFault, Tls, WebSocket};
use eversocket_server::{Config, Server};
use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
    task::JoinHandle,
};

/// `cargo xtask test` sets it where it has installed them: then one that is missing is a failure.
const DEMANDED: &str = "EVERSOCKET_PROXIES";

struct RunningProxy {
    port: u16,
    /// Of the URL.
    scheme: &'static str,
    _program: Child,
}

impl RunningProxy {
    /// `None`, told, where it is not installed.
    async fn start(name: &str, scheme: &'static str, arguments: impl FnOnce(u16) -> Vec<String>) -> Option<Self> {
        let Some(program) = find(name) else {
            assert!(std::env::var_os(DEMANDED).is_none(), "{name} is not installed");
            println!("skipped: {name} is not installed");
            return None;
        };
        let port = free_port();
        let mut command = Command::new(program);
        command.args(arguments(port)).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let program = command.spawn().expect("it starts");
        // it listens when it listens
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
            tokio::task::yield_now().await;
        }
        Some(Self { port, scheme, _program: program })
    }

    async fn tinyproxy() -> Option<Self> {
        Self::start("tinyproxy", "http", |port| {
            let path = std::env::temp_dir().join(format!("eversocket-tinyproxy-{port}.conf"));
            let options = "Listen 127.0.0.1\nTimeout 60\nMaxClients 20\nBasicAuth user secret\nLogLevel Critical\n";
            fs::write(&path, format!("Port {port}\n{options}")).expect("a file");
            vec!["-d".to_owned(), "-c".to_owned(), path.to_string_lossy().into_owned()]
        })
        .await
    }

    async fn microsocks() -> Option<Self> {
        let arguments = |port: u16| {
            ["-i", "127.0.0.1", "-p", &port.to_string(), "-u", "user", "-P", "secret"].map(str::to_owned).to_vec()
        };
        Self::start("microsocks", "socks5", arguments).await
    }

    fn with(&self, credentials: &str) -> Proxy {
        Proxy::new(&format!("{}://{credentials}127.0.0.1:{}", self.scheme, self.port)).expect("a proxy")
    }
}

fn find(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&folders).chain([Path::new("/usr/sbin").to_owned()]);
    folders.map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

async fn assert_echo(mut socket: WebSocket) {
    socket.send("through").expect("it is open");
    assert_eq!(socket.next_event().await, Some(Event::Message(Message::from("through"))));
}

#[track_caller]
fn fault(result: Result<WebSocket, OpenError>) -> ProxyFault {
    let Err(OpenError::Failed(error)) = result else { panic!("{result:?}") };
    let told = error.to_string();
    assert!(!told.contains("secret") && !told.contains("wrong"), "{told}");
    match error.cause() {
        Cause::Proxy { fault, .. } => fault.clone(),
        other => panic!("{other:?}"),
    }
}

/// Good credentials, wrong ones and none, over ws and wss, and a server that is not there.
async fn try_out(proxy: &RunningProxy, server: &Server) -> ProxyFault {
    let plain = format!("ws://{}/echo", server.address());
    let good = || proxy.with("user:secret@");
    assert_echo(WebSocket::builder(&plain).proxy(good()).connect().await.expect("it lets through")).await;

    let port = server.tls_address().expect("TLS is on by default").port();
    let tls = Tls::with_root_certificates(server.certificate_authority());
    let secure = WebSocket::builder(&format!("wss://localhost:{port}/echo")).tls(tls).proxy(good());
    assert_echo(secure.connect().await.expect("it lets through")).await;

    for wrong in ["user:wrong@", ""] {
        let refused = WebSocket::builder(&plain).proxy(proxy.with(wrong)).connect().await;
        assert_eq!(fault(refused), ProxyFault::Unauthorized, "`{wrong}`");
    }
    let nowhere = format!("ws://127.0.0.1:{}/", free_port());
    fault(WebSocket::builder(&nowhere).proxy(good()).connect().await)
}

#[tokio::test]
async fn through_an_http_proxy() {
    let server = Server::start(Config::default()).await.expect("a server");
    let Some(proxy) = RunningProxy::tinyproxy().await else { return };
    let fault = try_out(&proxy, &server).await;
    assert!(matches!(fault, ProxyFault::Http { status: 500..=599 }), "{fault:?}");
}

#[tokio::test]
async fn through_a_socks_proxy() {
    let server = Server::start(Config::default()).await.expect("a server");
    let Some(proxy) = RunningProxy::microsocks().await else { return };
    let fault = try_out(&proxy, &server).await;
    assert_eq!(fault, ProxyFault::Socks { reply: 5 });
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let proxy = Proxy::new(&format!("http://user:secret@127.0.0.1:{}", free_port())).expect("a proxy");
    let result = WebSocket::builder("ws://example.com/").proxy(proxy).connect().await;
    assert!(matches!(fault(result), ProxyFault::Unreachable { .. }));
}

/// A proxy by which every name leads to one server, and what the first who asked it said. It needs no
/// resolver, as real ones do for names that are not this machine's.
async fn leading_to(server: &Server) -> (u16, JoinHandle<String>) {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let (port, target) = (listener.local_addr().expect("an address").port(), server.address());
    let serving = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.expect("a client");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.expect("a request"));
        }
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("it waits");
        let mut server = TcpStream::connect(target).await.expect("the server listens");
        // the client ends it as it likes
        let _ended = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        String::from_utf8(head).expect("ASCII")
    });
    (port, serving)
}

/// The variable that tells `a_child_with_an_environment_of_its_own` where to connect to.
const CHILD: &str = "EVERSOCKET_TEST_CHILD";

/// How a program with these variables, and none else about proxies, gets to a name that nobody resolves.
async fn child(variables: &[(&str, &str)]) -> bool {
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child.args(["--exact", "a_child_with_an_environment_of_its_own", "--ignored"]).kill_on_drop(true);
    for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
        child.env_remove(name);
    }
    child.envs(variables.iter().copied()).env(CHILD, "ws://server.invalid/echo");
    child.stdout(Stdio::null()).stderr(Stdio::null()).status().await.expect("it runs").success()
}

#[tokio::test]
#[ignore = "what the next test runs"]
async fn a_child_with_an_environment_of_its_own() {
    let url = std::env::var(CHILD).expect("it is told");
    assert_echo(WebSocket::connect(&url).await.expect("it lets through")).await;
}

#[tokio::test]
async fn through_the_proxy_of_the_environment() {
    let server = Server::start(Config::default()).await.expect("a server");
    let (port, serving) = leading_to(&server).await;
    let proxy = format!("http://user:secret@127.0.0.1:{port}");
    assert!(!child(&[]).await, "the name leads nowhere");
    assert!(!child(&[("ALL_PROXY", &proxy), ("NO_PROXY", "server.invalid")]).await, "it was to go straight");
    assert!(child(&[("ALL_PROXY", &proxy)]).await, "it goes through");
    let head = serving.await.expect("it has served");
    assert!(head.starts_with("CONNECT server.invalid:80 HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n"), "{head}");
}
