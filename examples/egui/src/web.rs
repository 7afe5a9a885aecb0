//! The chat as a page: index.html has the canvas, main.js calls [`start`].

use crate::App;
use eframe::{WebOptions, WebRunner};
use eversocket::ReconnectingWebSocket;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::HtmlCanvasElement;

/// Where the room is, relative to the page.
const URL: &str = "/room?name=lobby";

/// # Errors
///
/// Where the browser has no WebGL.
#[wasm_bindgen]
pub async fn start(canvas: HtmlCanvasElement) -> Result<(), JsValue> {
    let socket = ReconnectingWebSocket::new(URL).map_err(|error| JsValue::from(error.to_string()))?;
    let keyboard = canvas.clone();
    let app = move |creation: &eframe::CreationContext<'_>| {
        let app: Box<dyn eframe::App> = Box::new(App::new(&creation.egui_ctx, socket));
        Ok(app)
    };
    WebRunner::new().start(canvas, WebOptions::default(), Box::new(app)).await?;
    // typing goes to the chat without a click
    keyboard.focus()
}

pub fn show_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}
