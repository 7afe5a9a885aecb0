//! The hooks.

use crate::{
    Socket,
    core::{Core, Read},
    listeners::use_listener,
};
use dioxus_core::{use_drop, use_hook};
use dioxus_hooks::{use_callback, use_effect};
use dioxus_signals::{CopyValue, ReadableExt};
use eversocket::{OpenError, ReconnectingWebSocket, reconnect::Event};
use std::rc::Rc;

/// A socket that is open for as long as the component is there.
///
/// `open` makes it, with whatever options, in an effect: once the component is there, and so never
/// on a server. When a signal that `open` has read changes, the old socket is closed, and then
/// `open` makes another; no message and no state of the old one comes any more. (A property that is no
/// signal is read by [`use_reactive`](dioxus_hooks::use_reactive()), as in other effects.) A socket that
/// goes closes with code 1000, after what is queued if a connection is open; what it has not sent is
/// told to [`use_events`], or is for the new socket if that is to [carry it over](Socket::carry_over).
///
/// ```
/// use dioxus::prelude::*;
/// use eversocket::ReconnectingWebSocket;
/// use eversocket_dioxus::use_socket;
///
/// #[component]
/// fn Status(room: ReadSignal<String>) -> Element {
///     let socket = use_socket(move || {
///         ReconnectingWebSocket::builder(&format!("/room?name={room}")).max_attempts(10).open()
///     });
///     rsx! { p { role: "status", {socket.state().to_string()} } }
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
/// use dioxus::prelude::*;
/// use eversocket::ReconnectingWebSocket;
/// use eversocket_dioxus::{Socket, use_json_socket};
///
/// #[component]
/// fn Counter() -> Element {
///     let socket: Socket<f64, u32> = use_json_socket(|| ReconnectingWebSocket::new("/counter"));
///     let count = socket.last_message()().unwrap_or_default();
///     rsx! { button { onclick: move |_| drop(socket.send_json(&1)), "{count}" } }
/// }
/// ```
#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
pub fn use_json_socket<In, Out, F>(open: F) -> Socket<In, Out>
where
    In: serde::de::DeserializeOwned + Clone + 'static,
    Out: serde::Serialize + 'static,
    F: FnMut() -> Result<ReconnectingWebSocket, OpenError> + 'static,
{
    Socket::new(use_core(open, eversocket::reconnect::Json::<In, Out>::decode))
}

fn use_core<In, F>(mut open: F, read: Read<In>) -> CopyValue<Core<In>>
where
    In: Clone + 'static,
    F: FnMut() -> Result<ReconnectingWebSocket, OpenError> + 'static,
{
    let shared = use_hook(|| CopyValue::new(Core::new(read)));
    let core = *shared.peek();
    use_effect(move || {
        core.stop();
        // what is read here runs the effect again, and nothing else
        core.start(open());
    });
    use_drop(move || core.stop());
    shared
}

/// Calls a function with every message, in order and each once, for as long as the component is
/// there: the one that calls [`use_socket`], or another that was given the [`Socket`].
///
/// It is always the function that the last rendering made. With JSON, messages that cannot be read
/// do not come here, but to [`use_events`].
///
/// ```
/// use dioxus::prelude::*;
/// use eversocket::Message;
/// use eversocket_dioxus::{Socket, use_messages};
///
/// #[component]
/// fn Bell(socket: Socket, volume: usize) -> Element {
///     let mut heard = use_signal(String::new);
///     use_messages(socket, move |message| {
///         if message == Message::from("ring") {
///             heard.set("ding ".repeat(volume));
///         }
///     });
///     rsx! { p { "{heard}" } }
/// }
/// ```
pub fn use_messages<In, Out, F>(socket: Socket<In, Out>, function: F)
where
    In: Clone + 'static,
    F: FnMut(In) + 'static,
{
    use_listener(socket.core().map(|core| core.messages), use_callback(function));
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
/// When the component that opened the socket goes, that is told to components that stay. One that goes
/// itself hears nothing more, since Dioxus drops its signals and functions; who must know even then
/// sends messages [tracked](eversocket::reconnect::Handle::send_tracked), and awaits what becomes of them
/// in a task of [`spawn_forever`](dioxus_core::spawn_forever).
///
/// ```
/// use dioxus::prelude::*;
/// use eversocket::reconnect::Event;
/// use eversocket_dioxus::{Socket, use_events};
///
/// #[component]
/// fn Doubts(socket: Socket) -> Element {
///     let mut unknown = use_signal(|| None);
///     use_events(socket, move |event| {
///         if let Event::Gap(gap) = event {
///             unknown.set(Some(gap.unknown.to_string()));
///         }
///     });
///     rsx! {
///         if let Some(unknown) = unknown() {
///             p { "Perhaps lost: {unknown}" }
///         }
///     }
/// }
/// ```
pub fn use_events<In, Out, F>(socket: Socket<In, Out>, mut function: F)
where
    F: FnMut(&Event) + 'static,
{
    let callback = use_callback(move |event: Rc<Event>| function(&event));
    use_listener(socket.core().map(|core| core.events), callback);
}
