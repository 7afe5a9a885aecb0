//! What is said in the room.

use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher, RandomState};

/// A message as it travels, in JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Said {
    pub from: String,
    pub text: String,
    /// Not given to any other message, so that the sender knows its own when they come back.
    pub id: String,
}

/// Gives messages their ids.
pub struct Author {
    name: String,
    part: u32,
    said: u64,
}

impl Author {
    pub fn new(name: &str) -> Self {
        // by chance: each such state has keys of its own
        let part = RandomState::new().hash_one(name) as u32;
        Self { name: name.to_owned(), part, said: 0 }
    }

    pub fn say(&mut self, text: &str) -> Said {
        self.said += 1;
        Said { from: self.name.clone(), text: text.to_owned(), id: format!("{:08x}-{}", self.part, self.said) }
    }
}
