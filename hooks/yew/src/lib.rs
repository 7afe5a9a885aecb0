//! [Yew](https://yew.rs) hooks for [eversocket](eversocket), the WebSocket that stays.
//!
//! A component calls [`use_socket`], gets a [`Socket`], and needs nothing else: it connects when the
//! component is there, connects again by itself, and closes with the component.
//!
//! ```
//! use eversocket::{Message, ReconnectingWebSocket};
//! use eversocket_yew::{use_messages, use_socket};
//! use yew::prelude::*;
//!
//! #[component]
//! fn Lines() -> Html {
//!     let socket = use_socket("/echo", |url| ReconnectingWebSocket::new(url));
//!     let lines = use_state(Vec::new);
//!     let shown = lines.clone();
//!     use_messages(&socket, move |message| {
//!         if let Message::Text(line) = message {
//!             shown.set([&shown[..], &[line]].concat());
//!         }
//!     });
//!
//!     let refused = use_state(|| None);
//!     let onclick = {
//!         let (socket, refused) = (socket.clone(), refused.clone());
//!         move |_| refused.set(socket.send("hello").err()) // queued while it is not open
//!     };
//!     html! {
//!         <>
//!             <p role="status">{ socket.state() }</p>
//!             <button {onclick}>{ "Say hello" }</button>
//!             <p>{ refused.as_ref().map(ToString::to_string) }</p>
//!             <ul>{ for lines.iter().map(|line| html! { <li>{ line.as_str() }</li> }) }</ul>
//!         </>
//!     }
//! }
//! ```
//!
//! # What else there is
//!
//! - `use_json_socket`, with the feature `json`: messages as values of a type.
//! - [`use_messages`] and [`use_events`], in any component that has the [`Socket`], by a property or
//!   from a context: every one, in order. [`Socket::last_message`] shows the last.
//! - [`Socket::handle`] for what the core can do beyond that.
//!
//! # Effects of children
//!
//! Yew runs the effects of children before those of their parents, so that a child which was there
//! from the beginning finds the socket of its parent not open yet in its own first effect. What
//! it sends there is given back; it is better sent by the parent, when the state is open, or by
//! [sticky messages](eversocket::reconnect::Handle::set_sticky).
//!
//! # On a server
//!
//! No effect runs where a server renders: no socket is opened, and the state shown is the first,
//! as it is in a browser before the component has been rendered.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod core;
mod hooks;
mod listeners;
mod socket;

#[cfg(feature = "json")]
pub use hooks::use_json_socket;
pub use hooks::{use_events, use_messages, use_socket};
pub use socket::Socket;
