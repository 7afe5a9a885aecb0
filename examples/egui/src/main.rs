//! The chat as a program with a window.

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use eframe::{NativeOptions, egui::ViewportBuilder};
    use eversocket::ReconnectingWebSocket;
    use eversocket_example_egui::App;
    use std::time::Duration;

    let url = std::env::args().nth(1).unwrap_or_else(|| "ws://127.0.0.1:9310/room?name=lobby".to_owned());
    // nobody looks at a window for long that does not close
    let socket = ReconnectingWebSocket::builder(&url).close_timeout(Duration::from_secs(1)).open()?;
    let viewport = ViewportBuilder::default().with_inner_size([460.0, 620.0]).with_min_inner_size([280.0, 240.0]);
    let options = NativeOptions { viewport, ..NativeOptions::default() };
    eframe::run_native(
        "eversocket chat",
        options,
        Box::new(|creation| Ok(Box::new(App::new(&creation.egui_ctx, socket)))),
    )?;
    Ok(())
}
