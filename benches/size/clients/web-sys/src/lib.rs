//! The browser's WebSocket without a library.

use wasm_bindgen::prelude::{Closure, JsCast, wasm_bindgen};
use web_sys::{BinaryType, MessageEvent, WebSocket, console};

#[wasm_bindgen(start)]
pub fn start() {
    let Ok(socket) = WebSocket::new("ws://127.0.0.1:9310/echo") else { return };
    socket.set_binary_type(BinaryType::Arraybuffer);
    let sender = socket.clone();
    let opened = Closure::<dyn FnMut()>::new(move || {
        // a socket that has closed meanwhile says so
        let _sent = sender.send_with_str("hello");
    });
    socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| console::log_1(&event.data()));
    socket.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    opened.forget();
    heard.forget();
}
