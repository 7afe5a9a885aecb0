//! What leaves an open connection: messages, and the close after them.

use super::Flow;
use crate::backend::{CloseRequest, native::failure::Failure};
use std::task::Context;
use tokio_tungstenite::tungstenite::{self, Utf8Bytes, protocol::CloseFrame};

impl Flow {
    /// A close that was asked for has its deadline at once, however much is to be sent before it, or cannot be.
    pub(super) fn notice_close(&mut self, context: &mut Context<'_>) {
        let is_behind = self.broken.is_some() || !self.sending.is_empty();
        if is_behind && self.outbox.poll_close(context).is_ready() {
            self.close_asked = true;
            self.start_deadline(self.close_timeout, context);
        }
    }

    /// Feeds the engine with everything that waits, then flushes once.
    pub(super) fn write(&mut self, context: &mut Context<'_>) -> Result<(), Failure> {
        loop {
            if self.sending.is_empty() {
                let close = self.outbox.take(&mut self.sending, context);
                if close.is_some() {
                    self.close_asked = true;
                    self.closing = close;
                    self.start_deadline(self.close_timeout, context);
                }
                if self.sending.is_empty() && self.closing.is_none() {
                    break;
                }
            }
            while !self.sending.is_empty() {
                if self.engine.poll_ready(context)?.is_pending() {
                    return Ok(());
                }
                if let Some(message) = self.sending.pop_front() {
                    self.feed(message, context)?;
                }
            }
            if let Some(close) = self.closing.take() {
                self.send_close(close, context)?;
            }
        }
        self.flush(context)
    }

    fn feed(&mut self, message: tungstenite::Message, context: &mut Context<'_>) -> Result<(), Failure> {
        let length = match &message {
            tungstenite::Message::Text(_) | tungstenite::Message::Binary(_) => message.len() as u64,
            _ => 0,
        };
        if self.closed_by_peer.is_some() {
            // too late: it stays counted as buffered, as the standard says
            return Ok(());
        }
        self.flushed = false;
        let message = match &mut self.codec {
            Some(codec) => codec.compress(message),
            None => message,
        };
        self.engine.write(message, context)?;
        self.fed += length;
        Ok(())
    }

    fn send_close(&mut self, close: CloseRequest, context: &mut Context<'_>) -> Result<(), Failure> {
        if self.close_sent {
            return Ok(());
        }
        self.close_sent = true;
        self.flushed = false;
        let frame =
            close.map(|close| CloseFrame { code: close.code().0.into(), reason: Utf8Bytes::from(close.reason()) });
        self.engine.write(tungstenite::Message::Close(frame), context)?;
        Ok(())
    }

    pub(super) fn flush(&mut self, context: &mut Context<'_>) -> Result<(), Failure> {
        if !self.flushed && self.engine.poll_flush(context)?.is_ready() {
            self.flushed = true;
            self.outbox.handed_over(std::mem::take(&mut self.fed));
        }
        Ok(())
    }
}
