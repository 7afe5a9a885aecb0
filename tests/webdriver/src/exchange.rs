//! One HTTP request and its answer.

use std::{
    io::{self, Read, Write},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// Status line and body. A server that keeps the connection open has to tell the body's length.
pub(crate) async fn exchange(port: u16, method: &str, path: &str, body: &str) -> (String, Vec<u8>) {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("somebody listens");
    let mut stream = BufReader::new(stream);
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("it is read");
    let (status, length) = read_head(&mut stream).await;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("a body");
    (status, body)
}

async fn read_head(stream: &mut BufReader<TcpStream>) -> (String, usize) {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("a line");
        if line.trim_end().is_empty() {
            break;
        }
        lines.push(line);
    }
    let length = lines.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().expect("a number"))
    });
    (lines.swap_remove(0), length.expect("a length"))
}

/// Deletes something, and returns when it is done. For where nothing can be awaited.
pub(crate) fn end(port: u16, path: &str) -> io::Result<()> {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "DELETE {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n")?;
    stream.read_exact(&mut [0])
}
