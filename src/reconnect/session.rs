//! The session handshake: what application and server tell each other before messages flow.

use super::{Failure, endpoint::BoxError, guarded::guarded};
use crate::{
    Handle, Message, ReadyState, SendError,
    platform::{BoxFuture, MaybeSend, boxed},
    waiters::wake,
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
/// It is over when the function is done, also if it is kept beyond that. What it has not read by
/// then of what arrives is handed out as messages.
pub struct Session {
    link: Handle,
    inbox: Arc<SessionInbox>,
    attempt: u32,
    resume_token: Option<String>,
}

impl Session {
    /// Sends a message on this connection, before the queue and all else.
    ///
    /// # Errors
    ///
    /// Those of [`Handle::send`](crate::Handle::send); [`SendError::NotOpen`] once the handshake is
    /// over.
    pub fn send(&self, message: impl Into<Message>) -> Result<(), SendError> {
        if self.inbox.has_ended() {
            return Err(SendError::NotOpen { state: ReadyState::Closed });
        }
        self.link.send(message)
    }

    /// The next message, or `None` when the handshake is over or the connection is lost.
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
    fn greet(&mut self, link: Handle, attempt: u32, resume_token: Option<String>) -> Box<dyn Greeting>;
}

/// A handshake that goes on. Behind `dyn`, so that only programs that have one have its code.
pub(crate) trait Greeting: MaybeSend {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>>;
    /// A message that arrived for it.
    fn push(&self, message: Message);
    /// What waits for it weighs so much.
    fn bytes(&self) -> u64;
    /// It is over; gives back what it has not read.
    fn end(&self) -> Vec<Message>;
}

struct Underway {
    greeting: BoxFuture<Result<(), Failure>>,
    inbox: Arc<SessionInbox>,
}

impl Greeting for Underway {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.greeting.as_mut().poll(context)
    }

    fn push(&self, message: Message) {
        self.inbox.push(message);
    }

    fn bytes(&self) -> u64 {
        self.inbox.bytes()
    }

    fn end(&self) -> Vec<Message> {
        self.inbox.end().into()
    }
}

impl<F, Done> Greet for F
where
    F: FnMut(Session) -> Done + MaybeSend,
    Done: Future<Output = Result<(), BoxError>> + MaybeSend + 'static,
{
    fn greet(&mut self, link: Handle, attempt: u32, resume_token: Option<String>) -> Box<dyn Greeting> {
        let inbox = Arc::new(SessionInbox::default());
        let session = Session { link, inbox: inbox.clone(), attempt, resume_token };
        let greeting = guarded(|| boxed(self(session)));
        let failed = |error, give_up| Failure::Handshake { error, give_up };
        let greeting = boxed(async move { greeting.await.map_err(|fault| fault.into_failure(failed)) });
        Box::new(Underway { greeting, inbox })
    }
}

/// What a message that waits takes of memory: an empty one takes some too.
fn weight(message: &Message) -> u64 {
    message.len() + size_of::<Message>() as u64
}

/// What arrives during a session handshake.
#[derive(Debug, Default)]
struct SessionInbox(Mutex<Inbox>);

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

    fn push(&self, message: Message) {
        let reader = {
            let mut inbox = self.lock();
            inbox.bytes += weight(&message);
            inbox.messages.push_back(message);
            inbox.reader.take()
        };
        wake(reader);
    }

    /// How many bytes wait.
    fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// The handshake is over, or the connection lost: whoever waits learns it. Returns what nobody
    /// read.
    fn end(&self) -> VecDeque<Message> {
        let (rest, reader) = {
            let mut inbox = self.lock();
            inbox.ended = true;
            inbox.bytes = 0;
            (std::mem::take(&mut inbox.messages), inbox.reader.take())
        };
        wake(reader);
        rest
    }

    fn has_ended(&self) -> bool {
        self.lock().ended
    }

    fn poll_take(&self, context: &mut Context<'_>) -> Poll<Option<Message>> {
        let waker = context.waker().clone();
        let _displaced;
        let mut inbox = self.lock();
        if let Some(message) = inbox.messages.pop_front() {
            inbox.bytes -= weight(&message);
            return Poll::Ready(Some(message));
        }
        if inbox.ended {
            return Poll::Ready(None);
        }
        _displaced = inbox.reader.replace(waker);
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_messages_weigh_something_too() {
        let inbox = SessionInbox::default();
        (0..1_000).for_each(|_| inbox.push("".into()));
        assert!(inbox.bytes() >= 1_000 * size_of::<Message>() as u64);
        let mut context = Context::from_waker(Waker::noop());
        while inbox.poll_take(&mut context).is_ready() {}
        assert_eq!(inbox.bytes(), 0);
    }
}
