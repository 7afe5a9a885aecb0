//! A server that is blind: what it sends is made beforehand, and what it receives it counts.
//! So it costs as little as a server can, and is the same for all.

mod deflated;
mod frames;

use deflated::How;

use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};
use std::{
    collections::HashMap,
    fs,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
};

/// How much is written and read at once.
const BLOCK: usize = 256 * 1024;
/// Every thread serves one connection and needs no more.
const STACK: usize = 64 * 1024;

/// Connections that nothing is done with.
type Idle = Arc<Mutex<Vec<TcpStream>>>;

/// What was sent to `/send`.
#[derive(Default)]
struct Wire {
    messages: AtomicU64,
    bytes: AtomicU64,
}

/// Serves until the process ends.
pub struct Server {
    pub address: SocketAddr,
    idle: Idle,
    wire: Arc<Wire>,
}

impl Server {
    pub fn start() -> io::Result<Self> {
        Self::serve(None)
    }

    /// One that also gives the files of a folder to browsers.
    pub fn with_files(folder: PathBuf) -> io::Result<Self> {
        Self::serve(Some(folder))
    }

    fn serve(folder: Option<PathBuf>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (address, idle) = (listener.local_addr()?, Idle::default());
        let (kept, wire) = (idle.clone(), Arc::<Wire>::default());
        let counted = wire.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (idle, wire, folder) = (kept.clone(), counted.clone(), folder.clone());
                // a client that leaves early ends it
                let _thread = thread::Builder::new()
                    .stack_size(STACK)
                    .spawn(move || serve(stream, &idle, &wire, folder.as_deref()));
            }
        });
        Ok(Self { address, idle, wire })
    }

    /// How many bytes a message has taken that was sent since this was asked before, frame and all.
    pub fn bytes_a_message(&self) -> f64 {
        self.wire.bytes.swap(0, Relaxed) as f64 / self.wire.messages.swap(0, Relaxed) as f64
    }

    /// Closes the idle connections of a client that is gone.
    pub fn forget(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn serve(mut stream: TcpStream, idle: &Idle, wire: &Wire, folder: Option<&Path>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let head = read_head(&mut stream)?;
    let (path, query) = target(&head);
    let number = |name: &str| query.get(name).and_then(|value| value.parse::<usize>().ok()).unwrap_or_default();
    if let Some(folder) = folder.filter(|_| !head.to_ascii_lowercase().contains("upgrade: websocket")) {
        return give(&mut stream, &folder.join(path.trim_start_matches('/')));
    }
    let (how, extension) = agree(&head, &query);
    stream.write_all(answer(&head, extension).as_bytes())?;
    match path {
        "/receive" => {
            let opcode = if query.get("kind") == Some(&"text") { 0x81 } else { 0x82 };
            // the client says when
            let _asked = stream.read(&mut [0; 64])?;
            repeat(&mut stream, &frame(opcode, number("size")), number("count"))?;
            wait_for_end(&mut stream)
        }
        "/receive-samples" => {
            let _asked = stream.read(&mut [0; 64])?;
            in_turn(&mut stream, deflated::frames(how), number("count"))?;
            wait_for_end(&mut stream)
        }
        "/send" => {
            let bytes = frames::read_messages(&mut stream, number("count"), BLOCK)?;
            wire.messages.fetch_add(number("count") as u64, Relaxed);
            wire.bytes.fetch_add(bytes as u64, Relaxed);
            stream.write_all(&frame(0x81, 0))?;
            wait_for_end(&mut stream)
        }
        "/round-trips" => {
            let (length, reply) = (masked_length(number("size")), frame(0x82, number("size")));
            loop {
                count(&mut stream, length)?;
                stream.write_all(&reply)?;
            }
        }
        "/drop" => Ok(()),
        "/idle" => {
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
            Ok(())
        }
        "/flood" => {
            let _asked = stream.read(&mut [0; 64])?;
            repeat(&mut stream, &frame(0x82, number("size")), usize::MAX)
        }
        _ => wait_for_end(&mut stream),
    }
}

/// A file, or that there is none. Who asks is the page of a measurement on this machine.
fn give(stream: &mut TcpStream, file: &Path) -> io::Result<()> {
    let Ok(bytes) = fs::read(file) else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let kind = match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    let length = bytes.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(&bytes)
}

fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut some = [0; 1024];
    while !head.ends_with(b"\r\n\r\n") {
        let count = stream.read(&mut some)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        head.extend_from_slice(&some[..count]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn target(head: &str) -> (&str, HashMap<&str, &str>) {
    let target = head.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (path, query.split('&').filter_map(|pair| pair.split_once('=')).collect())
}

/// Compression where it is offered, and the header that says so.
fn agree(head: &str, query: &HashMap<&str, &str>) -> (How, &'static str) {
    match (head.contains("permessage-deflate"), query.get("context")) {
        (false, _) => (How::Plain, ""),
        (true, Some(&"1")) => (How::WithContext, "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
        (true, _) => (
            How::Alone,
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n",
        ),
    }
}

/// RFC 6455 section 4.2.2.
fn answer(head: &str, extension: &str) -> String {
    let is_key = |line: &&str| line.to_ascii_lowercase().starts_with("sec-websocket-key:");
    let key = head.lines().find(is_key).and_then(|line| line.split_once(':')).map_or("", |(_, key)| key.trim());
    let accept = STANDARD.encode(Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{extension}\r\n"
    )
}

/// A whole frame of letters without a mask.
fn frame(first_byte: u8, length: usize) -> Vec<u8> {
    frame_of(first_byte, &vec![b'y'; length])
}

fn frame_of(first_byte: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len();
    let mut frame = vec![first_byte];
    match length {
        0..=125 => frame.push(length as u8),
        126..=65_535 => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}

/// Of a frame as clients send it.
fn masked_length(length: usize) -> usize {
    length
        + match length {
            0..=125 => 6,
            126..=65_535 => 8,
            _ => 14,
        }
}

/// All frames, again and again, so many in all.
fn in_turn(stream: &mut TcpStream, frames: &[Vec<u8>], times: usize) -> io::Result<()> {
    let all = frames.concat();
    for _ in 0..times / frames.len() {
        stream.write_all(&all)?;
    }
    stream.write_all(&frames[..times % frames.len()].concat())
}

fn repeat(stream: &mut TcpStream, frame: &[u8], times: usize) -> io::Result<()> {
    let together = (BLOCK / frame.len()).clamp(1, times.max(1));
    let block = frame.repeat(together);
    for _ in 0..times / together {
        stream.write_all(&block)?;
    }
    stream.write_all(&block[..frame.len() * (times % together)])
}

/// Reads so many bytes.
fn count(stream: &mut TcpStream, mut bytes: usize) -> io::Result<()> {
    let mut block = vec![0; BLOCK.min(bytes.max(1))];
    while bytes > 0 {
        let most = block.len().min(bytes);
        match stream.read(&mut block[..most])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            some => bytes -= some,
        }
    }
    Ok(())
}

/// What comes now can only be a close frame, or nothing. A browser keeps a connection whose close
/// is not answered for some time, and has a limit for them.
fn wait_for_end(stream: &mut TcpStream) -> io::Result<()> {
    if stream.read(&mut [0; 1024])? > 0 {
        stream.write_all(&[0x88, 0])?;
    }
    Ok(())
}
