//! The hooks.

use crate::{
    Socket,
    core::{Core, Read},
    listeners::{Listener, Listeners},
};
use eversocket::{OpenError, ReconnectingWebSocket, reconnect::Event};
use leptos::prelude::*;
use std::rc::Rc;

/// A socket that is open for as long as the component is there.
///
/// `open` makes it, with whatever options, in an effect: once the component is there, and so never
/// on a server. When a signal that `open` has read changes, the old socket is closed, and then
/// `open` makes another; no message and no state of the old one comes any more. A socket that goes
/// closes with code 1000, after what is queued if a connection is open; what it has not sent is told to
/// [`use_events`], or is for the new socket if that is to [carry it over](Socket::carry_over).
///
/// ```
/// use eversocket::ReconnectingWebSocket;
/// use eversocket_leptos::use_socket;
/// use leptos::prelude::*;
///
/// #[component]
/// fn Status(#[prop(into)] room: Signal<String>) -> impl IntoView {
///     let socket = use_socket(move || {
///         ReconnectingWebSocket::builder(&format!("/room?name={}", room.get())).max_attempts(10).open()
///     });
///     view! { <p role="status">{move || socket.state().get().to_string()}</p> }
/// }
/// ```
pub fn use_socket<F>(open: F) -> Socket
where
    F: FnMut() -> Result<ReconnectingWebSocket, OpenError> + 'static,
{
    Socket::new(use_core(open, Ok))
}

/// As [`use_socket`], with messages as values in JSON, the same in both directions or one for each.
///
/// ```
/// use eversocket::ReconnectingWebSocket;
/// use eversocket_leptos::{Socket, use_json_socket};
/// use leptos::prelude::*;
///
/// #[component]
/// fn Counter() -> impl IntoView {
///     let socket: Socket<f64, u32> = use_json_socket(|| ReconnectingWebSocket::new("/counter"));
///     let add = move |_| drop(socket.send_json(&1));
///     view! { <button on:click=add>{socket.last_message()}</button> }
/// }
/// ```
#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
pub fn use_json_socket<In, Out, F>(open: F) -> Socket<In, Out>
where
    In: serde::de::DeserializeOwned + Clone + Send + Sync + 'static,
    Out: serde::Serialize + 'static,
    F: FnMut() -> Result<ReconnectingWebSocket, OpenError> + 'static,
{
    Socket::new(use_core(open, eversocket::reconnect::Json::<In, Out>::decode))
}

fn use_core<In, F>(mut open: F, read: Read<In>) -> Core<In>
where
    In: Clone + Send + Sync + 'static,
    F: FnMut() -> Result<ReconnectingWebSocket, OpenError> + 'static,
{
    let core = Core::new(read);
    Effect::new(move |_| {
        if !core.is_gone() {
            // what is read here runs the effect again, and nothing else
            let opened = open();
            untrack(|| core.start(opened));
        }
    });
    core
}

/// Calls a function with every message, in order and each once, for as long as the component is
/// there: the one that calls [`use_socket`], or another that was given the [`Socket`].
///
/// With JSON, messages that cannot be read do not come here, but to [`use_events`].
///
/// ```
/// use eversocket::Message;
/// use eversocket_leptos::{Socket, use_messages};
/// use leptos::prelude::*;
///
/// #[component]
/// fn Bell(socket: Socket, volume: Signal<usize>) -> impl IntoView {
///     let (heard, set_heard) = signal(String::new());
///     use_messages(socket, move |message| {
///         if message == Message::from("ring") {
///             set_heard.set("ding ".repeat(volume.get_untracked()));
///         }
///     });
///     view! { <p>{heard}</p> }
/// }
/// ```
pub fn use_messages<In, Out, F>(socket: Socket<In, Out>, mut function: F)
where
    In: Clone + Send + Sync + 'static,
    F: FnMut(In) + 'static,
{
    use_listener(socket.core().messages, move |message: &In| function(message.clone()));
}

/// Calls a function with every event of the socket, as the core gives it: states, messages,
/// interruptions, gaps, what was dropped, and the end with what was not sent.
///
/// Else as [`use_messages`]. With JSON, messages come as they arrived, also those that cannot be
/// read, of which [`Socket::unreadable`] then tells why. Where opening was refused there is no
/// socket to have events; the state tells.
///
/// Where a socket takes the place of another, what still becomes of the messages of the old one comes
/// here too: last its [`Event::Ended`], once, with what it has not sent. Numbers are those of the old
/// one. [`Socket::carry_over`] has the new one send those instead.
///
/// When the component goes, the function is still called for events that tell of messages which are
/// dropped or left unsent. The component's signals are gone by then: to set them does nothing, and to
/// read them panics, as in any task that outlives its component.
///
/// ```
/// use eversocket::reconnect::Event;
/// use eversocket_leptos::{Socket, use_events};
/// use leptos::prelude::*;
///
/// #[component]
/// fn Doubts(socket: Socket) -> impl IntoView {
///     let (unknown, set_unknown) = signal(None);
///     use_events(socket, move |event| {
///         if let Event::Gap(gap) = event {
///             set_unknown.set(Some(format!("Perhaps lost: {}", gap.unknown)));
///         }
///     });
///     view! { <p>{unknown}</p> }
/// }
/// ```
pub fn use_events<In, Out, F>(socket: Socket<In, Out>, function: F)
where
    F: FnMut(&Event) + 'static,
{
    use_listener(socket.core().events, function);
}

fn use_listener<T: 'static>(listeners: Listeners<T>, function: impl FnMut(&T) + 'static) {
    let listener = Rc::new(Listener::new(function));
    // never on a server
    Effect::new(move |_| listeners.add(listener.clone()));
}
