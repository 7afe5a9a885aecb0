//! JSON-RPC 2.0.

use crate::support::{Socket, next, open, send, start};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

async fn call(socket: &mut Socket, id: u64, method: &str, params: Value) {
    let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    send(socket, request.to_string()).await;
}

async fn hear(socket: &mut Socket) -> Value {
    let text = next(socket).await.into_text().expect("a text");
    let mut message: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(message["jsonrpc"].take(), "2.0");
    message.as_object_mut().expect("an object").remove("jsonrpc");
    message
}

async fn expect_result(socket: &mut Socket, id: u64, result: Value) {
    assert_eq!(hear(socket).await, json!({ "id": id, "result": result }));
}

#[tokio::test]
async fn calls_are_answered_and_may_fail() {
    let server = start().await;
    let mut socket = open(&server, "/rpc").await;
    for (method, params, outcome) in [
        ("echo", json!({ "a": ["ü", 1.5, null] }), json!({ "result": { "a": ["ü", 1.5, null] } })),
        ("add", json!([1, 2, 3]), json!({ "result": 6 })),
        ("add", json!({ "a": 1, "b": 0.5 }), json!({ "result": 1.5 })),
        ("add", json!([i64::MAX, 1]), json!({ "result": i64::MAX as f64 })),
        ("add", json!({ "a": 1 }), json!({ "error": { "code": -32602, "message": "Invalid params" } })),
        ("add", json!(["1"]), json!({ "error": { "code": -32602, "message": "Invalid params" } })),
        ("fail", Value::Null, json!({ "error": { "code": -32000, "message": "failed" } })),
        (
            "fail",
            json!({ "code": 7, "message": "no", "data": [1] }),
            json!({ "error": { "code": 7, "message": "no", "data": [1] } }),
        ),
        ("dance", json!([]), json!({ "error": { "code": -32601, "message": "Method not found" } })),
    ] {
        call(&mut socket, 1, method, params).await;
        let mut answer = outcome;
        answer["id"] = 1.into();
        assert_eq!(hear(&mut socket).await, answer, "{method}");
    }
}

#[tokio::test]
async fn what_is_no_call_is_told_so() {
    let server = start().await;
    let mut socket = open(&server, "/rpc").await;
    for (text, id, code) in [
        ("{", Value::Null, -32700),
        ("[]", Value::Null, -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"echo"}"#, json!(1), -32600),
        (r#"{"jsonrpc":"2.0","id":"a","method":1}"#, json!("a"), -32600),
        (r#"{"jsonrpc":"2.0","id":[],"method":"echo"}"#, Value::Null, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"echo","params":1}"#, json!(1), -32600),
    ] {
        send(&mut socket, text).await;
        let answer = hear(&mut socket).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &json!(code)), "{text}");
    }
    send(&mut socket, Message::binary(b"{".to_vec())).await;
    send(&mut socket, r#"{"jsonrpc":"2.0","method":"fail"}"#).await;
    send(&mut socket, r#"{"jsonrpc":"2.0","id":null,"method":"echo"}"#).await;
    assert_eq!(hear(&mut socket).await, json!({ "id": null, "result": null }), "the two before have no answer");
}

#[tokio::test]
async fn answers_may_come_later_and_out_of_order() {
    let server = start().await;
    let mut socket = open(&server, "/rpc").await;
    call(&mut socket, 1, "later", json!({ "after": 3 })).await;
    call(&mut socket, 2, "later", json!([])).await;
    call(&mut socket, 3, "later", json!({ "after": 1 })).await;
    call(&mut socket, 4, "never", json!([])).await;
    expect_result(&mut socket, 1, json!({ "after": 3 })).await;
    expect_result(&mut socket, 3, json!({ "after": 1 })).await;
    call(&mut socket, 5, "later", json!({ "after": 1 })).await;
    call(&mut socket, 6, "echo", json!([])).await;
    expect_result(&mut socket, 6, json!([])).await;
    expect_result(&mut socket, 5, json!({ "after": 1 })).await;
    call(&mut socket, 7, "flush", json!([])).await;
    expect_result(&mut socket, 2, json!([])).await;
    expect_result(&mut socket, 7, json!(1)).await;
    call(&mut socket, 8, "flush", json!([])).await;
    expect_result(&mut socket, 8, json!(0)).await;
}

#[tokio::test]
async fn a_notification_comes_before_its_answer() {
    let server = start().await;
    let mut socket = open(&server, "/rpc").await;
    call(&mut socket, 1, "notify", json!([7])).await;
    assert_eq!(hear(&mut socket).await, json!({ "method": "tick", "params": [7] }));
    expect_result(&mut socket, 1, json!([7])).await;
    send(&mut socket, r#"{"jsonrpc":"2.0","method":"notify"}"#).await;
    assert_eq!(hear(&mut socket).await, json!({ "method": "tick" }));
}

#[tokio::test]
async fn executions_are_counted_over_connections_answered_or_not() {
    let server = start().await;
    let params = json!({ "key": "order" });
    for method in ["drop", "drop_after"] {
        let mut socket = open(&server, "/rpc").await;
        call(&mut socket, 1, "later", json!({ "after": 1 })).await;
        call(&mut socket, 2, method, params.clone()).await;
        if method == "drop_after" {
            expect_result(&mut socket, 2, params.clone()).await;
            expect_result(&mut socket, 1, json!({ "after": 1 })).await;
        }
        assert!(!matches!(socket.next().await, Some(Ok(_))), "no answer, nor a close");
    }
    let mut socket = open(&server, "/rpc").await;
    for _ in 0..2 {
        call(&mut socket, 1, "count", params.clone()).await;
        expect_result(&mut socket, 1, json!(2)).await;
    }
    call(&mut socket, 2, "never", params.clone()).await;
    call(&mut socket, 3, "count", params).await;
    expect_result(&mut socket, 3, json!(3)).await;
    call(&mut socket, 4, "count", json!({ "key": "other" })).await;
    expect_result(&mut socket, 4, json!(0)).await;
}
