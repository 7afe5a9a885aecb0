//! A blob of the browser's, or bytes that are on their way to it.

use super::{Confined, words};
use crate::platform::ReadFailure;
use bytes::Bytes;
use js_sys::{Uint8Array, futures::JsFuture};
use std::{
    fmt,
    future::Future,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use wasm_bindgen::JsValue;

#[derive(Clone)]
pub(crate) enum BlobStorage {
    Bytes(Bytes),
    /// A part of a browser's blob; it is sliced when it is read or sent.
    Browser {
        blob: Arc<Confined<web_sys::Blob>>,
        range: Range<u64>,
    },
}

impl From<Bytes> for BlobStorage {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<web_sys::Blob> for BlobStorage {
    fn from(blob: web_sys::Blob) -> Self {
        let range = 0..blob.size() as u64;
        Self::Browser { blob: Arc::new(Confined::new(blob)), range }
    }
}

impl BlobStorage {
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Browser { range, .. } => range.end - range.start,
        }
    }

    /// The range must lie within the size.
    pub(crate) fn slice(&self, part: Range<u64>) -> Self {
        match self {
            Self::Bytes(bytes) => Self::Bytes(bytes.slice(part.start as usize..part.end as usize)),
            Self::Browser { blob, range } => {
                Self::Browser { blob: blob.clone(), range: range.start + part.start..range.start + part.end }
            }
        }
    }

    /// The browser's blob of a [`Browser`](Self::Browser) part.
    pub(crate) fn browser_blob(
        blob: &Confined<web_sys::Blob>,
        range: &Range<u64>,
    ) -> Result<web_sys::Blob, ReadFailure> {
        let blob = blob.get().ok_or(ReadFailure::WrongThread)?;
        blob.slice_with_f64_and_f64(range.start as f64, range.end as f64)
            .map_err(|error| ReadFailure::Unreadable(words(&error)))
    }

    pub(crate) async fn read(&self) -> Result<Bytes, ReadFailure> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone()),
            Self::Browser { blob, range } => Reading::new(Self::browser_blob(blob, range)?).await,
        }
    }
}

/// A promise of bytes that rides in a `Send` future.
struct Reading(Confined<JsFuture>);

impl Reading {
    fn new(blob: web_sys::Blob) -> Self {
        Self(Confined::new(JsFuture::from(js_sys::Promise::<JsValue>::from(JsValue::from(blob.array_buffer())))))
    }
}

impl Future for Reading {
    type Output = Result<Bytes, ReadFailure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(promise) = self.0.get_mut() else { return Poll::Ready(Err(ReadFailure::WrongThread)) };
        Pin::new(promise).poll(context).map(|settled| match settled {
            Ok(buffer) => Ok(Uint8Array::new(&buffer).to_vec().into()),
            Err(error) => Err(ReadFailure::Unreadable(words(&error))),
        })
    }
}

impl PartialEq for BlobStorage {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bytes(left), Self::Bytes(right)) => left == right,
            (Self::Browser { blob: left, range: left_range }, Self::Browser { blob: right, range: right_range }) => {
                Arc::ptr_eq(left, right) && left_range == right_range
            }
            _ => false,
        }
    }
}

impl fmt::Debug for BlobStorage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} bytes", self.size())
    }
}
