//! The browser's WebSocket without a library: the least that brings messages into wasm.

use course::{Client, Payload};
use futures::channel::oneshot;
use js_sys::{ArrayBuffer, JsString, Uint8Array};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{BinaryType, MessageEvent, WebSocket};

struct Plain {
    socket: WebSocket,
    wanted: Rc<Wanted>,
    _heard: Closure<dyn FnMut(MessageEvent)>,
}

#[derive(Default)]
struct Wanted {
    count: Cell<usize>,
    done: RefCell<Option<oneshot::Sender<()>>>,
}

impl Wanted {
    fn count_down(&self) {
        self.count.set(self.count.get() - 1);
        if self.count.get() == 0
            && let Some(done) = self.done.take()
        {
            done.send(()).expect("it is waited for");
        }
    }
}

impl Client for Plain {
    async fn open(url: &str) -> Self {
        let socket = WebSocket::new(url).expect("a URL");
        socket.set_binary_type(BinaryType::Arraybuffer);
        let (open, opened) = oneshot::channel();
        let open = Closure::once(move || open.send(()).expect("it is waited for"));
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        let wanted = Rc::new(Wanted::default());
        let counted = wanted.clone();
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            match event.data().dyn_into::<ArrayBuffer>() {
                Ok(buffer) => drop(Uint8Array::new(&buffer).to_vec()),
                Err(text) => drop(String::from(text.unchecked_into::<JsString>())),
            }
            counted.count_down();
        });
        socket.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        opened.await.expect("it accepts");
        socket.set_onopen(None);
        Self { socket, wanted, _heard: heard }
    }

    async fn receive(&mut self, count: usize) {
        let (done, all) = oneshot::channel();
        self.wanted.count.set(count);
        self.wanted.done.replace(Some(done));
        all.await.expect("the server sends all");
    }

    async fn send(&mut self, payload: &Payload, count: usize) {
        for _ in 0..count {
            if payload.is_text {
                self.socket.send_with_str(&payload.text()).expect("it is open");
            } else {
                self.socket.send_with_u8_array(&payload.bytes).expect("it is open");
            }
        }
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.close().expect("it is open");
    }
}

course::export!(Plain);
