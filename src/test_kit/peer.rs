//! The server's end of a connection.

use super::wire::{Delivery, Wire};
use crate::{Cause, CloseCode, CloseEvent, Message};
use std::{fmt, sync::Arc};

/// The server's end of a connection, played by a test; from
/// [`Network::accept`](super::Network::accept).
///
/// What it does has reached the client when the call returns, and callbacks of a plain socket run
/// within it: natively, unless the client's inbox is full, and then in order when there is room.
/// Dropping it [cuts](Self::cut) the connection.
pub struct Peer(Arc<Wire>);

impl Peer {
    pub(super) fn new(wire: Arc<Wire>) -> Self {
        Self(wire)
    }

    /// The URL that the client connects to, in full.
    pub fn url(&self) -> &str {
        self.0.url()
    }

    /// The subprotocols that the client offers.
    pub fn protocols(&self) -> &[String] {
        self.0.protocols()
    }

    /// The request headers that were set, in order; in a browser none can be.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.headers().iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of the first request header of this name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(candidate, _)| candidate.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Accepts the connection, with the first subprotocol that was offered, if any was.
    pub fn open(&self) {
        self.0.open(self.protocols().first().cloned().unwrap_or_default());
    }

    /// Accepts the connection with a subprotocol, or with none if it is empty. The client fails
    /// the connection if it has not offered that one, or if it has offered some and gets none.
    pub fn open_with(&self, protocol: &str) {
        self.0.open(protocol.to_owned());
    }

    /// The connection cannot be made, for this cause; see [`http_refusal`](super::http_refusal).
    /// If it is open, it fails for this cause.
    pub fn refuse(&self, cause: Cause) {
        self.0.fail(cause);
    }

    /// Sends a message. What is sent before [`open`](Self::open) waits for that. A
    /// [`Message::Binary`] arrives as the binary type that the client wants, a [`Message::Blob`]
    /// always as that.
    pub fn send(&self, message: impl Into<Message>) {
        self.0.deliver(Delivery::Message(message.into()));
    }

    /// The next message from the client, or `None` when it has closed the connection or the
    /// connection has ended. A [`Message::Blob`] arrives as that.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Message> {
        self.0.next_message().await
    }

    /// A message from the client, if one has come.
    pub fn try_next(&mut self) -> Option<Message> {
        self.0.try_message()
    }

    /// Closes the connection with a code and a reason, which the client answers: a clean end.
    /// Code 1005 stands for a close frame without a code. Whether the code may be sent at all is
    /// not checked. Before [`open`](Self::open) there is nothing to close: the connection is cut.
    pub fn close(&self, code: impl Into<CloseCode>, reason: impl Into<String>) {
        self.0.close_by_server(CloseEvent::new(code.into().0, reason.into(), true));
    }

    /// The connection breaks, without a close frame: [`Cause::Disconnected`].
    pub fn cut(&self) {
        self.0.fail(Cause::Disconnected);
    }

    /// From now on nothing is taken from the client: what it sends counts as its buffered amount,
    /// and its pings and its close are not answered. A link that is half open, or a server that
    /// is behind.
    pub fn pause(&self) {
        self.0.set_paused(true);
    }

    /// Takes what the client has sent meanwhile, and what it sends from now on.
    pub fn resume(&self) {
        self.0.set_paused(false);
    }

    /// Whether pings are answered. Default: yes.
    pub fn answer_pings(&self, answered: bool) {
        self.0.set_answers_pings(answered);
    }

    /// Whether the client's close frame is answered at once. If not, [`close`](Self::close)
    /// answers it, or the client's close deadline passes. Default: yes.
    pub fn answer_closes(&self, answered: bool) {
        self.0.set_answers_closes(answered);
    }

    /// Waits until the client has closed the connection or it has ended, and tells what close
    /// frame the client sent: code 1005 if one without a code, 1006 if none. Messages that came
    /// before can still be read.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn closed(&mut self) -> CloseEvent {
        self.0.closed().await
    }
}

impl fmt::Debug for Peer {
    /// Without the URL, which may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Peer").field("protocols", &self.protocols()).finish_non_exhaustive()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.cut();
    }
}
