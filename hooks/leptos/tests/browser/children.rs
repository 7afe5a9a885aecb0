//! A socket that children were given, by a property and by a context.

use crate::{
    stage::{Report, Reports, Stage},
    support::{echo, reconnecting::quick},
};
use eversocket::Message;
use eversocket_leptos::{Socket, use_messages, use_socket};
use leptos::prelude::*;
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
    Open(Who),
    /// Whether what it sent in its first effect was accepted.
    FirstEffect(Who, bool),
    Message(Who, Message),
    Gone(Who),
}

fn report_all(who: Who, socket: Socket, report: Report<Seen>) {
    let told = report.clone();
    use_messages(socket, move |message| told.tell(Seen::Message(who, message)));
    let told = report.clone();
    Effect::new(move |_| told.tell(Seen::FirstEffect(who, socket.send(format!("{who:?}")).is_ok())));
    let told = report.clone();
    Effect::new(move |_| {
        if socket.state().get().is_open() {
            told.tell(Seen::Open(who));
        }
    });
    on_cleanup(move || report.tell(Seen::Gone(who)));
}

fn parent(has_children: ArcSignal<bool>, report: Report<Seen>) -> impl IntoView {
    let socket = use_socket(|| quick(&echo()).open());
    report_all(Who::Parent, socket, report.clone());
    provide_context(socket);
    move || {
        has_children.get().then(|| {
            view! {
                <InContext report=report.clone() />
                <WithProperty socket report=report.clone() />
            }
        })
    }
}

#[component]
fn WithProperty(socket: Socket, report: Report<Seen>) -> impl IntoView {
    report_all(Who::ByProperty, socket, report);
}

#[component]
fn InContext(report: Report<Seen>) -> impl IntoView {
    let socket = use_context::<Socket>().expect("a parent provides it");
    report_all(Who::ByContext, socket, report);
}

fn family() -> (Stage, ArcWriteSignal<bool>, Reports<Seen>) {
    let (report, reports) = Reports::new();
    let (has_children, set_has_children) = arc_signal(true);
    (Stage::mount(move || parent(has_children.into(), report)), set_has_children, reports)
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

fn is_gone(seen: &Seen) -> Option<Who> {
    if let Seen::Gone(who) = seen { Some(*who) } else { None }
}

#[wasm_bindgen_test]
async fn children_see_what_their_parent_sees() {
    let (_stage, has_children, mut reports) = family();
    // the effects of the parent run first: all that is sent in the first is accepted, and all see
    // the last of it
    let accepted = |seen: &Seen| match seen {
        Seen::FirstEffect(who, accepted) => {
            assert!(accepted, "{who:?}");
            Some(*who)
        }
        _ => None,
    };
    all(&mut reports, &EVERYBODY, accepted).await;
    let (mut opened, mut told) = (Vec::new(), Vec::new());
    while opened.len() < 3 || told.len() < 3 {
        let seen = reports.next().await;
        if let Seen::Open(who) = seen {
            opened.push(who);
        }
        told.extend(has("ByProperty")(&seen));
    }
    assert_eq!((opened.len(), told.len()), (3, 3));

    has_children.set(false);
    all(&mut reports, &CHILDREN, is_gone).await;
    has_children.set(true);
    all(&mut reports, &CHILDREN, accepted).await;
    all(&mut reports, &EVERYBODY, has("ByContext")).await;
}

#[wasm_bindgen_test]
async fn a_child_that_is_gone_hears_nothing_more() {
    let (_stage, has_children, mut reports) = family();
    all(&mut reports, &EVERYBODY, has("ByProperty")).await;
    has_children.set(false);
    all(&mut reports, &CHILDREN, is_gone).await;
    reports.so_far();
    has_children.set(true);
    // of what the new ones sent each hears one, and no old one does
    let mut heard = Vec::new();
    while heard.iter().filter(|(who, _)| *who == Who::Parent).count() < 2 {
        heard.push(
            reports
                .until(|seen| if let Seen::Message(who, message) = seen { Some((who, message)) } else { None })
                .await,
        );
    }
    for who in CHILDREN {
        let by = |(other, _): &&(Who, Message)| *other == who;
        assert!(heard.iter().filter(by).count() <= 2, "{heard:?}");
    }
}
