//! The socket, and what the page shows of it.

use super::{
    charts::{RoundTrips, Timeline},
    elements::Elements,
    gate::Gate,
    journal::{Journal, Kind},
    options,
    tally::Tally,
};
use crate::format;
use eversocket::{
    Message, ReconnectingWebSocket,
    reconnect::{EndCause, Event, Handle, State},
};
use futures::{StreamExt, channel::oneshot};
use gloo_timers::callback::Interval;
use js_sys::futures::spawn_local;
use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    future::Future,
    rc::Rc,
};

pub(crate) struct Session {
    elements: Rc<Elements>,
    pub(crate) journal: Journal,
    tally: RefCell<Tally>,
    timeline: RefCell<Timeline>,
    round_trips: RefCell<RoundTrips>,
    gate: RefCell<Option<Gate>>,
    handle: RefCell<Option<Handle>>,
    /// Dropping it ends the socket that is there.
    end: RefCell<Option<oneshot::Sender<Infallible>>>,
    stream: RefCell<Option<Interval>>,
    is_slow: Cell<bool>,
    wanted_wait: Cell<f64>,
}

impl Session {
    pub(crate) fn new(elements: Rc<Elements>) -> Rc<Self> {
        Rc::new(Self {
            journal: Journal::new(elements.clone()),
            elements,
            tally: RefCell::default(),
            timeline: RefCell::default(),
            round_trips: RefCell::default(),
            gate: RefCell::default(),
            handle: RefCell::default(),
            end: RefCell::default(),
            stream: RefCell::default(),
            is_slow: Cell::new(false),
            wanted_wait: Cell::new(0.0),
        })
    }

    pub(crate) fn use_gate(&self, gate: Gate) {
        self.elements.set_value("url", &gate.url());
        self.gate.replace(Some(gate));
    }

    pub(crate) fn do_without_gate(&self, why: &str) {
        self.journal
            .note(Kind::Trouble, format!("The server cannot be made to misbehave: {why}. Any URL may be entered."));
    }

    /// Opens a socket by what is filled in, in place of the one that is there.
    pub(crate) fn open(self: &Rc<Self>) {
        // the address need not be kept for the page to work
        let _kept = options::keep(&self.elements);
        match options::open(&self.elements) {
            Ok(socket) => {
                self.end.take();
                self.tally.borrow_mut().end(&[]);
                self.elements.show("problem", "");
                self.journal.note(Kind::State, format!("opening {}", self.elements.value("url")));
                let (end, ended) = oneshot::channel();
                self.end.replace(Some(end));
                self.handle.replace(Some(socket.handle()));
                spawn_local(self.clone().follow(socket, ended));
            }
            Err(why) => {
                self.elements.show("problem", &why);
                self.journal.note(Kind::Trouble, why);
            }
        }
        self.draw();
    }

    async fn follow(self: Rc<Self>, socket: ReconnectingWebSocket, ended: oneshot::Receiver<Infallible>) {
        let mut events = socket.take_until(ended);
        while let Some(event) = events.next().await {
            self.tell(event);
        }
    }

    fn tell(&self, event: Event) {
        let journal = &self.journal;
        match event {
            Event::State(state) => journal.note(Kind::State, state.to_string()),
            Event::Message(message) => self.hear(&message),
            Event::Interrupted(lost) => journal.note(
                Kind::Trouble,
                format!("interrupted: {}; unsent {}, unknown {}", lost.failure, lost.unsent.len(), lost.unknown.len()),
            ),
            Event::Gap(gap) => {
                self.tally.borrow_mut().lose(&gap.unknown);
                let away = gap.away.as_secs_f64();
                journal.note(Kind::State, format!("back after {away:.1} s; {} of unknown fate", gap.unknown.len()));
            }
            Event::Dropped(dropped) => {
                self.tally.borrow_mut().drop_all(&dropped.messages);
                journal.note(Kind::Trouble, format!("dropped {}: {:?}", dropped.messages.len(), dropped.reason));
            }
            Event::Ended(ended) => {
                let unsent: Vec<_> = ended.unsent.iter().map(|(number, _)| *number).collect();
                self.tally.borrow_mut().end(&unsent);
                journal.note(Kind::State, format!("ended: {}; {} given back", ended.cause, unsent.len()));
            }
            other => journal.note(Kind::State, format!("{other:?}")),
        }
    }

    fn hear(&self, message: &Message) {
        let text = match message {
            Message::Text(text) => format::text_preview(text).into_owned(),
            other => format!("{} of binary", format::size(other.len())),
        };
        let echoed = self.tally.borrow_mut().hear(&text, now());
        if let Some((sequence, round_trip)) = echoed {
            // an echo is an acknowledgement of the server's application
            if let Some(handle) = &*self.handle.borrow() {
                handle.confirm_through(sequence);
            }
            if let Some(round_trip) = round_trip {
                self.round_trips.borrow_mut().note(now(), round_trip);
            }
        }
        self.journal.note(Kind::In, text);
    }

    pub(crate) fn say(&self) {
        self.send(&self.elements.value("text"));
    }

    fn send(&self, text: &str) {
        let Some(handle) = self.handle.borrow().clone() else { return };
        let mut tally = self.tally.borrow_mut();
        let (number, text) = tally.number(text);
        match handle.send(text.clone()) {
            Ok(sequence) => {
                let sent = handle.state().is_open().then(now);
                tally.accept(number, sequence, sent);
                self.journal.note(Kind::Out, text);
            }
            Err(error) => {
                tally.refused += 1;
                self.journal.note(Kind::Trouble, format!("refused: {error}"));
            }
        }
    }

    pub(crate) fn toggle_stream(self: &Rc<Self>) {
        let stream = match self.stream.take() {
            Some(_running) => None,
            None => {
                let session = self.clone();
                Some(Interval::new(100, move || session.send("tick")))
            }
        };
        self.elements.set_attribute("stream", "aria-pressed", if stream.is_some() { "true" } else { "false" });
        self.stream.replace(stream);
    }

    pub(crate) fn steer(&self, order: fn(&Handle)) {
        if let Some(handle) = &*self.handle.borrow() {
            order(handle);
        }
        self.draw();
    }

    pub(crate) fn close_with_code(self: &Rc<Self>) {
        let (code, reason) = (self.elements.value("close-code"), self.elements.value("close-reason"));
        let reason = String::from(js_sys::encode_uri_component(&reason));
        self.misbehave(move |gate| async move { gate.order("close", &format!("&code={code}&reason={reason}")).await });
    }

    pub(crate) fn toggle_slow(self: &Rc<Self>) {
        let is_slow = !self.is_slow.get();
        self.is_slow.set(is_slow);
        self.elements.set_attribute("slow", "aria-pressed", if is_slow { "true" } else { "false" });
        let more = if is_slow { "&latency=400&rate=20000" } else { "" };
        self.misbehave(move |gate| async move { gate.order("slow", more).await });
    }

    pub(crate) fn misbehave<F>(self: &Rc<Self>, order: impl FnOnce(Gate) -> F)
    where
        F: Future<Output = Result<String, String>> + 'static,
    {
        let Some(gate) = self.gate.borrow().clone() else {
            return self.journal.note(Kind::Trouble, "there is no gate to make misbehave");
        };
        let (order, session) = (order(gate), self.clone());
        spawn_local(async move {
            match order.await {
                Ok(done) => session.journal.note(Kind::State, format!("the server: {done}")),
                Err(why) => session.journal.note(Kind::Trouble, why),
            }
        });
    }

    /// What no event tells, and pictures.
    pub(crate) fn draw(&self) {
        let now = now();
        let handle = self.handle.borrow().clone();
        let state = handle.as_ref().map(Handle::state);
        self.draw_state(state.as_ref(), handle.as_ref(), now);
        self.draw_numbers(handle.as_ref());
        self.draw_pictures(now);
        self.journal.draw();
    }

    fn draw_state(&self, state: Option<&State>, handle: Option<&Handle>, now: f64) {
        let elements = &self.elements;
        let (class, cause) = match state {
            None => ("closed", String::new()),
            Some(State::Open) => ("open", String::new()),
            Some(State::Connecting { attempt } | State::Handshaking { attempt }) => {
                ("connecting", format!("attempt {attempt}"))
            }
            Some(State::Waiting(waiting)) => {
                ("waiting", format!("for attempt {}, since: {:#}", waiting.next_attempt, waiting.failure))
            }
            Some(State::Paused(release)) => ("paused", release.to_string()),
            Some(State::Offline) => ("offline", String::new()),
            Some(State::Closing) => ("closing", String::new()),
            Some(State::Ended(cause)) => ("ended", cause.to_string()),
            Some(other) => ("connecting", other.to_string()),
        };
        self.timeline.borrow_mut().enter(now, class);
        elements.show("state", class);
        elements.set_attribute("state", "class", &format!("state-{class}"));
        elements.show("cause", &cause);
        let delay = if let Some(State::Waiting(waiting)) = state { waiting.delay.as_secs_f64() } else { 0.0 };
        self.wanted_wait.set(delay);
        let left = handle.and_then(Handle::time_to_retry).map(|left| left.as_secs_f64());
        elements.show("countdown", &left.map_or_else(String::new, |left| format!("next attempt in {left:.1} s")));
        let part = left.filter(|_| delay > 0.0).map_or(0.0, |left| (left / delay).clamp(0.0, 1.0));
        elements.set_attribute("countdown-bar", "style", &format!("inline-size: {:.1}%", part * 100.0));
        let is_over = matches!(state, None | Some(State::Ended(_)));
        let ended_by_close = matches!(state, Some(State::Ended(EndCause::Closed { .. })));
        elements.show("open", if is_over && ended_by_close { "Open again" } else { "Open with these options" });
        elements.enable("reconnect", !is_over);
        elements.enable("pause", !is_over && class != "paused");
        elements.enable("resume", class == "paused");
        elements.enable("close", !is_over);
    }

    fn draw_numbers(&self, handle: Option<&Handle>) {
        let (elements, tally) = (&self.elements, self.tally.borrow());
        let progress = handle.map(Handle::progress);
        let queued = progress.as_ref().map_or(0, |progress| progress.queued);
        elements.show("queued", &queued.to_string());
        elements.show("queued-bytes", &format::size(progress.as_ref().map_or(0, |progress| progress.queued_bytes)));
        elements.show("buffered", &format::size(handle.map_or(0, Handle::buffered_amount)));
        elements.show("accepted", &tally.accepted.to_string());
        elements.show("returned", &tally.returned.to_string());
        elements.show("pending", &tally.waiting().to_string());
        elements.show("unknown", &tally.unknown.to_string());
        elements.show("dropped", &tally.dropped.to_string());
        elements.show("given-back", &tally.given_back.to_string());
        elements.show("refused", &tally.refused.to_string());
        let heartbeat = handle.and_then(Handle::round_trip).map(|time| time.as_secs_f64() * 1000.0);
        elements.show("heartbeat-trip", &heartbeat.map_or_else(|| "–".to_owned(), |trip| format!("{trip:.0} ms")));
    }

    fn draw_pictures(&self, now: f64) {
        let (timeline, trips) = (self.timeline.borrow(), self.round_trips.borrow());
        if let Some(band) = self.elements.get::<web_sys::Element>("timeline") {
            band.set_inner_html(&timeline.picture(now));
        }
        self.elements.set_attribute("timeline", "aria-label", &timeline.words(now));
        if let Some(plot) = self.elements.get::<web_sys::Element>("plot") {
            plot.set_inner_html(&trips.picture(now));
        }
        let words = match (trips.last(), trips.summary()) {
            (Some(last), Some((median, longest))) => {
                format!("last {last:.0} ms, median {median:.0} ms, longest {longest:.0} ms")
            }
            _ => "no message has come back yet".to_owned(),
        };
        self.elements.show("trips", &words);
    }
}

/// Milliseconds by a clock that nobody sets.
fn now() -> f64 {
    let clock = web_sys::window().and_then(|window| window.performance());
    clock.map_or(0.0, |clock| clock.now())
}
