//! Calls a server by JSON-RPC, once a second, while it comes and goes.
//!
//! ```sh
//! cargo xtask serve &
//! cargo run --example json_rpc -- ws://127.0.0.1:9310/rpc
//! ```

// natively only; in a page `spawn_local` takes the place of tokio
#![cfg_attr(target_arch = "wasm32", allow(unused))]

mod codec;

use codec::JsonRpc;
use eversocket::{ReconnectingWebSocket, reconnect::Event};
use serde_json::json;
use std::time::Duration;

#[cfg(not(target_arch = "wasm32"))]
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://127.0.0.1:9310/rpc".to_owned());
    let mut socket = ReconnectingWebSocket::new(&url)?;
    let requests = socket.requests(JsonRpc)?.within(Duration::from_secs(5));

    // what is no answer comes to the owner
    tokio::spawn(async move {
        while let Some(event) = socket.next_event().await {
            match event {
                Event::State(state) => println!("{state}"),
                Event::Message(notification) => println!("notified: {}", notification.as_text().unwrap_or_default()),
                _ => {}
            }
        }
    });

    let refused = requests.call(("fail", json!({ "message": "no such order", "data": [7] }))).await?;
    println!("an error that the server answers: {refused:?}");
    requests.call(("notify", json!(["hello"]))).await??;
    for number in 0_u64.. {
        // adding twice does no harm, so it may be sent again
        match requests.call(("add", json!([number, 1]))).idempotent().await {
            Ok(Ok(sum)) => println!("{number} + 1 = {sum}"),
            Ok(Err(refusal)) => println!("refused: {refusal}"),
            Err(error) if error.is_unsent() => println!("not sent: {error}"),
            Err(error) => println!("{error}"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn main() {}
