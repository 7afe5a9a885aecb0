//! What each client does, and how a page has it do so.

pub use wasm_bindgen;
pub use wasm_bindgen_futures;

use bytes::Bytes;
use std::future::Future;

/// What is sent again and again: letters, so that it may be a text.
#[derive(Debug, Clone)]
pub struct Payload {
    pub is_text: bool,
    pub bytes: Bytes,
}

impl Payload {
    pub fn new(is_text: bool, size: usize) -> Self {
        Self { is_text, bytes: vec![b'x'; size].into() }
    }

    /// For libraries that take no shared bytes.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// A client library, used as its users do.
pub trait Client: Sized {
    fn open(url: &str) -> impl Future<Output = Self>;

    /// Receives so many messages.
    fn receive(&mut self, count: usize) -> impl Future<Output = ()>;

    /// Sends so many messages by a loop of what is called `send`, or most like it.
    fn send(&mut self, payload: &Payload, count: usize) -> impl Future<Output = ()>;
}

/// What a page calls: one socket at a time.
#[macro_export]
macro_rules! export {
    ($client:ty) => {
        use $crate::{wasm_bindgen, wasm_bindgen::prelude::wasm_bindgen as exported, wasm_bindgen_futures};

        thread_local! {
            static CLIENT: std::cell::RefCell<Option<$client>> = const { std::cell::RefCell::new(None) };
        }

        fn take() -> $client {
            CLIENT.take().expect("it is open")
        }

        #[exported]
        pub async fn open(url: String) {
            CLIENT.set(Some(<$client as $crate::Client>::open(&url).await));
        }

        #[exported]
        pub async fn receive(count: usize) {
            let mut client = take();
            $crate::Client::receive(&mut client, count).await;
            CLIENT.set(Some(client));
        }

        #[exported]
        pub async fn send(is_text: bool, size: usize, count: usize) {
            let mut client = take();
            $crate::Client::send(&mut client, &$crate::Payload::new(is_text, size), count).await;
            CLIENT.set(Some(client));
        }

        #[exported]
        pub fn close() {
            drop(take());
        }
    };
}
