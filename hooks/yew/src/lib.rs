//! [Yew](https://yew.rs) hooks for [eversocket], the WebSocket that stays.
//!
//! A component calls [`use_socket`], gets a [`Socket`], and needs nothing else: it connects when the
//! component is there, connects again by itself, and closes with the component.
//!
//! ```
//! use eversocket::{Message, ReconnectingWebSocket, Text};
//! use eversocket_yew::{use_messages, use_socket};
//! use std::rc::Rc;
//! use yew::prelude::*;
//!
//! #[derive(Default)]
//! struct Lines(Vec<Text>);
//!
//! impl Reducible for Lines {
//!     type Action = Message;
//!
//!     fn reduce(self: Rc<Self>, message: Message) -> Rc<Self> {
//!         match message {
//!             Message::Text(line) => Rc::new(Self([&self.0[..], &[line]].concat())),
//!             _ => self,
//!         }
//!     }
//! }
//!
//! #[component]
//! fn Echo() -> Html {
//!     let socket = use_socket("/echo", |url| ReconnectingWebSocket::new(url));
//!     let lines = use_reducer(Lines::default);
//!     let arrived = lines.dispatcher();
//!     use_messages(&socket, move |message| arrived.dispatch(message));
//!
//!     let refused = use_state(|| None);
//!     let onclick = {
//!         let (socket, refused) = (socket.clone(), refused.clone());
//!         move |_| refused.set(socket.send("hello").err()) // queued while it is not open
//!     };
//!     html! {
//!         <>
//!             <p role="status">{ socket.state().to_string() }</p>
//!             <button {onclick}>{ "Say hello" }</button>
//!             <p>{ refused.as_ref().map(ToString::to_string) }</p>
//!             <ul>
//!                 for line in lines.0.iter() {
//!                     <li>{ line.as_str() }</li>
//!                 }
//!             </ul>
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
//! - [`Socket::carry_over`], where what waits is meant for whichever server comes next.
//! - [`Socket::handle`] for what the core can do beyond that.
//!
//! # Effects of children
//!
//! Yew runs the effects of children before those of their parents, so that a child which was there
//! from the beginning finds the socket of its parent not open yet in its own first effect: what it
//! sends there is given back. An effect that depends on `socket.state().is_open()` finds it open.
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
mod succession;

#[cfg(feature = "json")]
pub use hooks::use_json_socket;
pub use hooks::{use_events, use_messages, use_socket};
pub use socket::Socket;
