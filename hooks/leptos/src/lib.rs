//! [Leptos](https://leptos.dev) hooks for [eversocket], the WebSocket that stays.
//!
//! A component calls [`use_socket`], gets a [`Socket`], and needs nothing else: it connects when the
//! component is there, connects again by itself, and closes with the component.
//!
//! ```
//! use eversocket::{Message, ReconnectingWebSocket, Text};
//! use eversocket_leptos::{use_messages, use_socket};
//! use leptos::prelude::*;
//!
//! #[component]
//! fn Echo() -> impl IntoView {
//!     let socket = use_socket(|| ReconnectingWebSocket::new("/echo"));
//!     let (lines, set_lines) = signal(Vec::<Text>::new());
//!     use_messages(socket, move |message| {
//!         if let Message::Text(line) = message {
//!             set_lines.update(|lines| lines.push(line));
//!         }
//!     });
//!
//!     let (refused, set_refused) = signal(None);
//!     let say = move |_| set_refused.set(socket.send("hello").err()); // queued while it is not open
//!     view! {
//!         <p role="status">{move || socket.state().get().to_string()}</p>
//!         <button on:click=say>"Say hello"</button>
//!         <p>{move || refused.get().map(|error| error.to_string())}</p>
//!         <ul>
//!             {move || lines.get().into_iter().map(|line| view! { <li>{line.to_string()}</li> }).collect_view()}
//!         </ul>
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
//! # Effects of children
//!
//! Effects run in the order in which they were made, and those of a parent are made before those of
//! its children if the parent calls [`use_socket`] before it makes its view. So a child finds the
//! socket of its parent open, in the sense that what it sends is accepted, in its first effect.
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
