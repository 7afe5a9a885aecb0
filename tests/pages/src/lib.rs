//! A reconnecting socket for the driver of a browser, which finds these functions on `window`.
#![cfg(target_arch = "wasm32")]

mod flow;

use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Backoff, Endpoint, Event, Handle, Heartbeat},
};
use std::{cell::RefCell, time::Duration};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

/// What heartbeats say; an echo answers them.
const HEARTBEAT: &str = "heartbeat";

#[wasm_bindgen]
extern "C" {
    /// Appends to the page's log.
    fn note(text: &str);
}

thread_local! {
    static HANDLE: RefCell<Option<Handle>> = const { RefCell::new(None) };
}

#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| note(&panic.to_string())));
}

/// Opens the socket, and logs what it tells from then on. In the URL `{n}` stands for the number
/// of the connection. Options, in milliseconds: `delay` before each attempt, `period` and
/// `deadAfter` of heartbeats, `hiddenLimit`, `clockCheck`.
#[wasm_bindgen]
pub fn open(url: String, options: &JsValue) -> Result<(), JsError> {
    let option = |name: &str| {
        let value = js_sys::Reflect::get(options, &name.into()).ok().and_then(|value| value.as_f64());
        value.map(|milliseconds| Duration::from_secs_f64(milliseconds / 1000.0))
    };
    let mut connections = 0;
    let mut builder = ReconnectingWebSocket::with_endpoint(move |_| {
        connections += 1;
        let url = url.replace("{n}", &connections.to_string());
        async move { Ok(Endpoint::new(url)) }
    })
    .hidden_limit(option("hiddenLimit"));
    if let Some(delay) = option("delay") {
        builder = builder.backoff(Backoff::constant(delay));
    }
    if let Some(period) = option("clockCheck") {
        builder = builder.clock_check(period);
    }
    if let (Some(period), Some(dead_after)) = (option("period"), option("deadAfter")) {
        builder = builder.heartbeat(heartbeat(period, dead_after));
    }
    let socket = builder.open()?;
    HANDLE.set(Some(socket.handle()));
    js_sys::futures::spawn_local(log(socket));
    Ok(())
}

/// Queues a text.
#[wasm_bindgen]
pub fn send(text: String) -> Result<(), JsError> {
    HANDLE.with_borrow(|handle| match handle {
        Some(handle) => Ok(handle.send(text).map(drop)?),
        None => Err(JsError::new("not opened")),
    })
}

/// What it is doing now, or nothing.
#[wasm_bindgen]
pub fn state() -> Option<String> {
    HANDLE.with_borrow(|handle| handle.as_ref().map(|handle| handle.state().to_string()))
}

fn heartbeat(period: Duration, dead_after: Duration) -> Heartbeat {
    let make = || {
        note("heartbeat");
        HEARTBEAT
    };
    let is_answer = |message: &eversocket::Message| {
        let answers = message.as_text() == Some(HEARTBEAT);
        if answers {
            note("answer");
        }
        answers
    };
    Heartbeat::default().period(period).dead_after(dead_after).message(make, is_answer)
}

async fn log(mut socket: ReconnectingWebSocket) {
    while let Some(event) = socket.next_event().await {
        note(&match event {
            Event::State(state) => format!("state {state}"),
            Event::Message(message) => format!("message {}", message.as_text().unwrap_or("of bytes")),
            Event::Interrupted(lost) => {
                let unknown: Vec<u64> = lost.unknown.iter().map(|number| number.get()).collect();
                format!("interrupted {}; unknown: {unknown:?}", lost.failure)
            }
            Event::Gap(gap) => format!("gap of {} ms", gap.away.as_millis()),
            Event::Ended(ended) => format!("ended {}", ended.cause),
            other => format!("{other:?}"),
        });
    }
}
