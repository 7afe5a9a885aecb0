//! Requests, each with its answer or with the truth about why it has none.

use crate::{
    json_rpc::{JsonRpc, RpcError},
    rules,
    support::{reconnecting::*, *},
};
use eversocket::{
    Message, ReconnectingWebSocket,
    reconnect::{Call, DropReason, Event, FnCodec, Overflow, RequestError, Requests, RequestsInUse, SendError},
};
use futures::{
    FutureExt, StreamExt,
    future::{join_all, poll_fn, ready},
    stream::FuturesUnordered,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    future::{Future, IntoFuture},
    pin::pin,
    task::Poll,
};

type Answered = Result<Result<Value, RpcError>, RequestError>;

fn requests(socket: &ReconnectingWebSocket) -> Requests<JsonRpc> {
    socket.requests(JsonRpc).expect("the first")
}

/// Whether so much has been handed over, in the order in which calls were made.
async fn sent(requests: &Requests<JsonRpc>) {
    assert_eq!(requests.call(("echo", json!(["sent?"]))).await, Ok(Ok(json!(["sent?"]))));
}

/// How often the server has executed calls with these keys.
async fn executed(keys: &[String]) -> Vec<u64> {
    let socket = quick(&url("/rpc")).queue_capacity(10_000, 1 << 20).open().expect("a valid URL");
    let requests = requests(&socket);
    let counts = join_all(keys.iter().map(|key| requests.call(("count", json!({ "key": key }))).into_future())).await;
    let number = |count: Answered| count.expect("an answer").expect("a result").as_u64().expect("a number");
    counts.into_iter().map(number).collect()
}

async fn executed_once(key: &str) -> u64 {
    executed(&[key.to_owned()]).await[0]
}

/// The texts that are left for the owner.
async fn texts_to_the_end(mut socket: ReconnectingWebSocket) -> Vec<String> {
    socket.close();
    let text = |event| if let Event::Message(message) = event { message.as_text().map(str::to_owned) } else { None };
    rest(&mut socket).await.into_iter().filter_map(text).collect()
}

rules! {
    async fn answers_out_of_order_find_their_calls() {
        let socket = quick(&url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        let later = |after: u64| requests.call(("later", json!({ "after": after }))).into_future();
        let calls = [later(3), later(1), later(1), requests.call(("echo", json!(["last"]))).into_future()];
        let answers = join_all(calls).await;
        let after = |after: u64| Ok(Ok(json!({ "after": after })));
        assert_eq!(answers, [after(3), after(1), after(1), Ok(Ok(json!(["last"])))]);
        assert_eq!((requests.in_flight(), texts_to_the_end(socket).await.len()), (0, 0));
    }

    async fn an_error_is_an_answer() {
        let socket = quick(&url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        let params = json!({ "code": 7, "message": "no such order", "data": [1] });
        let error = RpcError { code: 7, message: "no such order".to_owned(), data: Some(json!([1])) };
        assert_eq!(requests.call(("fail", params)).await, Ok(Err(error)));
        let unknown = requests.call(("dance", json!({}))).await.expect("an answer");
        assert_eq!(unknown.map_err(|error| error.code), Err(-32601));
    }

    async fn notifications_go_to_the_owner_in_order() {
        let socket = quick(&url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        // nobody reads meanwhile
        for number in 0..50 {
            assert_eq!(requests.call(("notify", json!([number]))).await, Ok(Ok(json!([number]))));
        }
        let ticks: Vec<Value> = texts_to_the_end(socket).await.iter().map(|text| serde_json::from_str(text).expect("JSON")).collect();
        let expected: Vec<Value> = (0..50).map(|number| json!({ "jsonrpc": "2.0", "method": "tick", "params": [number] })).collect();
        assert_eq!(ticks, expected);
    }

    async fn a_call_that_is_not_answered_in_time_fails() {
        let (gate, key) = (Gate::new().await, unique());
        let socket = quick(&gate.url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        sent(&requests).await;
        let late = requests.call(("never", json!({ "key": key }))).within(ms(50)).await;
        assert_eq!(late, Err(RequestError::TimedOut { sent: true }));
        // answered, so the call before was executed if ever
        sent(&requests).await;
        assert_eq!(executed_once(&key).await, 1);
    }

    async fn a_call_that_is_not_sent_in_time_is_never_sent() {
        let (gate, key) = (Gate::new().await, unique());
        gate.stop().await;
        let socket = quick(&gate.url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        let late = requests.call(("echo", json!({ "key": key }))).within(ms(50)).await;
        assert_eq!(late, Err(RequestError::TimedOut { sent: false }));
        gate.start().await;
        sent(&requests).await;
        assert_eq!(executed_once(&key).await, 0);
    }

    async fn a_call_that_is_dropped_is_taken_back_if_it_waits() {
        let (gate, key) = (Gate::new().await, unique());
        gate.stop().await;
        let socket = quick(&gate.url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        let mut call = requests.call(("echo", json!({ "key": key }))).into_future();
        assert!((&mut call).now_or_never().is_none());
        assert_eq!((requests.in_flight(), socket.handle().progress().queued), (1, 1));
        drop(call);
        assert_eq!((requests.in_flight(), socket.handle().progress().queued), (0, 0));
        gate.start().await;
        sent(&requests).await;
        assert_eq!(executed_once(&key).await, 0);
    }

    async fn an_answer_to_a_call_that_was_dropped_is_discarded() {
        let socket = quick(&url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        let mut call = requests.call(("later", json!({}))).into_future();
        assert!((&mut call).now_or_never().is_none());
        sent(&requests).await;
        drop(call);
        assert_eq!(requests.call(("flush", json!({}))).await, Ok(Ok(json!(1))));
        assert_eq!(texts_to_the_end(socket).await, Vec::<String>::new());
    }

    async fn a_lost_connection_interrupts_and_nothing_is_sent_twice() {
        let (gate, key) = (Gate::new().await, unique());
        let socket = quick(&gate.url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        let mut call = requests.call(("later", json!({ "key": key }))).into_future();
        assert!((&mut call).now_or_never().is_none());
        sent(&requests).await;
        gate.cut().await;
        assert!(matches!(call.await, Err(RequestError::Interrupted { .. })));
        sent(&requests).await;
        assert_eq!(executed_once(&key).await, 1);
    }

    async fn what_is_idempotent_is_sent_again_and_answered() {
        let (gate, key) = (Gate::new().await, unique());
        let socket = quick(&gate.url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        let mut call = requests.call(("later", json!({ "key": key }))).idempotent().into_future();
        assert!((&mut call).now_or_never().is_none());
        sent(&requests).await;
        gate.cut().await;
        gate.wait_for(2).await;
        let flushing = async {
            loop {
                if requests.call(("flush", json!({}))).await == Ok(Ok(json!(1))) {
                    break;
                }
            }
        };
        assert_eq!(futures::join!(call, flushing).0, Ok(Ok(json!({ "key": key }))));
        assert_eq!(executed_once(&key).await, 2);
    }

    async fn what_is_idempotent_is_sent_again_so_often_and_no_more() {
        let socket = quick(&url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        for (retries, executions) in [(0, 1), (2, 3)] {
            let key = unique();
            let call = requests.call(("drop", json!({ "key": key }))).retry(retries);
            assert!(matches!(call.await, Err(RequestError::Interrupted { .. })));
            sent(&requests).await;
            assert_eq!(executed_once(&key).await, executions);
        }
    }

    async fn what_the_queue_does_not_take_is_not_sent() {
        let gate = Gate::new().await;
        gate.stop().await;
        let builder = |overflow| slow(&gate.url("/rpc")).queue_capacity(1, 1 << 20).overflow(overflow);
        let first = |requests: &Requests<JsonRpc>| {
            let mut call = requests.call(("echo", json!(["first"]))).into_future();
            assert!((&mut call).now_or_never().is_none());
            call
        };

        let socket = builder(Overflow::Refuse).open().expect("a valid URL");
        let requests = requests(&socket);
        let _waits = first(&requests);
        let refused = requests.call(("echo", json!(["second"]))).await.expect_err("the queue is full");
        assert!(refused.is_unsent());
        let RequestError::Refused(error @ SendError::QueueFull { .. }) = refused else { panic!("{refused:?}") };
        assert!(error.into_message().as_text().is_some_and(|text| text.contains("second")));

        let socket = builder(Overflow::DropOldest).open().expect("a valid URL");
        let requests = self::requests(&socket);
        let dropped = first(&requests);
        let _waits = first(&requests);
        assert_eq!(dropped.await, Err(RequestError::NotSent(DropReason::Overflow)));
    }

    async fn the_end_of_the_socket_ends_all() {
        let (gate, key) = (Gate::new().await, unique());
        let socket = quick(&gate.url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        let mut under_way = requests.call(("never", json!({ "key": key }))).idempotent().into_future();
        assert!((&mut under_way).now_or_never().is_none());
        sent(&requests).await;
        gate.stop().await;
        let mut waits = pin!(requests.call(("never", json!({ "key": key }))).into_future());
        drop(socket);
        let after = requests.call(("echo", json!([1]))).await.expect_err("nothing is accepted");
        assert!(matches!(after, RequestError::Refused(SendError::Ended { .. })), "{after:?}");
        let waits = waits.as_mut().await.expect_err("nothing is sent");
        assert!(waits.is_unsent(), "{waits:?}");
        let under_way = under_way.await.expect_err("no answer can come");
        let is_told = matches!(under_way, RequestError::Ended { sent: true, .. } | RequestError::Interrupted { .. });
        assert!(is_told && !under_way.is_unsent(), "{under_way:?}");
        assert_eq!((executed_once(&key).await, requests.in_flight()), (1, 0));
    }

    async fn a_second_codec_is_refused() {
        let socket = quick(&url("/rpc")).open().expect("a valid URL");
        let requests = requests(&socket);
        let second = socket.requests(FnCodec::new(|_, message: Message| Ok(message), |_| None::<(u64, ())>));
        assert_eq!(second.err(), Some(RequestsInUse));
        sent(&requests).await;
    }

    /// Each of 2,000 calls over 20 lost connections has its own answer or a true reason.
    async fn no_call_is_lost() {
        if crashes_when_clogged() {
            return;
        }
        let (gate, run) = (Gate::new().await, unique());
        let mut socket = quick(&gate.url("/rpc")).queue_capacity(10_000, 1 << 24).open().expect("a valid URL");
        let requests = requests(&socket).within(None);
        let mut calls = FuturesUnordered::new();
        let mut results = BTreeMap::new();
        let make = |index: usize| {
            let key = format!("{run}-{index}");
            let retries = if index.is_multiple_of(4) { 30 } else { 0 };
            let method = ["echo", "later", "notify", "echo", "later", "never"][index % 6];
            // what is never answered ends by a loss or by its deadline
            let time = if method == "never" || index.is_multiple_of(11) { Some(ms(5 * (index % 40) as u64)) } else { None };
            let call: Call<_> = requests.call((method, json!({ "key": key }))).retry(retries).within(time);
            call.into_future().map(move |result: Answered| (index, result))
        };
        for round in 0..20_usize {
            during(&mut calls, &mut results, gate.wait_for(round as u64 + 1)).await;
            let (before, after) = (100 * round..100 * round + 5 * round, 100 * round + 5 * round..100 * (round + 1));
            calls.extend(before.map(make));
            match round % 4 {
                // the server breaks the connection amid what was sent
                0 => {
                    let mut cut = requests.call(("drop", json!({}))).into_future();
                    assert!((&mut cut).now_or_never().is_none());
                    calls.extend(after.map(make));
                    let lost = during(&mut calls, &mut results, cut).await;
                    assert!(matches!(lost, Err(RequestError::Interrupted { .. })), "{lost:?}");
                }
                // some find no connection
                1 => {
                    during(&mut calls, &mut results, gate.stop()).await;
                    let mut states = socket.handle().states().filter(|state| ready(!state.is_open()));
                    during(&mut calls, &mut results, states.next()).await;
                    calls.extend(after.map(make));
                    let late = requests.call(("echo", json!({}))).within(ms(20)).into_future();
                    let late = during(&mut calls, &mut results, late).await;
                    assert_eq!(late, Err(RequestError::TimedOut { sent: false }));
                    during(&mut calls, &mut results, gate.start()).await;
                }
                // all that was sent is executed
                2 => {
                    calls.extend(after.map(make));
                    let probe = requests.call(("echo", json!({}))).retry(20).into_future();
                    assert_eq!(during(&mut calls, &mut results, probe).await, Ok(Ok(json!({}))));
                    during(&mut calls, &mut results, gate.cut()).await;
                }
                // the connection breaks while much is sent
                _ => {
                    calls.extend(after.map(make));
                    during(&mut calls, &mut results, gate.cut()).await;
                }
            }
        }
        // what is still put off is answered now
        during(&mut calls, &mut results, gate.wait_for(21)).await;
        while !calls.is_empty() {
            let flush = requests.call(("flush", json!({}))).into_future();
            during(&mut calls, &mut results, flush).await.expect("no more losses").expect("a number");
        }

        assert_eq!(results.len(), 2_000);
        assert!(gate.count().await > 20, "{}", gate.count().await);
        let keys: Vec<String> = (0..2_000).map(|index| format!("{run}-{index}")).collect();
        let mut kinds = BTreeMap::<&str, usize>::new();
        for ((index, result), count) in results.iter().zip(executed(&keys).await) {
            let is_idempotent = index.is_multiple_of(4);
            assert!(count <= 1 || is_idempotent, "{index}: executed {count} times: {result:?}");
            let kind = match result {
                Ok(answer) => {
                    assert_eq!(*answer, Ok(json!({ "key": keys[*index] })), "the answer of another");
                    assert!(count >= 1, "{index}: an answer without an execution");
                    "answered"
                }
                Err(error) if error.is_unsent() => {
                    assert_eq!(count, 0, "{index}: {error}");
                    "unsent"
                }
                Err(RequestError::Interrupted { .. }) if !is_idempotent => "interrupted",
                Err(RequestError::TimedOut { sent: true }) => "timed out",
                Err(error) => panic!("{index}: {error}"),
            };
            *kinds.entry(kind).or_default() += 1;
        }
        assert_eq!(kinds.len(), 4, "each ending is among them: {kinds:?}");
        assert_eq!(requests.in_flight(), 0);
        socket.close();
        for event in rest(&mut socket).await {
            if let Event::Message(message) = event {
                assert!(message.as_text().is_some_and(|text| text.contains("tick")), "an answer came to the owner");
            }
        }
    }
}

/// Waits for something while calls go on.
async fn during<F: Future, C: Future<Output = (usize, Answered)>>(
    calls: &mut FuturesUnordered<C>,
    results: &mut BTreeMap<usize, Answered>,
    future: F,
) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        while let Poll::Ready(Some((index, result))) = calls.poll_next_unpin(context) {
            assert!(results.insert(index, result).is_none(), "one ends twice");
        }
        future.as_mut().poll(context)
    })
    .await
}
