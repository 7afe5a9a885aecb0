//! A socket that children were given, by a property and by a context.

use crate::{
    stage::{Report, Reports, Stage},
    support::{echo, reconnecting::quick},
    watcher::use_after_rendering,
};
use dioxus::prelude::*;
use eversocket::Message;
use eversocket_dioxus::{Socket, use_messages, use_socket};
use wasm_bindgen_test::wasm_bindgen_test;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Who {
    Parent,
    ByProperty,
    ByContext,
}

const EVERYBODY: [Who; 3] = [Who::Parent, Who::ByProperty, Who::ByContext];
const CHILDREN: [Who; 2] = [Who::ByProperty, Who::ByContext];

enum Seen {
    Open(Who, Socket),
    Message(Who, Message),
    Gone(Who),
}

fn use_reports(who: Who, socket: Socket, report: Report<Seen>) {
    let told = report.clone();
    use_messages(socket, move |message| told.tell(Seen::Message(who, message)));
    if socket.state().read().is_open() {
        let told = report.clone();
        use_after_rendering(move || told.tell(Seen::Open(who, socket)));
    }
    use_drop(move || report.tell(Seen::Gone(who)));
}

fn parent(has_children: bool, report: &Report<Seen>) -> Element {
    let socket = use_socket(|| quick(&echo()).open());
    use_context_provider(|| socket);
    use_reports(Who::Parent, socket, report.clone());
    rsx! {
        if has_children {
            InContext { report: report.clone() }
            WithProperty { socket, report: report.clone() }
        }
    }
}

#[component]
fn WithProperty(socket: Socket, report: Report<Seen>) -> Element {
    use_reports(Who::ByProperty, socket, report);
    VNode::empty()
}

#[component]
fn InContext(report: Report<Seen>) -> Element {
    let socket = use_context::<Socket>();
    use_reports(Who::ByContext, socket, report);
    VNode::empty()
}

/// Waits until each of these has reported so.
async fn all(reports: &mut Reports<Seen>, who: &[Who], mut is_so: impl FnMut(&Seen) -> Option<Who>) {
    let mut waited_for = who.to_vec();
    while !waited_for.is_empty() {
        let who = reports.until(|seen| is_so(&seen)).await;
        waited_for.retain(|other| *other != who);
    }
}

fn has(text: &str) -> impl FnMut(&Seen) -> Option<Who> {
    move |seen| match seen {
        Seen::Message(who, message) if *message == Message::from(text.to_owned()) => Some(*who),
        _ => None,
    }
}

fn is_open(seen: &Seen) -> Option<Who> {
    if let Seen::Open(who, _) = seen { Some(*who) } else { None }
}

#[wasm_bindgen_test]
async fn children_see_what_their_parent_sees_while_they_are_there() {
    let (report, mut reports) = Reports::new();
    let show = move |has_children: bool| {
        let report = report.clone();
        move || parent(has_children, &report)
    };
    let stage = Stage::mount(show(true));
    let mut socket = None;
    let opened = |seen: &Seen| {
        if let Seen::Open(_, opened) = seen {
            socket = Some(*opened);
        }
        is_open(seen)
    };
    all(&mut reports, &EVERYBODY, opened).await;
    let socket = socket.expect("it is open");
    socket.send("to all").expect("it is open");
    all(&mut reports, &EVERYBODY, has("to all")).await;

    stage.update(show(false));
    let is_gone = |seen: &Seen| if let Seen::Gone(who) = seen { Some(*who) } else { None };
    all(&mut reports, &CHILDREN, is_gone).await;
    reports.so_far();
    socket.send("to the parent").expect("it is open");
    all(&mut reports, &[Who::Parent], has("to the parent")).await;
    assert!(!reports.so_far().iter().any(|seen| matches!(seen, Seen::Message(..))), "who is gone hears nothing");

    stage.update(show(true));
    all(&mut reports, &CHILDREN, is_open).await;
    socket.send("to all again").expect("it is open");
    all(&mut reports, &EVERYBODY, has("to all again")).await;
}

/// Has two sockets, and gives its child one of them.
fn two(chosen: usize, report: &Report<Seen>) -> Element {
    let sockets = [use_socket(|| quick(&echo()).open()), use_socket(|| quick(&echo()).open())];
    let chosen = sockets[chosen];
    if sockets.iter().all(|socket| socket.state().read().is_open()) {
        let (told, [one, other]) = (report.clone(), sockets);
        use_after_rendering(move || {
            told.tell(Seen::Open(Who::Parent, one));
            told.tell(Seen::Open(Who::Parent, other));
        });
    }
    rsx! { WithProperty { socket: chosen, report: report.clone() } }
}

#[wasm_bindgen_test]
async fn a_child_that_is_given_another_socket_hears_that_one_alone() {
    let (report, mut reports) = Reports::new();
    let show = move |chosen: usize| {
        let report = report.clone();
        move || two(chosen, &report)
    };
    let stage = Stage::mount(show(0));
    let parents = |seen| if let Seen::Open(Who::Parent, socket) = seen { Some(socket) } else { None };
    let sockets = [reports.until(parents).await, reports.until(parents).await];
    let heard = |seen| if let Seen::Message(_, message) = seen { Some(message) } else { None };
    for chosen in [0, 1] {
        stage.update(show(chosen));
        reports.until(parents).await;
        // what the other has is there before it is heard that nobody heard it
        let [loud, silent] = [sockets[chosen], sockets[1 - chosen]];
        silent.send("not for you").expect("it is open");
        while *silent.last_message().peek() != Some("not for you".into()) {
            loud.send("time goes by").expect("it is open");
            assert_eq!(reports.until(heard).await, "time goes by".into());
        }
    }
}
