//! What commands and the task that listens share.

use crate::{
    outbox::Outbox,
    said::{Author, Said},
    window::{Event, Window},
};
use eversocket::reconnect::{Handle, Json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The chat as commands see it. With Tauri it is managed state: `app.manage(chat)`.
#[derive(Clone)]
pub struct Chat {
    handle: Handle,
    window: Window,
    own: Arc<Mutex<Own>>,
}

struct Own {
    author: Author,
    outbox: Outbox,
}

impl Chat {
    pub fn new(handle: Handle, name: &str, window: Window) -> Self {
        let own = Own { author: Author::new(name), outbox: Outbox::default() };
        Self { handle, window, own: Arc::new(Mutex::new(own)) }
    }

    /// To steer the socket.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    pub fn emit(&self, event: Event) {
        self.window.emit(event);
    }

    /// # Errors
    ///
    /// Why it cannot be sent, for people.
    pub fn say(&self, text: &str) -> Result<(), String> {
        let mut own = self.lock();
        let said = own.author.say(text);
        self.send(&mut own.outbox, said)
    }

    /// Sends a message again, as the same one, so that who has it already need not show it twice.
    ///
    /// # Errors
    ///
    /// Why it cannot be sent, for people.
    pub fn say_again(&self, id: &str) -> Result<(), String> {
        let mut own = self.lock();
        let said = own.outbox.lost(id).ok_or_else(|| format!("no message {id} was lost"))?;
        self.send(&mut own.outbox, said)
    }

    /// The outbox is locked meanwhile, so that nothing is told of the message before it is pending.
    fn send(&self, outbox: &mut Outbox, said: Said) -> Result<(), String> {
        let message = Json::<Said>::encode(&said).map_err(|error| error.to_string())?;
        let number = self.handle.send(message).map_err(|error| error.to_string())?;
        self.emit(Event::Pending { id: said.id.clone(), text: said.text.clone() });
        outbox.arrived(&said.id);
        outbox.put(said, number);
        Ok(())
    }

    /// Does something with the own messages that have not come back.
    pub fn with_outbox<T>(&self, work: impl FnOnce(&mut Outbox) -> T) -> T {
        work(&mut self.lock().outbox)
    }

    fn lock(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
