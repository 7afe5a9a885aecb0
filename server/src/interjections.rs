//! Frames that somebody else has a connection send: between two of its own, never within one.

use crate::frame::{CLOSE, Header, TEXT};
use bytes::Bytes;
use std::future;
use tokio::sync::mpsc;

/// Whole frames, to be written as they are.
#[derive(Debug, Clone)]
pub(crate) struct Interjection {
    pub(crate) frames: Bytes,
    /// They end with a close frame.
    pub(crate) closes: bool,
}

impl Interjection {
    pub(crate) fn close(code: u16, reason: &str) -> Self {
        let body = [&code.to_be_bytes(), reason.as_bytes()].concat();
        Self { frames: Header::whole(CLOSE).frame(&body).into(), closes: true }
    }

    /// So many texts of so many letters.
    pub(crate) fn flood(count: usize, length: usize) -> Self {
        let text = Header::whole(TEXT).frame(&vec![b'x'; length]);
        Self { frames: text.repeat(count).into(), closes: false }
    }
}

pub(crate) type Interjector = mpsc::UnboundedSender<Interjection>;

/// Where a connection gets them from.
#[derive(Debug)]
pub(crate) struct Interjections(Option<mpsc::UnboundedReceiver<Interjection>>);

impl Interjections {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    pub(crate) fn new() -> (Interjector, Self) {
        let (interjector, interjections) = mpsc::unbounded_channel();
        (interjector, Self(Some(interjections)))
    }

    /// The next; for ever if there is none. Nothing is lost when this is dropped early.
    pub(crate) async fn next(&mut self) -> Interjection {
        let next = match &mut self.0 {
            Some(interjections) => interjections.recv().await,
            None => None,
        };
        match next {
            Some(interjection) => interjection,
            None => future::pending().await,
        }
    }
}
