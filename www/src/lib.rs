//! Two pages that use eversocket: a socket that stays, and the plain one.
#![cfg(target_arch = "wasm32")]

mod format;
mod plain;
mod stay;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| report(&panic.to_string())));
    let body = web_sys::window().and_then(|window| window.document()).and_then(|document| document.body());
    match body.and_then(|body| body.get_attribute("data-page")).as_deref() {
        Some("plain") => plain::start(),
        _ => stay::start(),
    }
}

/// For defects of these pages; what befalls a connection goes to their logs.
fn report(text: &str) {
    web_sys::console::error_1(&text.into());
}
