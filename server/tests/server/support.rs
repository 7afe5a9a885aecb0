//! Ways to reach a server.

use eversocket_server::{Config, Server};
use futures::{SinkExt, StreamExt};
use std::{net::SocketAddr, path::PathBuf};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest, handshake::client::Response, protocol::WebSocketConfig},
};

pub type Socket = WebSocketStream<TcpStream>;

pub async fn start() -> Server {
    Server::start(Config::default()).await.expect("a server")
}

pub async fn start_with_files(www: PathBuf) -> Server {
    Server::start(Config { www: Some(www), ..Config::default() }).await.expect("a server")
}

pub async fn try_open(address: SocketAddr, path: &str, protocols: &str) -> Result<(Socket, Response), Error> {
    let mut request = format!("ws://{address}{path}").into_client_request()?;
    if !protocols.is_empty() {
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().expect("a header"));
    }
    let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
    let stream = TcpStream::connect(address).await?;
    tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await
}

pub async fn open(server: &Server, path: &str) -> Socket {
    try_open(server.address(), path, "").await.expect("it accepts").0
}

pub async fn next(socket: &mut Socket) -> Message {
    socket.next().await.expect("more").expect("a message")
}

pub async fn send(socket: &mut Socket, message: impl Into<Message>) {
    socket.send(message.into()).await.expect("it is sent");
}

/// The text that an endpoint sends on its own.
pub async fn ask(server: &Server, path: &str) -> String {
    next(&mut open(server, path).await).await.into_text().expect("a text").to_string()
}

/// The record of a script but for request and headers.
pub async fn frames(server: &Server, id: &str) -> Vec<String> {
    let record = ask(server, &format!("/record?id={id}")).await;
    let is_head = |line: &&str| line.starts_with("request ") || line.starts_with("header ");
    record.lines().filter(|line| !is_head(line)).map(str::to_owned).collect()
}

/// A TCP connection on which an upgrade to this path has been asked for.
pub async fn upgrade(server: &Server, path: &str) -> TcpStream {
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let mut stream = TcpStream::connect(server.address()).await.expect("it listens");
    stream.write_all(head.as_bytes()).await.expect("it reads");
    stream
}

/// Reads until the bytes end so.
pub async fn read_to(stream: &mut TcpStream, end: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end) {
        bytes.push(stream.read_u8().await.expect("more"));
    }
    bytes
}

/// What a plain request is answered.
pub async fn fetch(server: &Server, head: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).await.expect("it listens");
    stream.write_all(format!("{head} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

/// The body of what a plain request is answered.
pub async fn get(server: &Server, path: &str) -> String {
    let answer = fetch(server, &format!("GET {path}")).await;
    answer.split_once("\r\n\r\n").expect("a head").1.to_owned()
}
