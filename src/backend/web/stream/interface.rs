//! What the browser has: `WebSocketStream` and the parts of the Streams standard that it is made of.

use crate::close::CloseFrame;
use js_sys::{Array, JsString, Object, Promise, Reflect};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    pub(super) type WebSocketStream;

    #[wasm_bindgen(constructor, catch)]
    pub(super) fn new(url: &str, options: &JsValue) -> Result<WebSocketStream, JsValue>;

    /// Of a [`Connected`].
    #[wasm_bindgen(method, getter)]
    pub(super) fn opened(this: &WebSocketStream) -> Promise;

    /// Of a [`Closed`], or rejected where the close was not clean.
    #[wasm_bindgen(method, getter)]
    pub(super) fn closed(this: &WebSocketStream) -> Promise;

    #[wasm_bindgen(method, catch)]
    fn close(this: &WebSocketStream, info: &JsValue) -> Result<(), JsValue>;

    pub(super) type Connected;

    #[wasm_bindgen(method, getter)]
    pub(super) fn readable(this: &Connected) -> Readable;

    #[wasm_bindgen(method, getter)]
    pub(super) fn writable(this: &Connected) -> Writable;

    #[wasm_bindgen(method, getter)]
    pub(super) fn protocol(this: &Connected) -> String;

    #[wasm_bindgen(method, getter)]
    pub(super) fn extensions(this: &Connected) -> String;

    pub(super) type Closed;

    /// `undefined` in some browsers where the peer has sent none.
    #[wasm_bindgen(method, getter = closeCode)]
    pub(super) fn close_code(this: &Closed) -> Option<u16>;

    #[wasm_bindgen(method, getter)]
    pub(super) fn reason(this: &Closed) -> Option<String>;

    pub(super) type Readable;

    #[wasm_bindgen(method, catch, js_name = getReader)]
    pub(super) fn reader(this: &Readable) -> Result<Reader, JsValue>;

    pub(super) type Reader;

    /// Of a [`Chunk`].
    #[wasm_bindgen(method)]
    pub(super) fn read(this: &Reader) -> Promise;

    pub(super) type Chunk;

    #[wasm_bindgen(method, getter)]
    pub(super) fn done(this: &Chunk) -> bool;

    /// A string, or an `ArrayBuffer` or `Uint8Array`.
    #[wasm_bindgen(method, getter)]
    pub(super) fn value(this: &Chunk) -> JsValue;

    pub(super) type Writable;

    #[wasm_bindgen(method, catch, js_name = getWriter)]
    pub(super) fn writer(this: &Writable) -> Result<Writer, JsValue>;

    pub(super) type Writer;

    /// A string or a `Uint8Array`; done when the browser has it.
    #[wasm_bindgen(method)]
    pub(super) fn write(this: &Writer, chunk: &JsValue) -> Promise;
}

impl WebSocketStream {
    pub(super) fn is_there() -> bool {
        Reflect::has(&js_sys::global(), &JsString::from("WebSocketStream")).unwrap_or(false)
    }

    pub(super) fn connect(url: &str, protocols: &Array) -> Result<Self, JsValue> {
        let options = match protocols.length() {
            0 => Object::new(),
            _ => object(&[("protocols", protocols)]),
        };
        Self::new(url, &options)
    }

    /// While it connects, that is abandoned; once it is closing, nothing happens.
    pub(super) fn begin_close(&self, frame: Option<&CloseFrame>) {
        let info = match frame {
            Some(frame) => {
                let (code, reason) = (JsValue::from(frame.code().0), JsValue::from_str(frame.reason()));
                object(&[("closeCode", &code), ("reason", &reason)])
            }
            None => Object::new(),
        };
        let _checked_before = self.close(&info);
    }
}

fn object(fields: &[(&str, &JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        let _plain_objects_take_any = Reflect::set(&object, &JsString::from(*name), value);
    }
    object
}
