//! The reconnecting socket where only a native program is: without a runtime, with one that is
//! shut down, with a server that is held back, with a clock that jumps, with panics.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/mod.rs"]
mod support;

use eversocket::{
    Message, ReconnectingWebSocket,
    reconnect::{
        Backoff, Credentials, EndCause, Event, Failure, FnCodec, Heartbeat, RequestCodec, RequestError, Requests,
        RetryPolicy, State,
    },
};
use futures::{FutureExt, executor::block_on};
use std::{future::IntoFuture, time::Duration};
use support::{reconnecting::*, *};
use tokio::net::TcpListener;

/// A runtime for what the test itself asks the server.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

#[test]
fn it_works_where_no_runtime_runs() {
    let ours = runtime();
    let gate = ours.block_on(Gate::new());
    block_on(async {
        let mut socket = quick(&gate.echo()).open().expect("a valid URL");
        socket.send("no runtime").expect("accepted");
        assert_eq!(text(&mut socket).await, "no runtime");
        ours.block_on(gate.cut());
        interrupted(&mut socket).await;
        socket.send("again").expect("accepted");
        assert_eq!(text(&mut socket).await, "again");
        socket.close();
        assert!(matches!(socket.ended().await.cause, EndCause::Closed { close: Some(_) }));
    });
}

#[test]
fn a_runtime_that_is_shut_down_ends_it_and_gives_back_what_is_unsent() {
    let (ours, its) = (runtime(), runtime());
    let gate = ours.block_on(Gate::new());
    let mut socket = its.block_on(async { slow(&gate.echo()).open().expect("a valid URL") });
    its.block_on(open(&mut socket));
    ours.block_on(gate.cut());
    its.block_on(interrupted(&mut socket));
    // it waits, and nobody drives it from here on
    socket.send("one").expect("accepted");
    its.shutdown_timeout(Duration::from_secs(20));
    let ended = block_on(socket.ended());
    assert_eq!((ended.cause, numbers(&ended.unknown)), (EndCause::RuntimeGone, vec![]));
    let unsent: Vec<_> = ended.unsent.into_iter().map(|(number, message)| (number.get(), message)).collect();
    assert_eq!(unsent, [(1, "one".into())]);
    assert!(socket.send("late").is_err());
    assert_eq!(socket.state(), State::Ended(EndCause::RuntimeGone));
}

#[test]
fn what_a_connection_had_when_its_runtime_was_shut_down_is_unknown() {
    let (ours, its) = (runtime(), runtime());
    let gate = ours.block_on(Gate::new());
    let mut socket = its.block_on(async {
        let mut socket = slow(&gate.echo()).open().expect("a valid URL");
        socket.send("one").expect("accepted");
        assert_eq!(text(&mut socket).await, "one");
        socket
    });
    socket.send("two").expect("accepted");
    its.shutdown_timeout(Duration::from_secs(20));
    let ended = block_on(socket.ended());
    assert_eq!((ended.cause, numbers(&ended.unknown)), (EndCause::RuntimeGone, vec![1, 2]));
    assert!(ended.unsent.is_empty(), "{:?}", ended.unsent);
}

#[test]
fn a_runtime_without_drivers_ends_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
    let mut socket = runtime.block_on(async { ReconnectingWebSocket::new(&echo()).expect("a valid URL") });
    assert_eq!(block_on(socket.ended()).cause, EndCause::RuntimeGone);
}

/// `ID TEXT`, as an echo answers it.
fn lines(socket: &ReconnectingWebSocket) -> Requests<impl RequestCodec<Request = String, Answer = String>> {
    let codec = FnCodec::new(
        |id, request: String| Ok(format!("{id} {request}").into()),
        |message: &Message| {
            let (id, answer) = message.as_text()?.split_once(' ')?;
            Some((id.parse().ok()?, answer.to_owned()))
        },
    );
    socket.requests(codec).expect("the first")
}

#[test]
fn calls_and_their_deadlines_need_no_runtime() {
    let gate = runtime().block_on(Gate::new());
    block_on(async {
        let socket = quick(&gate.echo()).open().expect("a valid URL");
        let requests = lines(&socket);
        assert_eq!(requests.call("a".to_owned()).await.as_deref(), Ok("a"));
        let nowhere = slow("ws://nobody.invalid/").open().expect("a valid URL");
        let late = lines(&nowhere).call("b".to_owned()).within(ms(1)).await;
        assert_eq!(late, Err(RequestError::TimedOut { sent: false }));
    });
}

/// An answer may come while the request is still being sent.
#[test]
fn calls_from_any_thread_have_their_answers() {
    let socket = quick(&echo()).open().expect("a valid URL");
    let requests = lines(&socket);
    let call = |thread: usize| {
        let requests = requests.clone();
        std::thread::spawn(move || {
            for index in 0..500 {
                let request = format!("{thread} {index}");
                assert_eq!(block_on(requests.call(request.clone()).into_future()).as_deref(), Ok(&*request));
            }
        })
    };
    let threads: Vec<_> = (0..4).map(call).collect();
    threads.into_iter().for_each(|thread| thread.join().expect("it has its answers"));
    assert_eq!(requests.in_flight(), 0);
}

#[test]
fn a_runtime_that_is_shut_down_ends_calls() {
    let its = runtime();
    let socket = its.block_on(async { slow(&url("/rpc")).open().expect("a valid URL") });
    let requests = lines(&socket);
    let mut sent = requests.call("no JSON".to_owned()).into_future();
    its.block_on(async {
        socket.handle().opened().await.expect("open");
        assert!((&mut sent).now_or_never().is_none());
        socket.handle().flushed().await.expect("it left");
    });
    socket.handle().pause();
    let mut unsent = requests.call("waits".to_owned()).into_future();
    assert!((&mut unsent).now_or_never().is_none());
    its.shutdown_timeout(Duration::from_secs(20));
    assert_eq!(block_on(unsent), Err(RequestError::Ended { cause: EndCause::RuntimeGone, sent: false }));
    assert_eq!(block_on(sent), Err(RequestError::Ended { cause: EndCause::RuntimeGone, sent: true }));
}

#[tokio::test]
async fn handles_send_from_any_thread() {
    let id = unique();
    let socket = quick(&url(&format!("/stream?id={id}"))).open().expect("a valid URL");
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let handle = socket.handle();
            std::thread::spawn(move || {
                for index in 0..200 {
                    handle.send(format!("{thread} {index}")).expect("there is room");
                }
            })
        })
        .collect();
    let mut next = [0; 4];
    for (_, text) in stream_record(&id, 800).await {
        let (thread, index) = text.split_once(' ').expect("two numbers");
        let thread: usize = thread.parse().expect("a number");
        assert_eq!(index.parse(), Ok(next[thread]), "the order within thread {thread}");
        next[thread] += 1;
    }
    assert_eq!(next, [200; 4]);
    threads.into_iter().for_each(|thread| thread.join().expect("it sends"));
}

/// However fast the reader is, on a thread of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_callback_gets_its_kind_whoever_reads_on_another_thread() {
    let script = Script::new("accept;flood:20000:8;close:1000");
    let mut socket = quick(&script.url).open().expect("a valid URL");
    let (sender, seen) = futures::channel::mpsc::unbounded();
    let guard = socket.on_message(move |message| sender.unbounded_send(message).expect("the test listens"));
    let reader = std::thread::spawn(move || block_on(rest(&mut socket)));
    let read = reader.join().expect("it reads");
    assert!(!read.iter().any(|event| matches!(event, Event::Message(_))), "{} events", read.len());
    drop(guard);
    assert_eq!(futures::StreamExt::count(seen).await, 20_000);
}

/// The panic's words are printed: it is part of the test.
#[tokio::test]
async fn a_provider_that_panics_has_failed() {
    let url = echo();
    let mut socket = ReconnectingWebSocket::with_endpoint(move |attempt| {
        assert!(attempt.number > 1, "at once");
        let url = url.clone();
        async move {
            assert!(attempt.number > 2, "later");
            Ok(url)
        }
    })
    .backoff(Backoff::none())
    .open()
    .expect("a provider");
    for word in ["at once", "later"] {
        let failure = waiting(&mut socket).await.failure;
        let Failure::Provider { error, give_up: false } = failure else { panic!("{failure:?}") };
        assert_eq!(error.to_string(), format!("it panicked: {word}"));
    }
    open(&mut socket).await;
}

/// The panic's words are printed: it is part of the test.
#[tokio::test]
async fn a_token_source_that_panics_has_failed() {
    let mut asked = 0;
    let credentials = Credentials::new(move |_| {
        asked += 1;
        assert!(asked > 1, "at once");
        async move {
            assert!(asked > 2, "later");
            Ok("token".into())
        }
    });
    let mut socket = quick(&echo()).credentials(credentials).open().expect("a valid URL");
    for word in ["at once", "later"] {
        let failure = waiting(&mut socket).await.failure;
        let Failure::Credentials { error, give_up: false } = failure else { panic!("{failure:?}") };
        assert_eq!(error.to_string(), format!("it panicked: {word}"));
    }
    open(&mut socket).await;
}

/// Whether to go on is not known then: it ends, with its cause, and with what is unsent.
#[tokio::test]
async fn a_retry_policy_that_panics_ends_it() {
    let policy = RetryPolicy::new().on_failure(|_| panic!("this panic is part of the test"));
    let mut socket = quick(&url("/script?do=http:503")).retry(policy).open().expect("a valid URL");
    socket.send("kept").expect("it has not ended");
    let ended = socket.ended().await;
    assert_eq!(ended.cause, EndCause::Panicked);
    assert_eq!(ended.unsent.len(), 1);
    assert!(socket.send("more").is_err());
}

/// The panic's words are printed: it is part of the test.
#[tokio::test]
async fn a_session_handshake_that_panics_has_failed() {
    let mut socket = quick(&echo())
        .session(|session| {
            assert!(session.attempt() > 1, "at once");
            async move {
                assert!(session.attempt() > 2, "later");
                Ok(())
            }
        })
        .open()
        .expect("a valid URL");
    for word in ["at once", "later"] {
        let failure = waiting(&mut socket).await.failure;
        let Failure::Handshake { error, give_up: false } = failure else { panic!("{failure:?}") };
        assert_eq!(error.to_string(), format!("it panicked: {word}"));
    }
    open(&mut socket).await;
}

/// 200 MB for a client that reads nothing: the server is held back, the heartbeat does not take
/// its silence for death, and all arrives in order when the client reads.
#[tokio::test]
async fn a_server_waits_for_a_client_that_does_not_read() {
    let mut server = held_back::Server::start().await;
    let heartbeat = Heartbeat::default().period(ms(50)).dead_after(ms(100));
    let builder = slow(&format!("ws://{}/", server.address)).inbox_capacity(1 << 20).heartbeat(heartbeat);
    let mut socket = builder.open().expect("a valid URL");
    server.held_back().await;
    for index in 0..held_back::COUNT {
        let message = socket.next_message().await.expect("it goes on");
        assert_eq!(message.as_binary().map(|bytes| &bytes[..8]), Some(&index.to_be_bytes()[..]));
    }
    // an empty close
    assert_eq!(waiting(&mut socket).await.failure.close_code(), Some(1005));
    drop(socket);
    server.end().await;
}

/// In tokio's time, which jumps to the next timer when nothing else is to be done.
#[tokio::test(start_paused = true)]
async fn a_half_open_link_is_noticed_within_period_and_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let socket = tokio_tungstenite::accept_async(stream).await.expect("a handshake");
        // from now on it neither reads nor answers
        std::future::pending::<()>().await;
        drop(socket);
    });
    let (period, limit) = (Duration::from_secs(20), Duration::from_secs(20));
    let builder = slow(&format!("ws://{address}/")).heartbeat(Heartbeat::default()).connect_timeout(None);
    let mut socket = builder.open().expect("a valid URL");
    open(&mut socket).await;
    let opened = tokio::time::Instant::now();
    assert_eq!(interrupted(&mut socket).await.failure, Failure::Unresponsive { after: limit });
    let noticed = opened.elapsed();
    assert!((period + limit..period + limit + Duration::from_secs(1)).contains(&noticed), "{noticed:?}");
    server.abort();
}
