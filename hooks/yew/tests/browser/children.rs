//! A socket that children were given, by a property and by a context.

use crate::{
    stage::{Report, Reports, Stage},
    support::{echo, reconnecting::quick},
};
use eversocket::{
    Message,
    reconnect::{SendError, State},
};
use eversocket_yew::{Socket, use_messages, use_socket};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Who {
    Parent,
    ByProperty,
    ByContext,
}

enum Seen {
    Rendered(Who, State),
    /// What sending gave back, in the first effect.
    FirstEffect(Who, Option<Message>),
    Message(Who, Message),
    Gone(Who),
}

#[hook]
fn use_reports(who: Who, socket: &Socket, report: &Report<Seen>) {
    let told = report.clone();
    use_messages(socket, move |message| told.tell(Seen::Message(who, message)));
    let (told, state) = (report.clone(), socket.state());
    use_effect(move || told.tell(Seen::Rendered(who, state)));
    let (told, socket) = (report.clone(), socket.clone());
    use_effect_with((), move |()| {
        let refused = socket.send(format!("{who:?}")).err().map(SendError::into_message);
        told.tell(Seen::FirstEffect(who, refused));
        move || told.tell(Seen::Gone(who))
    });
}

#[derive(Properties, PartialEq, Clone)]
struct Family {
    report: Report<Seen>,
    has_children: bool,
}

#[component]
fn Parent(props: &Family) -> Html {
    let socket = use_socket((), |()| quick(&echo()).open());
    use_reports(Who::Parent, &socket, &props.report);
    let report = &props.report;
    html! {
        if props.has_children {
            <ContextProvider<Socket> context={&socket}>
                <InContext report={report.clone()} />
            </ContextProvider<Socket>>
            <WithProperty {socket} report={report.clone()} />
        }
    }
}

#[derive(Properties, PartialEq)]
struct Given {
    socket: Socket,
    report: Report<Seen>,
}

#[component]
fn WithProperty(props: &Given) -> Html {
    use_reports(Who::ByProperty, &props.socket, &props.report);
    Html::default()
}

#[derive(Properties, PartialEq)]
struct Surrounded {
    report: Report<Seen>,
}

#[component]
fn InContext(props: &Surrounded) -> Html {
    let socket = use_context::<Socket>().expect("a parent provides it");
    use_reports(Who::ByContext, &socket, &props.report);
    Html::default()
}

/// Waits until each of these has reported so.
async fn all(reports: &mut Reports<Seen>, mut waited_for: Vec<Who>, mut is_so: impl FnMut(&Seen) -> Option<Who>) {
    while !waited_for.is_empty() {
        let who = reports.until(|seen| is_so(&seen)).await;
        waited_for.retain(|other| *other != who);
    }
}

fn is_open(seen: &Seen) -> Option<Who> {
    match seen {
        Seen::Rendered(who, state) if state.is_open() => Some(*who),
        _ => None,
    }
}

fn has(text: &str) -> impl FnMut(&Seen) -> Option<Who> {
    move |seen| match seen {
        Seen::Message(who, message) if *message == Message::from(text.to_owned()) => Some(*who),
        _ => None,
    }
}

#[wasm_bindgen_test]
async fn children_see_what_their_parent_sees() {
    let everybody = vec![Who::Parent, Who::ByProperty, Who::ByContext];
    let (report, mut reports) = Reports::new();
    let mut family = Family { report, has_children: true };
    let mut stage = Stage::<Parent>::mount(family.clone());

    let first_effect = |seen| match seen {
        Seen::FirstEffect(who, refused) => Some((who, refused)),
        _ => None,
    };
    let mut refusals = Vec::new();
    for _ in &everybody {
        refusals.push(reports.until(first_effect).await);
    }
    // the effects of children run first: nothing is open yet
    let (parent, children) = refusals.split_last().expect("there are three");
    assert_eq!(*parent, (Who::Parent, None));
    for (who, refused) in children {
        assert_eq!(*refused, Some(format!("{who:?}").into()));
    }

    // what the parent sent is there when it is open, with all who listen since before
    let (mut opened, mut told) = (Vec::new(), Vec::new());
    while opened.len() < everybody.len() || told.len() < everybody.len() {
        let seen = reports.next().await;
        opened.extend(is_open(&seen).filter(|who| !opened.contains(who)));
        told.extend(has("Parent")(&seen));
    }
    assert_eq!((opened.len(), told.len()), (3, 3));

    family.has_children = false;
    stage.update(family.clone());
    all(&mut reports, vec![Who::ByProperty, Who::ByContext], |seen| match seen {
        Seen::Gone(who) => Some(*who),
        _ => None,
    })
    .await;
    family.has_children = true;
    stage.update(family);
    // new ones, of a socket that is open by now: what they send is accepted, and all see it
    all(&mut reports, vec![Who::ByProperty, Who::ByContext], |seen| match seen {
        Seen::FirstEffect(who, refused) => {
            assert_eq!(*refused, None);
            Some(*who)
        }
        _ => None,
    })
    .await;
    all(&mut reports, everybody, has("ByProperty")).await;
}

#[wasm_bindgen_test]
async fn a_child_that_is_gone_hears_nothing_more() {
    let (report, mut reports) = Reports::new();
    let mut family = Family { report, has_children: true };
    let mut stage = Stage::<Parent>::mount(family.clone());
    all(&mut reports, vec![Who::Parent, Who::ByProperty, Who::ByContext], has("Parent")).await;
    family.has_children = false;
    stage.update(family);
    all(&mut reports, vec![Who::ByProperty, Who::ByContext], |seen| match seen {
        Seen::Gone(who) => Some(*who),
        _ => None,
    })
    .await;
    let late = reports.so_far().iter().filter(|seen| !matches!(seen, Seen::Rendered(Who::Parent, _))).count();
    assert_eq!(late, 0);
}
