//! A child that is given another socket.

use crate::{
    stage::{Report, Reports, Stage},
    support::{echo, reconnecting::quick},
};
use eversocket::Message;
use eversocket_yew::{Socket, use_messages, use_socket};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

enum Seen {
    Parent([Socket; 2]),
    Child,
    Message(Message),
}

#[derive(Properties, PartialEq, Clone)]
struct Choice {
    report: Report<Seen>,
    chosen: usize,
}

/// Has two sockets, and gives its child one of them.
#[component]
fn Parent(props: &Choice) -> Html {
    let sockets = [use_socket((), |()| quick(&echo()).open()), use_socket((), |()| quick(&echo()).open())];
    let chosen = sockets[props.chosen].clone();
    let report = props.report.clone();
    use_effect(move || report.tell(Seen::Parent(sockets)));
    html! { <Child socket={chosen} report={props.report.clone()} /> }
}

#[derive(Properties, PartialEq)]
struct Given {
    socket: Socket,
    report: Report<Seen>,
}

#[component]
fn Child(props: &Given) -> Html {
    let report = props.report.clone();
    use_messages(&props.socket, move |message| report.tell(Seen::Message(message)));
    let report = props.report.clone();
    use_effect(move || report.tell(Seen::Child));
    Html::default()
}

/// Sends by one socket, and waits until the echo has been rendered. What the child heard until then.
async fn send(reports: &mut Reports<Seen>, socket: &Socket, text: &'static str) -> Vec<Message> {
    socket.send(text).expect("it is open");
    let mut heard = Vec::new();
    loop {
        match reports.next().await {
            Seen::Message(message) => heard.push(message),
            Seen::Parent(_) if socket.last_message() == Some(text.into()) => return heard,
            _ => {}
        }
    }
}

#[wasm_bindgen_test]
async fn it_hears_that_one_alone() {
    let (report, mut reports) = Reports::new();
    let mut choice = Choice { report, chosen: 0 };
    let mut stage = Stage::<Parent>::mount(choice.clone());
    let are_open = |seen| match seen {
        Seen::Parent(sockets) if sockets.iter().all(|socket| socket.state().is_open()) => Some(sockets),
        _ => None,
    };
    let [one, other] = reports.until(are_open).await;
    assert_eq!(send(&mut reports, &one, "1").await, ["1".into()]);
    assert_eq!(send(&mut reports, &other, "2").await, []);

    reports.so_far();
    choice.chosen = 1;
    stage.update(choice);
    reports.until(|seen| matches!(seen, Seen::Child).then_some(())).await;
    assert_eq!(send(&mut reports, &one, "3").await, []);
    assert_eq!(send(&mut reports, &other, "4").await, ["4".into()]);
}
