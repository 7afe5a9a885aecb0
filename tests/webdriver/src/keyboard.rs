//! Keys, for what is no field of the page's.

use crate::Browser;
use serde_json::{Value, json};

impl Browser {
    /// Presses and releases a key for each character, with whatever has the focus; the protocol
    /// has characters of its own for keys such as Enter, U+E007.
    pub async fn type_keys(&self, text: &str) {
        let strokes = |key: char| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key }));
        let strokes: Vec<Value> = text.chars().flat_map(strokes).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.command("POST", "/actions", Some(json!({ "actions": [keyboard] }))).await;
    }
}
