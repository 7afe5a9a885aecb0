//! The hooks.

use crate::{
    Socket,
    core::{Core, OnEvent, OnMessage, Read},
    listeners::{Listener, Listeners},
};
use eversocket::{OpenError, ReconnectingWebSocket, reconnect::Event};
use std::rc::Rc;
use yew::{hook, use_effect_with, use_force_update, use_memo};

/// A socket that is open for as long as the component is there.
///
/// `open` makes it, with whatever options, when the component has been rendered for the first
/// time, and so never on a server. When the dependencies have changed, the old socket is closed,
/// and then `open` makes another; no message and no state of the old one comes any more. A socket that
/// goes closes with code 1000, after what is queued if a connection is open; what it has not sent is
/// told to [`use_events`], or is for the new socket if that is to [carry it over](Socket::carry_over).
///
/// The component is rendered again when the state changes or a message has arrived.
///
/// ```
/// use eversocket::ReconnectingWebSocket;
/// use eversocket_yew::use_socket;
/// use yew::prelude::*;
///
/// #[derive(Properties, PartialEq)]
/// struct Room {
///     name: AttrValue,
/// }
///
/// #[component]
/// fn Status(props: &Room) -> Html {
///     let socket = use_socket(props.name.clone(), |name| {
///         ReconnectingWebSocket::builder(&format!("/room?name={name}")).max_attempts(10).open()
///     });
///     html! { <p role="status">{ socket.state().to_string() }</p> }
/// }
/// ```
#[hook]
pub fn use_socket<D, F>(dependencies: D, open: F) -> Socket
where
    D: PartialEq + 'static,
    F: FnOnce(&D) -> Result<ReconnectingWebSocket, OpenError> + 'static,
{
    Socket::new(use_core(dependencies, open, Ok))
}

/// As [`use_socket`], with messages as values in JSON, the same in both directions or one for each.
///
/// ```
/// use eversocket::ReconnectingWebSocket;
/// use eversocket_yew::{Socket, use_json_socket};
/// use yew::prelude::*;
///
/// #[component]
/// fn Counter() -> Html {
///     let socket: Socket<f64, u32> = use_json_socket((), |()| ReconnectingWebSocket::new("/counter"));
///     let onclick = {
///         let socket = socket.clone();
///         move |_| drop(socket.send_json(&1))
///     };
///     html! { <button {onclick}>{ socket.last_message() }</button> }
/// }
/// ```
#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
#[hook]
pub fn use_json_socket<In, Out, D, F>(dependencies: D, open: F) -> Socket<In, Out>
where
    In: serde::de::DeserializeOwned + Clone + 'static,
    Out: serde::Serialize + 'static,
    D: PartialEq + 'static,
    F: FnOnce(&D) -> Result<ReconnectingWebSocket, OpenError> + 'static,
{
    Socket::new(use_core(dependencies, open, eversocket::reconnect::Json::<In, Out>::decode))
}

#[hook]
fn use_core<In, D, F>(dependencies: D, open: F, read: Read<In>) -> Rc<Core<In>>
where
    In: Clone + 'static,
    D: PartialEq + 'static,
    F: FnOnce(&D) -> Result<ReconnectingWebSocket, OpenError> + 'static,
{
    let component = use_force_update();
    let core = use_memo((), |()| Core::new(read, component));
    let started = core.clone();
    use_effect_with(dependencies, move |dependencies| started.start(open(dependencies)));
    core
}

/// Calls a function with every message, in order and each once, for as long as the component is
/// there: the one that calls [`use_socket`], or another that was given the [`Socket`].
///
/// It is always the function that the last rendering made, so that it may use what that saw; where
/// several come in one turn, they come before the next rendering, which a reducer does not mind.
/// With JSON, messages that cannot be read do not come here, but to [`use_events`].
///
/// ```
/// use eversocket::Message;
/// use eversocket_yew::{Socket, use_messages};
/// use yew::prelude::*;
///
/// #[derive(Properties, PartialEq)]
/// struct Given {
///     socket: Socket,
///     volume: usize,
///     play: Callback<String>,
/// }
///
/// #[component]
/// fn Bell(props: &Given) -> Html {
///     let (volume, play) = (props.volume, props.play.clone());
///     use_messages(&props.socket, move |message| {
///         if message == Message::from("ring") {
///             play.emit("ding ".repeat(volume));
///         }
///     });
///     html! { <p>{ "Ready to ring" }</p> }
/// }
/// ```
#[hook]
pub fn use_messages<In, Out, F>(socket: &Socket<In, Out>, function: F)
where
    In: Clone + 'static,
    Out: 'static,
    F: Fn(In) + 'static,
{
    use_listener(socket.core().clone(), Rc::new(function) as OnMessage<In>, |core| &core.messages);
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
/// dropped or left unsent. To set the component's own state does nothing by then.
///
/// ```
/// use eversocket::reconnect::Event;
/// use eversocket_yew::{Socket, use_events};
/// use yew::prelude::*;
///
/// #[derive(Properties, PartialEq)]
/// struct Given {
///     socket: Socket,
/// }
///
/// #[component]
/// fn Doubts(props: &Given) -> Html {
///     let unknown = use_state(|| None);
///     let told = unknown.clone();
///     use_events(&props.socket, move |event| {
///         if let Event::Gap(gap) = event {
///             told.set(Some(gap.unknown.to_string()));
///         }
///     });
///     html! {
///         if let Some(unknown) = &*unknown {
///             <p>{ "Perhaps lost: " }{ unknown }</p>
///         }
///     }
/// }
/// ```
#[hook]
pub fn use_events<In, Out, F>(socket: &Socket<In, Out>, function: F)
where
    In: Clone + 'static,
    Out: 'static,
    F: Fn(&Event) + 'static,
{
    use_listener(socket.core().clone(), Rc::new(function) as OnEvent, |core| &core.events);
}

#[hook]
fn use_listener<In, F>(core: Rc<Core<In>>, closure: F, listeners: fn(&Core<In>) -> &Listeners<F>)
where
    In: 'static,
    F: Clone + 'static,
{
    let listener = use_memo((), |()| Listener::new(closure.clone()));
    listener.renew(closure);
    use_effect_with(core, move |core| {
        let core = core.clone();
        listeners(&core).add(listener.clone());
        move || listeners(&core).remove(&listener)
    });
}
