//! A component that opens a socket, and reports all that it sees of it.

use crate::stage::{Report, Reports, Stage, Theatre};
use dioxus::prelude::*;
use eversocket::{
    Message, OpenError, ReconnectingWebSocket,
    reconnect::{Ended, Event, State},
};
use eversocket_dioxus::{Socket, use_events, use_messages, use_socket};
use std::rc::Rc;

pub type Open = Rc<dyn Fn(String) -> Result<ReconnectingWebSocket, OpenError>>;

#[derive(Clone)]
pub struct Watched {
    pub url: String,
    pub open: Open,
    pub report: Report<Seen>,
    /// Whether its sockets carry over what waits.
    pub carries_over: bool,
    /// What the closures of this rendering report messages with.
    pub label: &'static str,
}

pub enum Seen {
    /// After a rendering, what it saw.
    Rendered {
        socket: Socket,
        state: State,
        last_message: Option<Message>,
    },
    Message(&'static str, Message),
    Event(Event),
    Gone,
}

impl Watched {
    fn render(&self) -> Element {
        let open = self.open.clone();
        let socket = use_socket(use_reactive(&self.url, move |url| open(url))).carry_over(self.carries_over);

        let (report, label) = (self.report.clone(), self.label);
        use_messages(socket, move |message| report.tell(Seen::Message(label, message)));
        let report = self.report.clone();
        use_events(socket, move |event| report.tell(Seen::Event(event.clone())));

        let (state, last_message) = (socket.state()(), socket.last_message()());
        let (report, text) = (self.report.clone(), state.to_string());
        let mut seen = Some(Seen::Rendered { socket, state, last_message });
        use_after_rendering(move || report.tell(seen.take().expect("once")));
        let report = self.report.clone();
        use_drop(move || report.tell(Seen::Gone));
        rsx! { p { "{text}" } }
    }

    pub fn play(self) -> impl Fn() -> Element + 'static {
        move || self.render()
    }
}

/// What an effect without dependencies is elsewhere.
pub fn use_after_rendering(function: impl FnOnce() + 'static) {
    dioxus::core::queue_effect(function);
}

/// A watcher on the page, and what it reports.
pub fn watch(
    url: &str,
    open: impl Fn(String) -> Result<ReconnectingWebSocket, OpenError> + 'static,
) -> (Stage, Watched, Reports<Seen>) {
    watch_in(&Theatre::open(), url, open)
}

pub fn watch_in(
    theatre: &Rc<Theatre>,
    url: &str,
    open: impl Fn(String) -> Result<ReconnectingWebSocket, OpenError> + 'static,
) -> (Stage, Watched, Reports<Seen>) {
    watch_with(false, theatre, url, open)
}

/// One whose sockets carry over what waits, or do not.
pub fn watch_with(
    carries_over: bool,
    theatre: &Rc<Theatre>,
    url: &str,
    open: impl Fn(String) -> Result<ReconnectingWebSocket, OpenError> + 'static,
) -> (Stage, Watched, Reports<Seen>) {
    let (report, reports) = Reports::new();
    let watched = Watched { url: url.to_owned(), open: Rc::new(open), report, carries_over, label: "first" };
    (theatre.mount(watched.clone().play()), watched, reports)
}

pub fn plainly(url: String) -> Result<ReconnectingWebSocket, OpenError> {
    crate::support::reconnecting::quick(&url).open()
}

impl Reports<Seen> {
    /// Waits for a rendering with such a state.
    pub async fn state(&mut self, mut is_wanted: impl FnMut(&State) -> bool) -> Socket {
        let look = |seen| match seen {
            Seen::Rendered { socket, state, .. } if is_wanted(&state) => Some(socket),
            _ => None,
        };
        self.until(look).await
    }

    pub async fn open(&mut self) -> Socket {
        self.state(State::is_open).await
    }

    /// Waits for a rendering with such a last message.
    pub async fn last_message(&mut self, wanted: impl Into<Message>) {
        let wanted = Some(wanted.into());
        let look = |seen| match seen {
            Seen::Rendered { last_message, .. } if last_message == wanted => Some(()),
            _ => None,
        };
        self.until(look).await;
    }

    pub async fn message(&mut self) -> (&'static str, Message) {
        self.until(|seen| if let Seen::Message(label, message) = seen { Some((label, message)) } else { None }).await
    }

    pub async fn event<R>(&mut self, mut look: impl FnMut(Event) -> Option<R>) -> R {
        self.until(|seen| if let Seen::Event(event) = seen { look(event) } else { None }).await
    }

    /// Waits for an end, and then for an echo of that text, until when there must be no other end.
    pub async fn ended_once(&mut self, socket: &Socket, last: &'static str) -> Ended {
        let ended = self.event(|event| if let Event::Ended(ended) = event { Some(ended) } else { None }).await;
        socket.send(last).expect("it is queued");
        let look = |seen| match seen {
            Seen::Event(Event::Ended(again)) => panic!("{again:?} after {ended:?}"),
            Seen::Event(Event::Message(message)) => (message == last.into()).then_some(()),
            _ => None,
        };
        self.until(look).await;
        ended
    }

    pub async fn gone(&mut self) {
        self.until(|seen| matches!(seen, Seen::Gone).then_some(())).await;
    }
}
