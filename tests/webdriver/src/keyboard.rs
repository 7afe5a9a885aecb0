//! Keys, for whoever has focus.

use crate::Browser;
use serde_json::{Value, json};

/// As the protocol names the key.
pub const TAB: &str = "\u{e004}";
/// As the protocol names the key.
pub const ENTER: &str = "\u{e007}";

impl Browser {
    /// Presses and lets go of keys, one after the other: characters, or keys such as [`TAB`].
    pub async fn press(&self, keys: &str) {
        let strokes =
            keys.chars().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })));
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes.collect::<Vec<Value>>() });
        self.command("POST", "/actions", Some(json!({ "actions": [keyboard] }))).await;
    }
}
