//! Values on their way between Rust and the browser.

use crate::{
    BinaryType, Blob, CloseCode, HandshakeFault, Message, Text,
    platform::{BlobStorage, TextStorage},
};
use js_sys::{JsString, Uint8Array};
use wasm_bindgen::JsValue;

pub(super) fn browser_type(binary_type: BinaryType) -> web_sys::BinaryType {
    match binary_type {
        BinaryType::Blob => web_sys::BinaryType::Blob,
        BinaryType::ArrayBuffer => web_sys::BinaryType::Arraybuffer,
    }
}

/// The standard fails a connection whose subprotocol was not agreed; Firefox opens some.
pub(super) fn protocol_fault(protocol: &str, offered: &[String]) -> Option<HandshakeFault> {
    match protocol.is_empty() {
        true => (!offered.is_empty()).then_some(HandshakeFault::NoProtocolChosen),
        false => (!offered.iter().any(|it| it == protocol))
            .then(|| HandshakeFault::UnofferedProtocol { protocol: protocol.to_owned() }),
    }
}

/// What no close frame can carry, though Firefox calls the end clean if one does.
pub(super) fn is_never_clean(code: CloseCode) -> bool {
    matches!(code, CloseCode::ABNORMAL | CloseCode::TLS_HANDSHAKE)
}

/// A text that came out of the browser.
pub(super) fn text(text: &JsString) -> Message {
    Message::Text(Text::from(TextStorage::from(String::from(text))))
}

pub(super) fn strings(texts: &[String]) -> js_sys::Array {
    texts.iter().map(|text| JsValue::from_str(text)).collect()
}

/// Sends the bytes from where they are, of which the browser makes its copy. In a build with wasm
/// threads a copy is made in JavaScript's memory first: browsers refuse a view of memory that threads
/// share.
pub(super) fn send_bytes(socket: &web_sys::WebSocket, bytes: &[u8]) -> Result<(), JsValue> {
    if cfg!(target_feature = "atomics") {
        socket.send_with_array_buffer(&Uint8Array::from(bytes).buffer())
    } else {
        socket.send_with_u8_array(bytes)
    }
}

impl From<web_sys::Blob> for Blob {
    /// A blob or file of the page's, sent without reading it into wasm's memory.
    fn from(blob: web_sys::Blob) -> Self {
        let content_type = blob.type_();
        Self::from_storage(BlobStorage::from(blob), &content_type)
    }
}

impl TryFrom<&Blob> for web_sys::Blob {
    type Error = crate::BlobError;

    /// The browser's blob, for the page to use.
    fn try_from(blob: &Blob) -> Result<Self, Self::Error> {
        use crate::{
            BlobError,
            platform::{ReadFailure, words},
        };
        let unreadable = |error: JsValue| BlobError::Unreadable { reason: words(&error) };
        match blob.storage() {
            BlobStorage::Browser { blob, range } => {
                BlobStorage::browser_blob(blob, range).map_err(|failure| match failure {
                    ReadFailure::WrongThread => BlobError::WrongThread,
                    ReadFailure::Unreadable(reason) => BlobError::Unreadable { reason },
                })
            }
            BlobStorage::Bytes(bytes) => {
                let parts = js_sys::Array::of1(&Uint8Array::from(&bytes[..]));
                let options = web_sys::BlobPropertyBag::new();
                options.set_type(blob.content_type());
                Self::new_with_u8_array_sequence_and_options(&parts, &options).map_err(unreadable)
            }
        }
    }
}
