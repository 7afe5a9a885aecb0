//! A socket as a stream of bytes, and a protocol made for TCP that runs over it.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]

#[path = "support/mod.rs"]
mod support;

use eversocket::{BinaryType, ByteStream, ConnectionError};
use futures::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt,
    future::{Either, join, join_all, select},
    stream,
};
use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    pin::{Pin, pin},
    sync::Arc,
    task::Context,
};
use support::*;
use yamux::{Config, Connection, Mode};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

async fn stream(url: &str) -> ByteStream {
    connect(url).await.expect("it connects").into_byte_stream()
}

/// All bytes to the end, and how that was.
async fn read_all(stream: &mut ByteStream) -> (Vec<u8>, io::Result<()>) {
    let mut bytes = Vec::new();
    let result = stream.read_to_end(&mut bytes).await.map(drop);
    (bytes, result)
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 7 + index / 256) as u8).collect()
}

/// Both ends of a connection that the server makes of two.
async fn pair() -> (ByteStream, ByteStream) {
    let url = url(&format!("/pair?name={}", unique()));
    (stream(&url).await, stream(&url).await)
}

rules! {
    async fn who_waits_in_vain_to_write_or_close_leaves_nothing() {
        let script = Script::new("accept;stop-reading");
        let mut stream = stream(&script.url).await;
        let handle = stream.socket().handle();
        // more than any system buffers for a peer that does not read
        for _ in 0..12 {
            handle.send(vec![0; 4 << 20]).expect("it is open");
        }
        let write = |stream: &mut ByteStream, context: &mut Context<'_>| Pin::new(stream).poll_write(context, b"late");
        let alive = [
            poll_as_a_crowd(|context| write(&mut stream, context).is_pending()),
            poll_as_a_crowd(|context| Pin::new(&mut stream).poll_close(context).is_pending()),
        ];
        drop(stream);
        assert_eq!(alive.map(|alive| Arc::strong_count(&alive)), [1; 2], "its places are gone, though a handle remains");
    }

    async fn bytes_come_back_however_they_are_cut() {
        let mut stream = stream(&echo()).await;
        let sent = pattern(300_000);
        let (mut reading, mut writing) = (&mut stream).split();
        let write = async {
            for part in sent.chunks(70_001) {
                writing.write_all(part).await.expect("it is open");
            }
            writing.flush().await.expect("it is open");
        };
        let read = async {
            let mut received = vec![0; sent.len()];
            for part in received.chunks_mut(999) {
                reading.read_exact(part).await.expect("it is open");
            }
            received
        };
        let ((), received) = join(write, read).await;
        assert!(received == sent, "they came back changed");
    }

    async fn what_is_written_leaves_in_messages_of_64_kib_at_most() {
        let script = Script::new("accept;expect:3;expect-close;end");
        let mut stream = stream(&script.url).await;
        stream.write_all(&[b'x'; 150_000]).await.expect("it is open");
        assert_eq!(stream.write(b"").await.expect("nothing to write"), 0);
        stream.close().await.expect("it closes");
        let frames = script.frames().await;
        let lengths: Vec<_> = frames.iter().map(|line| line.split(' ').nth(1).unwrap_or_default()).collect();
        // a long message is told by its length
        assert_eq!(lengths[..3], ["65536", "65536", "18928"], "{frames:?}");
    }

    async fn lines_can_be_read() {
        let script = Script::new("accept;binary:6f6e650a74;binary:;binary:776f0a;close:1000");
        let lines: Vec<_> = stream(&script.url).await.lines().map(|line| line.expect("a line")).collect().await;
        assert_eq!(lines, ["one", "two"]);
    }

    async fn it_ends_where_the_peer_ends_it_well() {
        for close in ["close:1000", "close:1001", "close"] {
            let mut stream = stream(&Script::new(&format!("accept;binary:0102;{close}")).url).await;
            let (bytes, result) = read_all(&mut stream).await;
            assert_eq!((bytes, result.is_ok()), (vec![1, 2], true), "{close}");
            assert_eq!(read_all(&mut stream).await.0, [0; 0]);
        }
    }

    async fn another_close_code_is_an_error_again_and_again() {
        let mut stream = stream(&Script::new("accept;binary:0102;close:1011:sorry").url).await;
        for expected in [vec![1, 2], vec![]] {
            let (bytes, result) = read_all(&mut stream).await;
            let error = result.expect_err("it went wrong");
            assert_eq!((bytes, error.kind()), (expected, ErrorKind::ConnectionAborted));
            assert!(error.to_string().contains("1011") && error.to_string().contains("sorry"), "{error}");
        }
    }

    async fn a_connection_that_breaks_is_no_end() {
        let script = Script::new("accept;expect;binary:0102;reset");
        let mut stream = stream(&script.url).await;
        stream.write_all(b"go").await.expect("it is open");
        let (_, result) = read_all(&mut stream).await;
        let error = result.expect_err("it broke");
        assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
        assert!(error.get_ref().is_some_and(|cause| cause.is::<ConnectionError>()), "{error:?}");
    }

    async fn a_text_message_is_an_error() {
        let mut stream = stream(&Script::new("accept;binary:0102;text:hi;close:1000").url).await;
        let (bytes, result) = read_all(&mut stream).await;
        assert_eq!((bytes, result.expect_err("a text").kind()), (vec![1, 2], ErrorKind::InvalidData));
    }

    async fn blobs_that_wait_already_are_read_in_order() {
        let script = Script::new("accept;binary:0102;expect;binary:0304;close:1000");
        let mut socket = builder(&script.url).binary_type(BinaryType::Blob).connect().await.expect("it connects");
        socket.send("go").expect("it is open");
        script.record().await;
        let mut stream = socket.into_byte_stream();
        let (bytes, result) = read_all(&mut stream).await;
        result.expect("it ends well");
        assert_eq!(bytes, [1, 2, 3, 4]);
    }

    async fn writing_to_what_is_closed_is_an_error() {
        let mut stream = stream(&Script::new("accept;close:1000").url).await;
        read_all(&mut stream).await.1.expect("it ends well");
        assert_eq!(stream.write(b"late").await.expect_err("it is closed").kind(), ErrorKind::BrokenPipe);
        stream.close().await.expect("it is closed already");
    }

    async fn closing_lets_everything_arrive_first() {
        let (mut one, mut other) = pair().await;
        let sent = pattern(5 << 20);
        let write = async {
            one.write_all(&sent).await.expect("it is open");
            one.close().await.expect("it closes");
        };
        let ((), (received, result)) = join(write, read_all(&mut other)).await;
        result.expect("it ends well");
        assert!(received == sent, "{} bytes of {} arrived", received.len(), sent.len());
    }

    async fn a_writer_waits_for_a_reader() {
        let (mut one, mut other) = pair().await;
        let sent = pattern(64 << 20);
        let buffered = one.socket().handle();
        let mut most = 0;
        let write = async {
            for part in sent.chunks(64 << 10) {
                one.write_all(part).await.expect("it is open");
                most = most.max(buffered.buffered_amount());
            }
            one.close().await.expect("it closes");
        };
        let read = async {
            let mut expected = &sent[..];
            while let Some(part) = Some(other.fill_buf().await.expect("it ends well")).filter(|part| !part.is_empty()) {
                assert!(expected.starts_with(part), "{} bytes before the end", expected.len());
                expected = &expected[part.len()..];
                let length = part.len();
                other.consume_unpin(length);
            }
            expected.len()
        };
        let ((), missing) = join(write, read).await;
        assert_eq!(missing, 0);
        assert!(most < 2 << 20, "{most} bytes were buffered at once");
    }

    // A multiplexer, from a crate that knows nothing of WebSockets, at both ends.
    async fn yamux_runs_over_it() {
        let (near, far) = pair().await;
        let mut far = Connection::new(far, Config::default(), Mode::Server);
        let server = async {
            let inbound = stream::poll_fn(|context| far.poll_next_inbound(context));
            inbound.for_each_concurrent(None, |stream| async {
                let stream = stream.expect("a stream");
                let (mut reading, mut writing) = AsyncReadExt::split(stream);
                futures::io::copy(&mut reading, &mut writing).await.expect("an echo");
                writing.close().await.expect("the end of the echo");
            }).await;
        };
        let client = multiplex(Connection::new(near, Config::default(), Mode::Client));
        let ((), ()) = join(server, client).await;
    }
}

/// Many conversations at once over one connection.
async fn multiplex(mut connection: Connection<ByteStream>) {
    const STREAMS: usize = 20;
    let mut streams = Vec::new();
    for _ in 0..STREAMS {
        streams.push(poll_fn(|context| connection.poll_new_outbound(context)).await.expect("a stream"));
    }
    let conversations = pin!(join_all(streams.into_iter().enumerate().map(|(index, stream)| converse(index, stream))));
    // which drives the connection
    let driving = pin!(poll_fn(|context| connection.poll_next_inbound(context)));
    match select(conversations, driving).await {
        Either::Left(_) => {}
        Either::Right((inbound, _)) => panic!("{inbound:?} from the server"),
    }
    poll_fn(|context| connection.poll_close(context)).await.expect("it closes");
}

async fn converse(index: usize, stream: impl AsyncRead + AsyncWrite) {
    let sent = pattern(index * 20_000 + 1);
    let (mut reading, mut writing) = stream.split();
    let write = async {
        writing.write_all(&sent).await.expect("it is open");
        writing.close().await.expect("it closes");
    };
    let mut received = Vec::new();
    let ((), read) = join(write, reading.read_to_end(&mut received)).await;
    read.expect("an echo");
    assert!(received == sent, "stream {index}: {} bytes of {}", received.len(), sent.len());
}

#[cfg(feature = "tokio-io")]
mod by_tokio {
    use super::*;
    use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

    /// What tokio's helpers do, which are not there in a browser.
    async fn read(mut stream: std::pin::Pin<&mut ByteStream>, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; most];
        let mut buffer = ReadBuf::new(&mut bytes);
        poll_fn(|context| AsyncRead::poll_read(stream.as_mut(), context, &mut buffer)).await?;
        let length = buffer.filled().len();
        bytes.truncate(length);
        Ok(bytes)
    }

    rules! {
        async fn bytes_come_back_by_the_traits_of_tokio_too() {
            let script = Script::new("accept;echo:1;binary:0a0b0c;expect-close;end");
            let mut stream = stream(&script.url).await;
            let mut stream = std::pin::Pin::new(&mut stream);
            let written = poll_fn(|context| AsyncWrite::poll_write(stream.as_mut(), context, b"tokio")).await;
            assert_eq!(written.expect("it is open"), 5);
            poll_fn(|context| AsyncWrite::poll_flush(stream.as_mut(), context)).await.expect("it is open");
            assert_eq!(read(stream.as_mut(), 3).await.expect("it is open"), b"tok");
            assert_eq!(read(stream.as_mut(), 99).await.expect("it is open"), b"io");
            let length = poll_fn(|context| {
                AsyncBufRead::poll_fill_buf(stream.as_mut(), context).map_ok(<[u8]>::len)
            }).await;
            assert_eq!(length.expect("it is open"), 3);
            AsyncBufRead::consume(stream.as_mut(), 2);
            assert_eq!(read(stream.as_mut(), 99).await.expect("it is open"), [12]);
            poll_fn(|context| AsyncWrite::poll_shutdown(stream.as_mut(), context)).await.expect("it closes");
            assert_eq!(read(stream.as_mut(), 99).await.expect("it has ended"), [0; 0]);
        }
    }
}
