//! One WebSocket for Rust front ends and desktop apps.
//!
//! In a browser (wasm32) an [`WebSocket`] is the browser's own; anywhere else it is
//! [tokio-tungstenite](https://docs.rs/tokio-tungstenite). The types, the order of
//! events, the checks and the errors are the same on both, so that a program is written once.
//!
//! ```
//! # eversocket_server::doctest!(async |url: String| {
//! use eversocket::{Event, Message, WebSocket};
//!
//! let mut socket = WebSocket::connect(&url).await?;
//! socket.send("hello")?;
//! while let Some(event) = socket.next_event().await {
//!     match event {
//!         Event::Message(Message::Text(text)) => {
//!             assert_eq!(text, "hello");
//!             socket.close()?;
//!         }
//!         Event::Close(close) => assert!(close.was_clean),
//!         _ => {}
//!     }
//! }
//! # Ok(()) });
//! ```
//!
//! # One that stays
//!
//! A [`ReconnectingWebSocket`] connects again by itself, queues what is sent meanwhile, and tells
//! what became of each message; see [`reconnect`] for all that it can be told.
//!
//! ```
//! # eversocket_server::doctest!(async |url: String| {
//! use eversocket::ReconnectingWebSocket;
//!
//! let mut socket = ReconnectingWebSocket::new(&url)?;
//! socket.send("hello")?; // queued until it is open, and whenever it is not
//! while let Some(message) = socket.next_message().await {
//!     assert_eq!(message, "hello".into());
//!     socket.close(); // or go on: a restart of the server is survived
//! }
//! # Ok(()) });
//! ```
//!
//! # Two roles
//!
//! The [`WebSocket`] has one owner, who receives: each [`Event`] is handed out once, by
//! [`next_event`](WebSocket::next_event) or the `Stream`, by a callback such as
//! [`on_message`](WebSocket::on_message), or by [`try_next`](WebSocket::try_next) for
//! user interfaces that draw frames. Its [`Handle`] is `Clone + Send + Sync` and sends,
//! closes and reads the state from anywhere. Dropping the `WebSocket` closes the
//! connection with code 1000, however many handles remain; handles alone keep nothing open.
//!
//! # Where it runs
//!
//! In windows, dedicated and shared workers; natively inside a tokio runtime, and also where
//! none runs: then one background thread of the crate's own drives every such socket.
//! [What differs](guide::targets#what-differs) between the targets stands in one table.
//!
//! # The guide
//!
//! - [Getting started](guide::getting_started), natively and in a page
//! - [One API, two targets](guide::targets)
//! - [Reconnecting](guide::reconnecting): states, delays, what becomes of messages
//! - [Options](guide::options) with their defaults
//! - [Authentication](guide::authentication)
//! - [Interfaces](guide::interfaces): stream, callbacks or polling
//! - [Requests](guide::requests) with answers: JSON-RPC, protocols of your own
//! - [Front ends](guide::front_ends): the hooks for Leptos, Yew and Dioxus, and life without a hook
#![cfg_attr(feature = "test-kit", doc = "- [Testing](guide::testing) your app")]
//! - [Migrating](guide::migrating) from other crates
//! - [Questions](guide::questions)

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

/// The program on the front page compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod address;
mod backend;
mod blob;
mod channel;
mod close;
#[cfg(feature = "deflate")]
mod deflate;
mod error;
mod event;
#[cfg(all(any(test, fuzzing), not(target_arch = "wasm32")))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(any(doc, doctest))]
pub mod guide;
mod mailbox;
mod message;
mod platform;
mod printable;
mod proxy;
pub mod reconnect;
mod socket;
#[cfg(feature = "test-kit")]
pub mod test_kit;
mod text;
mod waiters;

pub use blob::Blob;
pub use close::{CloseCode, CloseEvent};
#[cfg(feature = "deflate")]
#[cfg_attr(docsrs, doc(cfg(feature = "deflate")))]
pub use deflate::Deflate;
pub use error::{
    BlobError, Cause, CloseError, ConnectionError, HandshakeFault, HttpRefusal, OpenError, ProxyFault, SendError,
    Unsupported,
};
pub use event::{BinaryType, Event, OpenEvent, ReadyState};
pub use mailbox::CallbackGuard;
pub use message::Message;
pub use platform::{MaybeSend, Tls};
pub use proxy::Proxy;
pub use reconnect::ReconnectingWebSocket;
pub use socket::{Builder, ByteStream, Handle, WebSocket};
pub use text::Text;
