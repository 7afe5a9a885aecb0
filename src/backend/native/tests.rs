//! Links over TCP, to a peer whose end is in the test's hands.

use crate::{
    BinaryType, Builder, Cause, Event, Handle, Message, OpenEvent, ReadyState, SendError, WebSocket, address::Address,
    channel::Channel, waiters::Wait,
};
use futures::{FutureExt, SinkExt, StreamExt, channel::mpsc::unbounded, join};
use socket2::SockRef;
use std::{future::poll_fn, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A peer that says whatever it likes after the handshake, and keeps little of what it does not read.
async fn connect(configure: impl FnOnce(Builder) -> Builder) -> (WebSocket, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    SockRef::from(&listener).set_recv_buffer_size(64 << 10).expect("it can be set");
    let url = format!("ws://{}", listener.local_addr().expect("an address"));
    let accept = async {
        let (stream, _) = listener.accept().await.expect("a client");
        tokio_tungstenite::accept_async(stream).await.expect("a handshake").into_inner()
    };
    let (socket, peer) = join!(configure(WebSocket::builder(&url)).connect(), accept);
    (socket.expect("it connects"), peer)
}

/// Reads what the client sends, until all of it was handed to the network; how often that took more meanwhile.
async fn read_slowly(peer: &mut TcpStream, handle: &Handle) -> usize {
    let (mut piece, mut growths) = (vec![0; 64 << 10], 0);
    while handle.buffered_amount() > 0 {
        let before = handle.taken_by_network();
        peer.read_exact(&mut piece).await.expect("there is more");
        let after = handle.taken_by_network();
        assert!(after >= before, "{before} fell to {after}");
        growths += usize::from(after > before);
    }
    growths
}

#[tokio::test]
async fn what_the_network_takes_grows_before_a_message_has_left() {
    let (socket, mut peer) = connect(|builder| builder).await;
    let handle = socket.handle();
    let before = handle.taken_by_network();
    handle.send(vec![7; 8 << 20]).expect("it is open");
    let growths = read_slowly(&mut peer, &handle).await;
    assert!(growths > 2, "{growths}");
    assert!(handle.taken_by_network() - before > 8 << 20, "with the frame's header");
}

/// More than an inbox of a byte takes. The end after them arrives only if the system has room for all.
const UNREAD: usize = 100;

/// More than the driver takes to stop reading.
const TURNS: usize = 100;

/// A connection to a peer that sends messages and this, and then ends it, before any is read.
async fn cut_while_unread(last: &[u8], end: impl FnOnce(TcpStream)) -> WebSocket {
    let (mut socket, mut peer) = connect(|builder| builder.inbox_capacity(1).high_water_mark(1)).await;
    assert_eq!(socket.try_next(), None, "the open event was taken");
    let (sender, mut woken) = unbounded();
    let _guard = socket.on_wake(move || sender.unbounded_send(()).expect("it waits"));
    let message = [&[0x82, 126, 1, 0][..], &[7; 256]].concat();
    peer.write_all(&message.repeat(UNREAD)).await.expect("there is room");
    peer.write_all(last).await.expect("there is room");
    // nothing but the end happens after these turns
    woken.next().await;
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
    end(peer);
    let mut wait = Wait::default();
    poll_fn(|context| socket.handle().poll_gone(&mut wait, context)).await;
    assert_eq!(socket.ready_state(), ReadyState::Closing, "not read to its end yet");
    socket
}

fn reset(peer: TcpStream) {
    SockRef::from(&peer).set_linger(Some(Duration::ZERO)).expect("it can be set");
}

/// How many messages come before the rest.
async fn read_all(socket: &mut WebSocket) -> (usize, Vec<Event>) {
    let mut events: Vec<Event> = socket.by_ref().collect().await;
    let is_message = |event: &Event| matches!(event, Event::Message(Message::Binary(bytes)) if bytes[..] == [7; 256]);
    let count = events.iter().take_while(|event| is_message(event)).count();
    (count, events.split_off(count))
}

#[tokio::test]
async fn an_end_is_noticed_behind_what_nobody_reads_which_is_still_there() {
    let mut socket = cut_while_unread(b"", drop).await;
    let closing = || Err(SendError::NotOpen { state: ReadyState::Closing });
    assert_eq!(socket.send("late"), closing());
    assert_eq!(socket.ready().now_or_never(), Some(closing()));
    let (count, rest) = read_all(&mut socket).await;
    assert_eq!(count, UNREAD);
    let [Event::Error(error), Event::Close(close)] = &rest[..] else { panic!("{rest:?}") };
    assert_eq!((error.cause(), close.code.0, close.was_clean), (&Cause::Disconnected, 1006, false));
}

#[tokio::test]
async fn a_close_frame_behind_what_nobody_reads_makes_the_end_clean() {
    let mut socket = cut_while_unread(b"\x88\x02\x03\xe9", drop).await;
    let (count, rest) = read_all(&mut socket).await;
    assert_eq!(count, UNREAD);
    let [Event::Close(close)] = &rest[..] else { panic!("{rest:?}") };
    assert_eq!((close.code.0, close.was_clean), (1001, true));
}

#[tokio::test]
async fn a_reset_is_noticed_behind_what_nobody_reads() {
    let mut socket = cut_while_unread(b"", reset).await;
    let (count, rest) = read_all(&mut socket).await;
    assert!(count > 0, "the inbox had one at least; the system may have thrown away the rest");
    let [Event::Error(_), Event::Close(close)] = &rest[..] else { panic!("{rest:?}") };
    assert_eq!((close.code.0, close.was_clean), (1006, false));
}

#[tokio::test]
async fn who_waits_for_a_lost_connection_to_take_more_is_told() {
    let (socket, mut peer) = connect(|builder| builder.inbox_capacity(1).high_water_mark(1)).await;
    // more than both systems buffer for a peer that does not read
    socket.handle().send(vec![0; 32 << 20]).expect("it is open");
    let waiting = async { join!(socket.ready(), socket.flushed()) };
    let ending = async {
        peer.write_all(&[0x81, 1, b'a'].repeat(UNREAD)).await.expect("there is room");
        peer.shutdown().await.expect("it is open");
    };
    let ((ready, flushed), ()) = join!(waiting, ending);
    let closing = Err(SendError::NotOpen { state: ReadyState::Closing });
    assert_eq!((ready, flushed), (closing.clone(), closing));
}

#[tokio::test]
async fn closing_a_lost_connection_gives_up_what_is_unread() {
    let mut socket = cut_while_unread(b"", drop).await;
    SinkExt::<Message>::close(&mut socket).await.expect("it closes, though nobody reads");
    let (count, rest) = read_all(&mut socket).await;
    assert!((1..UNREAD).contains(&count), "{count}");
    assert!(matches!(&rest[..], [Event::Error(_), Event::Close(_)]), "{rest:?}");
}

#[tokio::test]
async fn dropping_a_lost_connection_frees_its_driver() {
    drop(cut_while_unread(b"", drop).await);
    while tokio::runtime::Handle::current().metrics().num_alive_tasks() > 0 {
        tokio::task::yield_now().await;
    }
}

/// On another thread, which looks at the very moment.
#[test]
fn whoever_sees_it_open_sees_what_was_agreed_on() {
    for _ in 0..2_000 {
        let address = Address::parse("ws://example.com/").expect("a URL");
        let channel = Arc::new(Channel::new(address, BinaryType::ArrayBuffer, 1_000));
        let looks = std::thread::spawn({
            let channel = channel.clone();
            move || {
                while channel.ready_state() != ReadyState::Open {
                    std::hint::spin_loop();
                }
                channel.opened().protocol
            }
        });
        assert!(channel.deliver_open(OpenEvent { protocol: "chat".to_owned(), extensions: String::new() }));
        assert_eq!(looks.join().expect("it looks"), "chat");
    }
}
