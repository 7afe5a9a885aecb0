//! The task that owns the socket: all that happens there is emitted to the window.

use crate::{chat::Chat, said::Said, status::Status, window::Event};
use eversocket::reconnect::{self, DropReason, Ended, Json, JsonEvent, State};

pub async fn listen(mut socket: Json<Said>, chat: Chat) {
    let mut status = Status::new(socket.socket().state());
    while let Some(event) = socket.next_event().await {
        match event {
            JsonEvent::Message(Ok(said)) => hear(said, &chat),
            JsonEvent::Message(Err(error)) => eprintln!("not of this chat: {error}"),
            JsonEvent::Other(event) => follow(event, &mut status, &chat),
        }
    }
}

fn hear(said: Said, chat: &Chat) {
    let id = said.id.clone();
    let is_own = chat.with_outbox(|outbox| outbox.arrived(&id));
    chat.emit(Event::Said(said));
    if is_own {
        chat.emit(Event::Delivered { id });
    }
}

fn follow(event: reconnect::Event, status: &mut Status, chat: &Chat) {
    match event {
        reconnect::Event::State(state) => turn(state, status, chat),
        // unknown since the interruption, but now it will hardly come back any more
        reconnect::Event::Gap(gap) => tell_unknown(chat.with_outbox(|outbox| outbox.settle(&gap.unknown)), chat),
        reconnect::Event::Dropped(dropped) => {
            tell_failed(chat.with_outbox(|outbox| outbox.settle(&dropped.messages)), dropped.reason, chat);
        }
        reconnect::Event::Ended(ended) => end(ended, status, chat),
        _ => {}
    }
}

fn turn(state: State, status: &mut Status, chat: &Chat) {
    status.follow(state);
    chat.emit(Event::State { state: status.to_string() });
}

fn end(ended: Ended, status: &mut Status, chat: &Chat) {
    let unsent = ended.unsent.iter().map(|(number, _)| number.get()).collect();
    tell_failed(chat.with_outbox(|outbox| outbox.settle(&unsent)), DropReason::Ended, chat);
    // what is left was handed over, and what came back did so before
    tell_unknown(chat.with_outbox(|outbox| outbox.settle_all()), chat);
    turn(State::Ended(ended.cause), status, chat);
}

fn tell_unknown(ids: Vec<String>, chat: &Chat) {
    ids.into_iter().for_each(|id| chat.emit(Event::Unknown { id }));
}

fn tell_failed(ids: Vec<String>, reason: DropReason, chat: &Chat) {
    ids.into_iter().for_each(|id| chat.emit(Event::Failed { id, reason: reason.to_string() }));
}
