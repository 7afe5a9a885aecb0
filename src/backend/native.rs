//! The link outside browsers: a task that drives tokio-tungstenite.

mod answer;
mod close_tap;
#[cfg_attr(not(feature = "deflate"), path = "native/no_deflate.rs")]
mod deflate;
mod dial;
mod driver;
mod engine;
mod failure;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod handshake;
mod outbox;
mod proxy;
mod race;
mod read_ahead;
mod tcp;
#[cfg(test)]
mod tests;
mod tls;

use super::{CloseRequest, Control, Request, Wants};
use crate::{
    BinaryType, CloseError, Message, OpenError, SendError, Unsupported, channel::Channel, platform::Runtime,
    waiters::Wait,
};
use outbox::Outbox;
use std::{
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
};
use tokio_tungstenite::tungstenite;

pub(crate) const CAN_PING: bool = true;

#[cfg(feature = "test-kit")]
pub(crate) const MANNERS: super::Manners =
    super::Manners { tells_causes: true, waits_for_room: true, too_big: 1009, inbox_full: 1008 };

/// A connection's sending side; the driver owns the rest.
pub(crate) struct Link {
    outbox: Arc<Outbox>,
    runtime: Runtime,
}

/// Natively the peer waits always.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Backpressure(());

impl Backpressure {
    pub(crate) fn wanted(_wanted: bool) -> Self {
        Self(())
    }
}

impl Link {
    pub(crate) fn check_support(wants: &Wants) -> Result<(), OpenError> {
        let has_tls = cfg!(any(feature = "rustls", feature = "native-tls"));
        if wants.secure && !has_tls { Err(Unsupported::Tls.into()) } else { Ok(()) }
    }

    pub(crate) fn open(request: Request, channel: &Arc<Channel>) -> Result<Self, OpenError> {
        let connector = match channel.address().is_secure() {
            true => Some(
                tls::Connector::new(request.tls.as_ref().unwrap_or(&crate::Tls::default()))
                    .map_err(|failure| OpenError::TlsSetup { reason: failure.0 })?,
            ),
            false => None,
        };
        let runtime = Runtime::current().map_err(|error| OpenError::Refused {
            url: channel.address().shown().to_string(),
            reason: format!("no thread could be started for it: {error}"),
        })?;
        let outbox = Arc::new(Outbox::default());
        runtime.spawn(driver::run(request, connector, channel.clone(), outbox.clone()));
        Ok(Self { outbox, runtime })
    }

    pub(crate) fn send(&self, message: &mut Message) -> Result<(), SendError> {
        let length = message.len();
        self.outbox.push(length, || frame(message.take()))
    }

    pub(crate) fn control(&self, frame: Control) -> Result<(), SendError> {
        let frame = match frame {
            Control::Ping(payload) => tungstenite::Message::Ping(payload),
            Control::Pong(payload) => tungstenite::Message::Pong(payload),
        };
        self.outbox.push(0, || frame)
    }

    pub(crate) fn close(&self, frame: CloseRequest) -> Result<(), CloseError> {
        self.outbox.close(frame);
        Ok(())
    }

    pub(crate) fn buffered_amount(&self) -> u64 {
        self.outbox.buffered()
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.outbox.is_refused()
    }

    pub(crate) fn taken_by_network(&self) -> u64 {
        self.outbox.taken().load(Ordering::Relaxed)
    }

    pub(crate) fn poll_buffered(&self, most: u64, wait: &mut Wait, context: &mut Context<'_>) -> Poll<()> {
        self.outbox.poll_buffered(most, wait, context)
    }

    pub(crate) fn has_backpressure(&self) -> bool {
        true
    }

    pub(crate) fn binary_type_changed(&self, _binary_type: BinaryType) {}

    pub(crate) fn defer(&self, function: impl FnOnce() + Send + 'static) {
        self.runtime.defer(function);
    }
}

fn frame(message: Message) -> tungstenite::Message {
    match message {
        Message::Text(text) => tungstenite::Message::Text(text.into()),
        Message::Binary(bytes) => tungstenite::Message::Binary(bytes),
        Message::Blob(blob) => tungstenite::Message::Binary(blob.storage().as_bytes().clone()),
    }
}
