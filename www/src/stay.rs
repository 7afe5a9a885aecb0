//! The page of the socket that stays, whose server can be made to misbehave.

mod charts;
mod elements;
mod gate;
mod journal;
mod options;
mod session;
mod tally;
mod theme;

use elements::Elements;
use eversocket::reconnect::Handle;
use gloo_timers::callback::Interval;
use js_sys::futures::spawn_local;
use session::Session;
use std::rc::Rc;

/// How often the page draws what no event tells: the time that goes by.
const FRAME_MILLISECONDS: u32 = 200;

pub(crate) fn start() {
    let Some(elements) = Elements::of_the_page() else { return crate::report("there is no page") };
    let elements = Rc::new(elements);
    theme::wire(&elements);
    options::restore(&elements);
    let session = Session::new(elements.clone());
    wire(&elements, &session);
    let drawn = session.clone();
    // as long as the page lives
    Interval::new(FRAME_MILLISECONDS, move || drawn.draw()).forget();
    spawn_local(async move {
        if elements.value("url").is_empty() {
            match gate::new().await {
                Ok(gate) => session.use_gate(gate),
                Err(why) => session.do_without_gate(&why),
            }
        }
        session.open();
    });
}

fn wire(elements: &Rc<Elements>, session: &Rc<Session>) {
    let on = |id: &'static str, act: fn(&Rc<Session>)| {
        let session = session.clone();
        elements.on(id, "click", move || act(&session));
    };
    on("open", |session| session.open());
    on("reconnect", |session| session.steer(Handle::reconnect_now));
    on("pause", |session| session.steer(Handle::pause));
    on("resume", |session| session.steer(Handle::resume));
    on("close", |session| session.steer(Handle::close));
    on("send", |session| session.say());
    on("stream", |session| session.toggle_stream());
    on("clear", |session| session.journal.clear());
    on("drop", |session| session.misbehave(|gate| async move { gate.order("drop", "").await }));
    on("freeze", |session| session.misbehave(|gate| async move { gate.order("freeze", "").await }));
    on("thaw", |session| session.misbehave(|gate| async move { gate.order("thaw", "").await }));
    on("refuse", |session| session.misbehave(|gate| async move { gate.refuse_for(10_000).await }));
    on("busy", |session| session.misbehave(|gate| async move { gate.busy_for(10_000).await }));
    on("restart", |session| {
        session.misbehave(|gate| async move { gate.order("close", "&code=1012&reason=restart").await })
    });
    on("flood", |session| session.misbehave(|gate| async move { gate.order("flood", "&count=5000&bytes=64").await }));
    on("slow", |session| session.toggle_slow());
    on("close-code-send", |session| session.close_with_code());
    for id in ["show-state", "show-in", "show-out", "show-trouble"] {
        let session = session.clone();
        elements.on(id, "change", move || session.journal.filter());
    }
    let filtered = session.clone();
    elements.on("filter", "input", move || filtered.journal.filter());
}
