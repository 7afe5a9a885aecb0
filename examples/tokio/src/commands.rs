//! What the window can ask for. With Tauri each of these is a `#[tauri::command]`, whose first
//! argument is `chat: tauri::State<'_, Chat>`; none of them waits for the network.

use crate::chat::Chat;

/// # Errors
///
/// Why it cannot be sent: too much waits already, or the chat is over.
pub fn say(chat: &Chat, text: &str) -> Result<(), String> {
    match text.trim() {
        "" => Err("there is nothing to say".to_owned()),
        text => chat.say(text),
    }
}

/// # Errors
///
/// As [`say`], and if the message is not one whose fate is unknown or that was not sent.
pub fn say_again(chat: &Chat, id: &str) -> Result<(), String> {
    chat.say_again(id)
}

pub fn reconnect(chat: &Chat) {
    chat.handle().reconnect_now();
}

/// For metered networks and the like: what is said meanwhile waits.
pub fn pause(chat: &Chat) {
    chat.handle().pause();
}

pub fn resume(chat: &Chat) {
    chat.handle().resume();
}

/// What is said already still leaves, if there is a connection.
pub fn quit(chat: &Chat) {
    // 1000 may always be sent
    let _allowed = chat.handle().close_with(1000, "");
}
