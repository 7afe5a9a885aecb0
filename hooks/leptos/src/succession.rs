//! Which socket comes after which, and what it is given of those before.

use eversocket::reconnect::{Ended, Event, Handle, State};

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

/// Whether it tells of messages that will not be sent.
pub(crate) fn is_loss(event: &Event) -> bool {
    match event {
        Event::Dropped(_) => true,
        Event::Ended(ended) => !ended.unsent.is_empty(),
        _ => false,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use eversocket::{OpenError, ReconnectingWebSocket, test_kit::Network};

    fn enter(sockets: &mut Succession) -> Result<ReconnectingWebSocket, OpenError> {
        let socket = ReconnectingWebSocket::builder("wss://example.com/").network(Network::new()).open()?;
        sockets.enter(socket.handle());
        Ok(socket)
    }

    #[tokio::test]
    async fn the_newest_waits_for_all_that_have_something_for_it() -> Result<(), OpenError> {
        let mut sockets = Succession { carries_over: true, ..Succession::default() };
        let _empty = enter(&mut sockets)?;
        assert!(!sockets.leave(), "it has nothing");
        let mut first = enter(&mut sockets)?;
        assert!(sockets.handle().is_some() && first.send("one").is_ok());
        assert!(sockets.leave() && sockets.newest().is_none());
        let _second = enter(&mut sockets)?;
        assert!(sockets.handle().is_none() && sockets.newest().is_some());
        assert!(!sockets.leave(), "it has not been given anything yet");
        let mut third = enter(&mut sockets)?;
        assert!(sockets.handle().is_none());
        sockets.settle();
        assert!(sockets.handle().is_some() && third.send("two").is_ok());
        third.close();
        assert!(!sockets.leave(), "it was closed before, and nobody waits for that");
        Ok(())
    }

    #[tokio::test]
    async fn nothing_is_waited_for_unless_chosen() -> Result<(), OpenError> {
        let mut sockets = Succession::default();
        let mut socket = enter(&mut sockets)?;
        assert!(socket.send("one").is_ok());
        assert!(!sockets.leave());
        Ok(())
    }
}
