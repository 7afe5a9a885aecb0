//! The browser's `WebSocketStream`, whose server waits while nobody reads.

mod interface;
mod outgoing;

use super::{CloseRequest, Request, Stream, TOO_BIG, refused, values};
use crate::{
    BinaryType, Blob, BlobError, Cause, CloseCode, CloseEvent, Event, Message, OpenError, OpenEvent, ReadyState,
    SendError,
    channel::Channel,
    close::CloseFrame,
    platform::{Sleep, spawn},
    waiters::Wait,
};
use interface::{Chunk, Closed, Connected, Reader, WebSocketStream, Writer};
use js_sys::{ArrayBuffer, JsString, Uint8Array, futures::JsFuture};
use outgoing::Outgoing;
use std::{
    cell::RefCell,
    future::{Future, pending, poll_fn},
    io::ErrorKind,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use wasm_bindgen::{JsCast, JsValue};

/// Begins to connect; `None` where the browser has no such interface.
pub(super) fn open(request: &Request, channel: &Arc<Channel>) -> Option<Result<Rc<dyn Stream>, OpenError>> {
    WebSocketStream::is_there().then(|| begin(request, channel))
}

fn begin(request: &Request, channel: &Arc<Channel>) -> Result<Rc<dyn Stream>, OpenError> {
    let stream = WebSocketStream::connect(channel.address().href(), &values::strings(&request.protocols))
        .map_err(|error| refused(&error, channel))?;
    let shared = Rc::new(Shared {
        stream,
        channel: channel.clone(),
        outgoing: Outgoing::default(),
        deadline: RefCell::default(),
        close_timeout: request.close_timeout,
    });
    let driver = Driver {
        shared: shared.clone(),
        connect_timeout: request.connect_timeout,
        max_message_size: request.max_message_size,
        offered_protocols: request.protocols.clone(),
    };
    let _never_fails_here = spawn(driver.run());
    Ok(shared)
}

/// What the link and the driver share.
struct Shared {
    stream: WebSocketStream,
    channel: Arc<Channel>,
    outgoing: Outgoing,
    /// The deadline that runs now, and what it means.
    deadline: RefCell<Option<(Sleep, Cause)>>,
    close_timeout: Duration,
}

impl Stream for Shared {
    fn send(&self, message: &Message) -> Result<(), SendError> {
        self.outgoing.push(message.clone())
    }

    fn close(&self, frame: CloseRequest) {
        let after = self.close_timeout;
        self.start_deadline(after, Cause::CloseTimeout { after });
        self.outgoing.close(frame);
    }

    fn buffered_amount(&self) -> u64 {
        self.outgoing.buffered()
    }

    fn taken_by_network(&self) -> u64 {
        self.outgoing.taken()
    }

    fn poll_buffered(&self, most: u64, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        self.outgoing.poll_buffered(most, wait, context)
    }
}

impl Shared {
    fn start_deadline(&self, after: Duration, cause: Cause) {
        self.deadline.replace(Some((Sleep::new(after), cause)));
    }

    fn poll_deadline(&self, context: &mut Context<'_>) -> Poll<Cause> {
        // taken out, so that nothing is borrowed while it is polled
        let Some((mut sleep, cause)) = self.deadline.take() else { return Poll::Pending };
        if Pin::new(&mut sleep).poll(context).is_ready() {
            return Poll::Ready(cause);
        }
        self.deadline.borrow_mut().get_or_insert((sleep, cause));
        Poll::Pending
    }
}

/// The task that drives a connection, from its beginning to its end.
struct Driver {
    shared: Rc<Shared>,
    connect_timeout: Option<Duration>,
    max_message_size: usize,
    offered_protocols: Vec<String>,
}

/// How a connection ended.
type Ending = (Option<Cause>, CloseEvent);

impl Driver {
    async fn run(self) {
        // awaited from the start, since a rejection that nobody awaits is told on the console
        let closed = JsFuture::from(self.shared.stream.closed());
        let (failure, close) = match self.establish().await {
            Ok((reader, writer)) => self.flow(&reader, &writer, closed).await,
            Err(cause) => (Some(cause), CloseEvent::abnormal()),
        };
        self.shared.outgoing.end();
        self.shared.deadline.take();
        self.shared.channel.deliver_end(failure, close);
    }

    async fn establish(&self) -> Result<(Reader, Writer), Cause> {
        let Shared { stream, outgoing, .. } = &*self.shared;
        if let Some(after) = self.connect_timeout {
            self.shared.start_deadline(after, Cause::ConnectTimeout { after });
        }
        let mut opened = JsFuture::from(stream.opened());
        let opened = poll_fn(|context| {
            if outgoing.poll_closing(context).is_ready() {
                return Poll::Ready(Err(Cause::Abandoned));
            }
            if let Poll::Ready(cause) = self.shared.poll_deadline(context) {
                return Poll::Ready(Err(cause));
            }
            Pin::new(&mut opened).poll(context).map_err(|_hidden| Cause::Hidden)
        });
        let opened = opened.await;
        // before anybody is told, who may close at once, which has a deadline of its own
        self.shared.deadline.take();
        let established = match opened {
            Ok(opened) => self.agree(&opened.unchecked_into()),
            Err(cause) => Err(cause),
        };
        established.inspect_err(|_| stream.begin_close(None))
    }

    fn agree(&self, connected: &Connected) -> Result<(Reader, Writer), Cause> {
        let opened = OpenEvent { protocol: connected.protocol(), extensions: connected.extensions() };
        if let Some(fault) = values::protocol_fault(&opened.protocol, &self.offered_protocols) {
            return Err(Cause::Handshake(fault));
        }
        let reader = connected.readable().reader().map_err(|_locked_by_nobody| Cause::Hidden)?;
        let writer = connected.writable().writer().map_err(|_locked_by_nobody| Cause::Hidden)?;
        if self.shared.channel.deliver_open(opened) { Ok((reader, writer)) } else { Err(Cause::Abandoned) }
    }

    /// Messages both ways, until the connection has ended.
    async fn flow(&self, reader: &Reader, writer: &Writer, mut closed: JsFuture) -> Ending {
        let mut reading = pin!(self.read(reader));
        let mut writing = pin!(self.write(writer));
        let mut has_read = false;
        let mut close = None;
        poll_fn(|context| {
            if let Poll::Ready(cause) = self.shared.poll_deadline(context) {
                self.shared.stream.begin_close(None);
                return Poll::Ready((Some(cause), CloseEvent::abnormal()));
            }
            if let Poll::Ready(cause) = writing.as_mut().poll(context) {
                self.shared.stream.begin_close(None);
                return Poll::Ready((Some(cause), CloseEvent::abnormal()));
            }
            if !has_read && let Poll::Ready(result) = reading.as_mut().poll(context) {
                has_read = true;
                if let Err(cause) = result {
                    return Poll::Ready((Some(cause), CloseEvent::abnormal()));
                }
            }
            if close.is_none()
                && let Poll::Ready(settled) = Pin::new(&mut closed).poll(context)
            {
                close = Some(settled.map(|closed| how_it_closed(&closed.unchecked_into())));
            }
            match &close {
                // nothing can be read any more
                Some(Err(_unclean)) => Poll::Ready((Some(Cause::Hidden), CloseEvent::abnormal())),
                Some(Ok(ending)) if has_read => Poll::Ready(ending.clone()),
                _ => Poll::Pending,
            }
        })
        .await
    }

    /// To the end of what the peer sends, while there is room in the inbox, or nobody left who reads it.
    async fn read(&self, reader: &Reader) -> Result<(), Cause> {
        let Shared { channel, outgoing, .. } = &*self.shared;
        loop {
            poll_fn(|context| match outgoing.poll_closing(context) {
                Poll::Ready(()) => Poll::Ready(()),
                Poll::Pending => channel.poll_room(context).map(drop),
            })
            .await;
            // an error is also told by how it closed
            let Ok(chunk) = JsFuture::from(reader.read()).await else { return Ok(()) };
            let chunk: Chunk = chunk.unchecked_into();
            if chunk.done() {
                return Ok(());
            }
            self.receive(&chunk.value())?;
        }
    }

    fn receive(&self, value: &JsValue) -> Result<(), Cause> {
        let Shared { stream, channel, .. } = &*self.shared;
        // the standard discards what arrives once a close was asked for
        if channel.ready_state() != ReadyState::Open {
            return Ok(());
        }
        let Some(message) = message(value, channel.binary_type()) else { return Ok(()) };
        if message.len() > self.max_message_size as u64 {
            let too_big = CloseFrame::new(TOO_BIG, "").ok();
            stream.begin_close(too_big.as_ref());
            return Err(Cause::MessageTooBig { limit: self.max_message_size });
        }
        channel.deliver(Event::Message(message));
        Ok(())
    }

    /// What waits, one by one, and then the close; ends only where something cannot be sent, since the
    /// peer's side tells the end.
    async fn write(&self, writer: &Writer) -> Cause {
        let Shared { stream, outgoing, .. } = &*self.shared;
        while let Some(message) = outgoing.next().await {
            let length = message.len();
            let chunk = match chunk(message).await {
                Ok(chunk) => chunk,
                Err(error) => return Cause::Network { kind: ErrorKind::Other, reason: error.to_string() },
            };
            if JsFuture::from(writer.write(&chunk)).await.is_err() {
                // it stays counted as buffered, as the standard says
                return pending().await;
            }
            outgoing.handed_over(length);
        }
        stream.begin_close(outgoing.take_close().as_ref());
        pending().await
    }
}

/// A clean end, unless its code says otherwise.
fn how_it_closed(closed: &Closed) -> Ending {
    let code = CloseCode(closed.close_code().unwrap_or(CloseCode::NO_STATUS.0));
    if values::is_never_clean(code) {
        return (Some(Cause::Hidden), CloseEvent::abnormal());
    }
    (None, CloseEvent::new(code.0, closed.reason().unwrap_or_default(), true))
}

/// What the browser handed over; it hands over nothing else.
fn message(value: &JsValue, binary_type: BinaryType) -> Option<Message> {
    if let Some(text) = value.dyn_ref::<JsString>() {
        return Some(values::text(text));
    }
    // Chromium hands over buffers, and the draft of the standard says arrays
    let bytes = match value.dyn_ref::<ArrayBuffer>() {
        Some(buffer) => Uint8Array::new(buffer).to_vec(),
        None => value.dyn_ref::<Uint8Array>()?.to_vec(),
    };
    Some(match binary_type {
        BinaryType::Blob => Message::Blob(Blob::new(bytes)),
        BinaryType::ArrayBuffer => Message::Binary(bytes.into()),
    })
}

/// What the browser is handed, a copy of its own.
async fn chunk(message: Message) -> Result<JsValue, BlobError> {
    Ok(match message {
        Message::Text(text) => JsValue::from_str(&text),
        Message::Binary(bytes) => Uint8Array::from(&bytes[..]).into(),
        Message::Blob(blob) => Uint8Array::from(&blob.bytes().await?[..]).into(),
    })
}
