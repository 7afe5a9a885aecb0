//! ewebsock.

use ewebsock::{Options, WsEvent, WsMessage, ws_connect};
use std::ops::ControlFlow;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::console;

#[wasm_bindgen(start)]
pub fn start() {
    let hear = Box::new(|event| {
        if let WsEvent::Message(WsMessage::Text(text)) = event {
            console::log_1(&text.into());
        }
        ControlFlow::Continue(())
    });
    let Ok(mut sender) = ws_connect("ws://127.0.0.1:9310/echo".to_owned(), Options::default(), hear) else { return };
    sender.send(WsMessage::Text("hello".to_owned()));
    sender.forget();
}
