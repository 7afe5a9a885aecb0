//! What is said in the room.

use serde::{Deserialize, Serialize};

/// A message as it travels, in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub from: String,
    pub text: String,
    /// Not given to any other message, so that the sender knows its own when they come back.
    pub id: String,
}

/// Gives messages their ids.
#[derive(Debug)]
pub struct Author {
    part: u32,
    said: u64,
}

impl Author {
    pub fn new() -> Self {
        Self { part: chance(), said: 0 }
    }

    /// A name for who has not chosen one.
    pub fn guest(&self) -> String {
        format!("guest-{:03x}", self.part & 0xfff)
    }

    pub fn say(&mut self, from: &str, text: &str) -> Said {
        self.said += 1;
        Said { from: from.to_owned(), text: text.to_owned(), id: format!("{:08x}-{}", self.part, self.said) }
    }
}

#[cfg(target_arch = "wasm32")]
fn chance() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}

#[cfg(not(target_arch = "wasm32"))]
fn chance() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id()) as u32
}
