//! [Dioxus](https://dioxuslabs.com) hooks for [eversocket], the WebSocket that stays.
//!
//! A component calls [`use_socket`], gets a [`Socket`], and needs nothing else: it connects when the
//! component is there, connects again by itself, and closes with the component. In browsers and, by
//! the same code, wherever else Dioxus renders to.
//!
//! ```
//! use dioxus::prelude::*;
//! use eversocket::{Message, ReconnectingWebSocket, Text};
//! use eversocket_dioxus::{use_messages, use_socket};
//!
//! #[component]
//! fn Echo() -> Element {
//!     let socket = use_socket(|| ReconnectingWebSocket::new("/echo"));
//!     let mut lines = use_signal(Vec::<Text>::new);
//!     use_messages(socket, move |message| {
//!         if let Message::Text(line) = message {
//!             lines.push(line);
//!         }
//!     });
//!
//!     let mut refused = use_signal(|| None);
//!     let say = move |_| refused.set(socket.send("hello").err()); // queued while it is not open
//!     rsx! {
//!         p { role: "status", {socket.state().to_string()} }
//!         button { onclick: say, "Say hello" }
//!         p { {refused().map(|error| error.to_string())} }
//!         ul {
//!             for line in lines.iter() {
//!                 li { "{line}" }
//!             }
//!         }
//!     }
//! }
//! ```
//!
//! # What else there is
//!
//! - `use_json_socket`, with the feature `json`: messages as values of a type.
//! - [`use_messages`] and [`use_events`], in any component that has the [`Socket`], by a property or
//!   from a context: every one, in order. [`Socket::last_message`] shows the last.
//! - [`Socket::carry_over`], where what waits is meant for whichever server comes next.
//! - [`Socket::handle`] for what the core can do beyond that.
//!
//! # Where it runs
//!
//! Relative URLs such as the one above belong to a page; desktop and mobile programs give the whole
//! URL. There Dioxus has a tokio runtime, in which the socket is driven.
//!
//! # On a server
//!
//! No effect runs where a server renders: no socket is opened, and the state shown is the first,
//! as it is in a browser before the effects have run.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod core;
mod hooks;
mod listeners;
mod socket;
mod succession;

#[cfg(feature = "json")]
pub use hooks::use_json_socket;
pub use hooks::{use_events, use_messages, use_socket};
pub use socket::Socket;
