//! Which socket comes after which, and what it is given of those before.

use eversocket::reconnect::{Ended, Handle, State};

/// The sockets of a hook, of which only the newest takes messages.
#[derive(Default)]
pub(crate) struct Succession {
    /// Whether a socket is first given what those before it have not sent.
    pub(crate) carries_over: bool,
    newest: Option<Handle>,
    /// How many before it have yet to give that back.
    awaited: usize,
}

impl Succession {
    pub(crate) fn enter(&mut self, socket: Handle) {
        self.newest = Some(socket);
    }

    pub(crate) fn newest(&self) -> Option<Handle> {
        self.newest.clone()
    }

    /// The newest, once it has been given whatever goes before all else.
    pub(crate) fn handle(&self) -> Option<Handle> {
        self.newest.clone().filter(|_| self.awaited == 0)
    }

    /// There is no newest any more. Whether another has to wait for what this one gives back.
    pub(crate) fn leave(&mut self) -> bool {
        let Some(socket) = self.newest.take() else { return false };
        let is_closing = matches!(socket.state(), State::Closing | State::Ended(_));
        let is_awaited = self.carries_over && !is_closing && socket.progress().queued > 0;
        self.awaited += usize::from(is_awaited);
        is_awaited
    }

    /// One that was waited for has given back what it had.
    pub(crate) fn settle(&mut self) {
        self.awaited = self.awaited.saturating_sub(1);
    }
}

/// Gives a socket what another has not sent, in order; what it does not take stays.
pub(crate) fn carry_over(ended: &mut Ended, socket: &Handle) {
    let unsent = std::mem::take(&mut ended.unsent).into_iter();
    let refused = unsent.filter_map(|(number, message)| Some((number, socket.send(message).err()?.into_message())));
    ended.unsent = refused.collect();
}
