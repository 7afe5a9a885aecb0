//! What each control does.

use super::{log::Log, page::Page, session::Session};
use crate::{format, report};
use eversocket::{BinaryType, Blob, Message};
use std::rc::Rc;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventTarget, HtmlInputElement, HtmlSelectElement};

pub(crate) fn wire(page: Page) {
    let Some(log) = Log::new(page.log.clone()) else { return report("the log is in no document") };
    if page.url.value().is_empty() {
        page.url.set_value(&default_url());
    }
    let session = Session::new(page, log);
    let page = &session.page;

    on(&page.connect, "click", &session, connect);
    on(&page.send_text, "click", &session, |session| session.send(Message::from(session.page.text.value())));
    on(&page.send_binary, "click", &session, send_binary);
    on(&page.send_file, "click", &session, send_file);
    on(&page.close, "click", &session, |session| session.close());
    on(&page.close_with, "click", &session, close_with);
    on(&page.binary_type, "change", &session, |session| session.set_binary_type(chosen(&session.page.binary_type)));
    on(&page.clear, "click", &session, |session| session.log.clear());
}

/// Enter in a field clicks its form's button, so that clicks are all there is to listen to.
fn on(target: &EventTarget, event: &str, session: &Rc<Session>, act: fn(&Rc<Session>)) {
    let session = session.clone();
    let listener = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        event.prevent_default();
        act(&session);
    });
    match target.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref()) {
        // the controls live as long as the page does
        Ok(()) => listener.forget(),
        Err(_) => report("a control cannot be listened to"),
    }
}

fn connect(session: &Rc<Session>) {
    let page = &session.page;
    session.connect(&page.url.value(), format::parse_protocols(&page.protocols.value()), chosen(&page.binary_type));
}

fn send_binary(session: &Rc<Session>) {
    match format::parse_hex(&session.page.hex.value()) {
        Ok(bytes) => session.send(Message::from(bytes)),
        Err(why) => session.log.refused(why),
    }
}

fn send_file(session: &Rc<Session>) {
    match chosen_file(&session.page.file) {
        Some(file) => session.send(Message::from(file)),
        None => session.log.refused("choose a file first"),
    }
}

fn close_with(session: &Rc<Session>) {
    match format::parse_code(&session.page.code.value()) {
        Ok(code) => session.close_with(code, session.page.reason.value()),
        Err(why) => session.log.refused(why),
    }
}

/// The file as it lies on the disk: sending it reads nothing into wasm's memory.
fn chosen_file(input: &HtmlInputElement) -> Option<Blob> {
    let file = input.files()?.get(0)?;
    Some(Blob::from(web_sys::Blob::from(file)))
}

fn chosen(select: &HtmlSelectElement) -> BinaryType {
    match select.value().as_str() {
        "blob" => BinaryType::Blob,
        _ => BinaryType::ArrayBuffer,
    }
}

/// The echo endpoint of the server that served this page.
fn default_url() -> String {
    let location = web_sys::window().map(|window| window.location());
    let host = location.as_ref().and_then(|location| location.host().ok()).unwrap_or_default();
    let secure = location.and_then(|location| location.protocol().ok()).is_some_and(|scheme| scheme == "https:");
    format!("{}://{host}/echo", if secure { "wss" } else { "ws" })
}
