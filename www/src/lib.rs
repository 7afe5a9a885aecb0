//! A page that opens, uses and closes WebSockets through eversocket.
#![cfg(target_arch = "wasm32")]

mod controls;
mod format;
mod log;
mod page;
mod session;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| report(&panic.to_string())));
    match page::Page::find() {
        Ok(page) => controls::wire(page),
        Err(missing) => report(&missing.to_string()),
    }
}

/// For defects of this page; what befalls a connection goes to the log.
fn report(text: &str) {
    web_sys::console::error_1(&text.into());
}
