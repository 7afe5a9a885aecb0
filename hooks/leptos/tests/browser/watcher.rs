//! A component that opens a socket, and reports all that it sees of it.

use crate::stage::{Report, Reports, Stage};
use eversocket::{
    Message, OpenError, ReconnectingWebSocket,
    reconnect::{Ended, Event, State},
};
use eversocket_leptos::{Socket, use_events, use_messages, use_socket};
use leptos::prelude::*;

pub enum Seen {
    /// By an effect, what is shown.
    Shown {
        socket: Socket,
        state: State,
        last_message: Option<Message>,
    },
    Message(Message),
    Event(Event),
    Gone,
}

fn watcher(
    url: ArcSignal<String>,
    mut open: impl FnMut(String) -> Result<ReconnectingWebSocket, OpenError> + 'static,
    carries_over: bool,
    report: Report<Seen>,
) -> impl IntoView {
    let socket = use_socket(move || open(url.get())).carry_over(carries_over);
    let told = report.clone();
    use_messages(socket, move |message| told.tell(Seen::Message(message)));
    let told = report.clone();
    use_events(socket, move |event| told.tell(Seen::Event(event.clone())));
    let told = report.clone();
    Effect::new(move |_| {
        let (state, last_message) = (socket.state().get(), socket.last_message().get());
        told.tell(Seen::Shown { socket, state, last_message });
    });
    on_cleanup(move || report.tell(Seen::Gone));
    view! { <p>{move || socket.state().get().to_string()}</p> }
}

/// A watcher on the page, what changes its URL, and what it reports.
pub fn watch(
    url: &str,
    open: impl FnMut(String) -> Result<ReconnectingWebSocket, OpenError> + 'static,
) -> (Stage, ArcWriteSignal<String>, Reports<Seen>) {
    watch_with(false, url, open)
}

/// One whose sockets carry over what waits, or do not.
pub fn watch_with(
    carries_over: bool,
    url: &str,
    open: impl FnMut(String) -> Result<ReconnectingWebSocket, OpenError> + 'static,
) -> (Stage, ArcWriteSignal<String>, Reports<Seen>) {
    let (report, reports) = Reports::new();
    let (url, set_url) = arc_signal(url.to_owned());
    (Stage::mount(move || watcher(url.into(), open, carries_over, report)), set_url, reports)
}

pub fn plainly(url: String) -> Result<ReconnectingWebSocket, OpenError> {
    crate::support::reconnecting::quick(&url).open()
}

impl Reports<Seen> {
    /// Waits until such a state is shown.
    pub async fn state(&mut self, mut is_wanted: impl FnMut(&State) -> bool) -> Socket {
        let look = |seen| match seen {
            Seen::Shown { socket, state, .. } if is_wanted(&state) => Some(socket),
            _ => None,
        };
        self.until(look).await
    }

    pub async fn open(&mut self) -> Socket {
        self.state(State::is_open).await
    }

    /// Waits until such a last message is shown.
    pub async fn last_message(&mut self, wanted: impl Into<Message>) {
        let wanted = Some(wanted.into());
        let look = |seen| match seen {
            Seen::Shown { last_message, .. } if last_message == wanted => Some(()),
            _ => None,
        };
        self.until(look).await;
    }

    pub async fn message(&mut self) -> Message {
        self.until(|seen| if let Seen::Message(message) = seen { Some(message) } else { None }).await
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
