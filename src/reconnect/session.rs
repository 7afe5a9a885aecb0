//! The session handshake: what application and server tell each other before messages flow.

use super::{
    Failure, Unauthorized,
    endpoint::BoxError,
    guarded::{Fault, guarded},
};
use crate::{
    Handle, Message,
    platform::{BoxFuture, MaybeSend, boxed},
};
use std::{
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// A connection that is open while messages do not flow yet, given to the function set by
/// [`Builder::session`](super::Builder::session).
///
/// What it does not read of what arrives is handed out as messages afterwards.
pub struct Session {
    link: Handle,
    inbox: Arc<SessionInbox>,
    attempt: u32,
    resume_token: Option<String>,
}

impl Session {
    pub(crate) fn new(link: Handle, inbox: Arc<SessionInbox>, attempt: u32, resume_token: Option<String>) -> Self {
        Self { link, inbox, attempt, resume_token }
    }

    /// Sends a message on this connection, before the queue and all else.
    ///
    /// # Errors
    ///
    /// As [`Handle::send`](crate::Handle::send).
    pub fn send(&self, message: impl Into<Message>) -> Result<(), crate::SendError> {
        self.link.send(message)
    }

    /// The next message, or `None` when the connection is lost.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next_message(&mut self) -> Option<Message> {
        poll_fn(|context| self.inbox.poll_take(context)).await
    }

    /// The subprotocol that the server chose, or an empty string.
    pub fn protocol(&self) -> String {
        self.link.protocol()
    }

    /// Which attempt this connection comes of; 1 after a stable connection.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// What [`set_resume_token`](super::Handle::set_resume_token) was told last.
    pub fn resume_token(&self) -> Option<&str> {
        self.resume_token.as_deref()
    }
}

/// Without the resume token, which may be a secret.
impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Session")
            .field("link", &self.link)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// A session handshake, of whatever type.
pub(crate) trait Greet: MaybeSend {
    fn greet(&mut self, session: Session) -> BoxFuture<Result<(), Failure>>;
}

impl<F, Done> Greet for F
where
    F: FnMut(Session) -> Done + MaybeSend,
    Done: Future<Output = Result<(), BoxError>> + MaybeSend + 'static,
{
    fn greet(&mut self, session: Session) -> BoxFuture<Result<(), Failure>> {
        let greeting = guarded(|| boxed(self(session)));
        boxed(async move { greeting.await.map_err(failure) })
    }
}

fn failure(fault: Fault) -> Failure {
    if fault.error.is_some_and(|error| error.is::<Unauthorized>()) {
        return Failure::CredentialsRefused;
    }
    Failure::Handshake { reason: fault.reason, give_up: fault.give_up }
}

/// What arrives during a session handshake.
#[derive(Debug, Default)]
pub(crate) struct SessionInbox(Mutex<Inbox>);

#[derive(Debug, Default)]
struct Inbox {
    messages: VecDeque<Message>,
    bytes: u64,
    ended: bool,
    reader: Option<Waker>,
}

impl SessionInbox {
    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, message: Message) {
        let reader = {
            let mut inbox = self.lock();
            inbox.bytes += message.len();
            inbox.messages.push_back(message);
            inbox.reader.take()
        };
        reader.into_iter().for_each(Waker::wake);
    }

    /// How many bytes wait.
    pub(crate) fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// The connection is lost: whoever waits learns it.
    pub(crate) fn end(&self) {
        let reader = {
            let mut inbox = self.lock();
            inbox.ended = true;
            inbox.reader.take()
        };
        reader.into_iter().for_each(Waker::wake);
    }

    /// What nobody read.
    pub(crate) fn take_rest(&self) -> VecDeque<Message> {
        std::mem::take(&mut self.lock().messages)
    }

    fn poll_take(&self, context: &mut Context<'_>) -> Poll<Option<Message>> {
        let mut inbox = self.lock();
        if let Some(message) = inbox.messages.pop_front() {
            inbox.bytes -= message.len();
            return Poll::Ready(Some(message));
        }
        if inbox.ended {
            return Poll::Ready(None);
        }
        inbox.reader = Some(context.waker().clone());
        Poll::Pending
    }
}
