//! The backend of a desktop chat, without its window: as behind Tauri, on plain tokio. Commands
//! come in and events go out, as lines of JSON:
//!
//! ```sh
//! cargo xtask serve                                     # in another terminal
//! cargo run --package eversocket-example-tokio
//! {"command":"say","text":"hello"}
//! {"command":"quit"}
//! ```
//!
//! With Tauri this file is what it does for you: it calls the functions of `commands.rs`, and
//! carries what is emitted to the window. The other files stay as they are.

mod chat;
mod commands;
mod listen;
mod outbox;
mod said;
mod status;
mod window;

use chat::Chat;
use eversocket::ReconnectingWebSocket;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use window::{Event, Window};

/// What the window may ask for.
#[derive(Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
enum Command {
    Say { text: String },
    SayAgain { id: String },
    Reconnect,
    Pause,
    Resume,
    Quit,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "ws://127.0.0.1:9310/room?name=lobby".to_owned());
    let name = arguments.next().unwrap_or_else(|| "somebody".to_owned());

    let socket = ReconnectingWebSocket::new(&url)?;
    let (window, shown) = Window::open();
    // in Tauri, of `setup`: app.manage(chat.clone()), and tauri::async_runtime::spawn
    let chat = Chat::new(socket.handle(), &name, window);
    let listening = tokio::spawn(listen::listen(socket.json(), chat.clone()));

    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    // a window that is gone quits, too
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line) {
            Ok(Command::Quit) => break,
            Ok(command) => obey(command, &chat),
            Err(error) => chat.emit(Event::Refused { reason: error.to_string() }),
        }
    }
    commands::quit(&chat);
    listening.await?;
    drop(chat);
    shown.await??;
    Ok(())
}

/// What the macro `tauri::generate_handler!` makes.
fn obey(command: Command, chat: &Chat) {
    match command {
        Command::Say { text } => answer(chat, commands::say(chat, &text)),
        Command::SayAgain { id } => answer(chat, commands::say_again(chat, &id)),
        Command::Reconnect => commands::reconnect(chat),
        Command::Pause => commands::pause(chat),
        Command::Resume => commands::resume(chat),
        Command::Quit => commands::quit(chat),
    }
}

fn answer(chat: &Chat, outcome: Result<(), String>) {
    if let Err(reason) = outcome {
        chat.emit(Event::Refused { reason });
    }
}
