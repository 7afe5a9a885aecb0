//! Windows, history, and what only Chrome's own protocol reaches.

use crate::Browser;
use serde_json::{Value, json};

impl Browser {
    /// The window that commands go to.
    pub async fn window(&self) -> String {
        let window = self.command("GET", "/window", None).await;
        window.as_str().expect("a handle").to_owned()
    }

    /// Opens a tab, or a window; commands still go to the one before.
    pub async fn new_window(&self, kind: &str) -> String {
        let window = self.command("POST", "/window/new", Some(json!({ "type": kind }))).await;
        window["handle"].as_str().expect("a handle").to_owned()
    }

    /// Shows a window; commands still go to the one before, which may be hidden now.
    pub async fn show(&self, window: &str) {
        self.devtools("Target.activateTarget", json!({ "targetId": window })).await;
    }

    /// Shows a window; from now on commands go to it.
    pub async fn switch_to(&self, window: &str) {
        self.command("POST", "/window", Some(json!({ "handle": window }))).await;
    }

    /// Closes the window that commands go to; none follows until one is switched to.
    pub async fn close_window(&self) {
        self.command("DELETE", "/window", None).await;
    }

    /// As the button.
    pub async fn back(&self) {
        self.command("POST", "/back", Some(json!({}))).await;
    }

    /// A command of the DevTools protocol, to the window that commands go to.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.command("POST", "/goog/cdp/execute", Some(body)).await
    }
}
