//! The way to the window. With Tauri, `Window` is `tauri::AppHandle`, and `emit(event)` is
//! `emit("chat", event)`.

use crate::said::Said;
use serde::Serialize;
use tokio::{
    io::{self, AsyncWriteExt},
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
};

/// What the window listens to. The messages that it shows are those `said`, one's own among them,
/// and below those that are not `delivered` yet.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    State {
        state: String,
    },
    Said(Said),
    /// An own message waits, or is under way.
    Pending {
        id: String,
        text: String,
    },
    Delivered {
        id: String,
    },
    /// The connection that it was handed to was lost, so that the room may have it or not.
    Unknown {
        id: String,
    },
    /// It was surely not sent.
    Failed {
        id: String,
        reason: String,
    },
    /// What a command answers that cannot be obeyed: in Tauri, its `Err`.
    Refused {
        reason: String,
    },
}

#[derive(Clone)]
pub struct Window(UnboundedSender<Event>);

impl Window {
    /// The window, and what ends when all has been shown after the last clone was dropped.
    pub fn open() -> (Self, JoinHandle<io::Result<()>>) {
        let (sender, events) = mpsc::unbounded_channel();
        (Self(sender), tokio::spawn(show(events)))
    }

    pub fn emit(&self, event: Event) {
        // a window that is gone misses nothing
        let _gone = self.0.send(event);
    }
}

async fn show(mut events: UnboundedReceiver<Event>) -> io::Result<()> {
    let mut output = io::stdout();
    while let Some(event) = events.recv().await {
        let line = serde_json::to_string(&event)?;
        output.write_all(format!("{line}\n").as_bytes()).await?;
        output.flush().await?;
    }
    Ok(())
}
