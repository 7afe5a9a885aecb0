//! The task that drives one connection, from dialling to its end.

mod flow;

use super::{
    answer::BODY_GRACE,
    close_tap::{CloseBody, Tapped},
    deflate::Codec,
    dial::dial,
    engine,
    handshake::{Answer, refusal, shake_hands},
    outbox::Outbox,
    read_ahead::ReadAhead,
    tls::Connector,
};
use crate::{Cause, CloseEvent, ReadyState, backend::Request, channel::Channel};
use flow::Ending;
pub(super) use flow::Flow;
use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Read buffer of a connection; most messages of a front end are far smaller.
const READ_BUFFER: usize = 8 * 1024;
/// How much is gathered before it is written even without a flush.
const WRITE_BUFFER: usize = 128 * 1024;

pub(super) type Engine = engine::Engine<ReadAhead<Tapped>>;

/// Drives a connection to its end, and reports that end whatever happens, also if it is never polled.
pub(super) fn run(
    request: Request,
    connector: Option<Connector>,
    channel: Arc<Channel>,
    outbox: Arc<Outbox>,
) -> impl Future<Output = ()> + Send {
    let last_word = LastWord { channel, outbox, spoken: false };
    drive(request, connector, last_word)
}

async fn drive(request: Request, connector: Option<Connector>, mut last_word: LastWord) {
    let (channel, outbox) = (last_word.channel.clone(), last_word.outbox.clone());
    // What comes before and after is kept apart, so that an open connection does not keep the room for it.
    let established = Box::pin(establish(&request, connector, &channel, &outbox)).await;
    let (engine, close_body, codec) = match established {
        Ok(established) => established,
        Err(cause) => return last_word.speak(Some(cause), CloseEvent::abnormal()),
    };
    let mut flow = Flow::new(engine, close_body, codec, channel, outbox, &request);
    let Ending { failure, close, parting } = poll_fn(|context| flow.poll(context)).await;
    last_word.speak(failure, close);
    if let Some(code) = parting {
        Box::pin(flow.part(code)).await;
    }
}

/// Dials and shakes hands, unless the deadline passes or a close is asked for first.
async fn establish(
    request: &Request,
    connector: Option<Connector>,
    channel: &Channel,
    outbox: &Outbox,
) -> Result<(Engine, CloseBody, Option<Codec>), Cause> {
    let address = channel.address();
    let attempt = async {
        let mut stream = dial(address, request, connector, outbox.taken().clone()).await?;
        let answer = shake_hands(&mut stream, address, request).await?;
        Ok((stream, answer))
    };
    let timeout = request.connect_timeout;
    let deadline = timeout.and_then(|after| Instant::now().checked_add(after));
    let (mut stream, answer) = unless_closed(outbox, within(timeout, attempt)).await?;
    let mut agreed = match answer {
        Answer::Agreed(agreed) => agreed,
        // decided at its head: a deadline that passes while its body comes changes nothing
        Answer::Refused { head, rest } => {
            outbox.refuse();
            let grace = deadline.map_or(BODY_GRACE, |at| BODY_GRACE.min(at.saturating_duration_since(Instant::now())));
            let refused = async { Ok(refusal(&mut stream, head, rest, grace).await) };
            return Err(Cause::Http(unless_closed(outbox, refused).await?));
        }
    };

    let codec = Codec::of(agreed.deflate, request);
    let (stream, close_body) = Tapped::new(stream, &mut agreed.rest, codec.as_ref().map(Codec::notes));
    // not `from_partially_read`: a buffer that begins empty stays as small as a frame's header
    // wherever messages are kept, so that each needs a read of its own
    let engine = engine_over(ReadAhead::new(stream, agreed.rest), request);
    if channel.deliver_open(agreed.opened) { Ok((engine, close_body, codec)) } else { Err(Cause::Abandoned) }
}

pub(super) fn engine_over(stream: ReadAhead<Tapped>, request: &Request) -> Engine {
    let limit = Some(request.max_message_size);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(limit)
        .max_frame_size(limit);
    Engine::new(stream, config)
}

async fn within<T>(timeout: Option<Duration>, attempt: impl Future<Output = Result<T, Cause>>) -> Result<T, Cause> {
    match timeout {
        Some(after) => tokio::time::timeout(after, attempt).await.unwrap_or(Err(Cause::ConnectTimeout { after })),
        None => attempt.await,
    }
}

async fn unless_closed<T>(outbox: &Outbox, attempt: impl Future<Output = Result<T, Cause>>) -> Result<T, Cause> {
    let mut attempt = pin!(attempt);
    poll_fn(|context| match outbox.poll_close(context) {
        Poll::Ready(()) => Poll::Ready(Err(Cause::Abandoned)),
        Poll::Pending => attempt.as_mut().poll(context),
    })
    .await
}

/// Sees to it that a connection's end is reported exactly once, also when its runtime is shut
/// down or the task panics.
struct LastWord {
    channel: Arc<Channel>,
    outbox: Arc<Outbox>,
    spoken: bool,
}

impl LastWord {
    fn speak(&mut self, failure: Option<Cause>, close: CloseEvent) {
        self.spoken = true;
        // in this order, so that who is woken sees why
        self.channel.advance(ReadyState::Closed);
        self.outbox.end();
        self.channel.deliver_end(failure, close);
    }
}

impl Drop for LastWord {
    fn drop(&mut self) {
        if !self.spoken {
            self.speak(Some(Cause::RuntimeGone), CloseEvent::abnormal());
        }
    }
}
