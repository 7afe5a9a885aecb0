//! All that can be told to a socket, as a form which the address of the page keeps.

use super::elements::Elements;
use crate::format;
use eversocket::{
    BinaryType, ReconnectingWebSocket,
    reconnect::{Backoff, Builder, Heartbeat, Jitter, Overflow},
};
use std::{str::FromStr, time::Duration};
use web_sys::{Element, FormData, HtmlFormElement, UrlSearchParams};

/// What the page's heartbeat says, which an echo answers.
const HEARTBEAT: &str = "heartbeat";

/// The fields, with what is wrong about one in words.
pub(crate) fn read(elements: &Elements) -> Result<Builder, String> {
    let form = Form(elements);
    let url = elements.value("url");
    let mut builder = ReconnectingWebSocket::builder(&url).backoff(form.backoff()?).overflow(form.overflow());
    builder = builder
        .max_attempts(form.number("max-attempts")?)
        .max_elapsed(form.seconds("max-elapsed")?)
        .hidden_limit(form.seconds("hidden-limit")?)
        .page_events(elements.is_checked("page-events"))
        .heartbeat(form.heartbeat()?)
        .protocols(format::parse_protocols(&elements.value("protocols")))
        .binary_type(if elements.value("binary-type") == "blob" { BinaryType::Blob } else { BinaryType::ArrayBuffer });
    if let Some(time) = form.seconds("stable-after")? {
        builder = builder.stable_after(time);
    }
    if let Some(time) = form.seconds("connect-timeout")? {
        builder = builder.connect_timeout(time);
    }
    if let Some(time) = form.seconds("close-timeout")? {
        builder = builder.close_timeout(time);
    }
    if let Some(bytes) = form.number("transport-buffer")? {
        builder = builder.transport_buffer(bytes);
    }
    if let Some(bytes) = form.number("inbox-capacity")? {
        builder = builder.inbox_capacity(bytes);
    }
    if let Some(bytes) = form.number("max-message-size")? {
        builder = builder.max_message_size(bytes);
    }
    if let Some(seed) = form.number("seed")? {
        builder = builder.seed(seed);
    }
    let (messages, bytes) = (form.number("queue-messages")?, form.number("queue-bytes")?);
    Ok(builder.queue_capacity(messages.unwrap_or(65_536), bytes.unwrap_or(16 << 20)))
}

struct Form<'a>(&'a Elements);

impl Form<'_> {
    /// An empty field is the default.
    fn number<N: FromStr>(&self, id: &str) -> Result<Option<N>, String> {
        let text = self.0.value(id);
        match text.trim() {
            "" => Ok(None),
            text => {
                text.parse().map(Some).map_err(|_| format!("“{text}” in {} is no number that fits", self.label(id)))
            }
        }
    }

    fn seconds(&self, id: &str) -> Result<Option<Duration>, String> {
        let Some(seconds) = self.number::<f64>(id)? else { return Ok(None) };
        let time = Duration::try_from_secs_f64(seconds);
        time.map(Some).map_err(|_| format!("{seconds} in {} is no length of time", self.label(id)))
    }

    fn backoff(&self) -> Result<Backoff, String> {
        let base = self.seconds("backoff-base")?.unwrap_or(Duration::from_millis(100));
        let cap = self.seconds("backoff-cap")?.unwrap_or(Duration::from_secs(30));
        let jitter = match &*self.0.value("jitter") {
            "equal" => Jitter::Equal,
            "decorrelated" => Jitter::Decorrelated,
            "none" => Jitter::None,
            _ => Jitter::Full,
        };
        Ok(match &*self.0.value("backoff") {
            "constant" => Backoff::constant(base),
            "none" => Backoff::none(),
            _ => Backoff::exponential(base, cap).factor(self.number("backoff-factor")?.unwrap_or(2.0)).jitter(jitter),
        })
    }

    fn overflow(&self) -> Overflow {
        match &*self.0.value("overflow") {
            "refuse" => Overflow::Refuse,
            "drop-oldest" => Overflow::DropOldest,
            "drop-newest" => Overflow::DropNewest,
            _ => Overflow::Wait,
        }
    }

    fn heartbeat(&self) -> Result<Option<Heartbeat>, String> {
        if !self.0.is_checked("heartbeat") {
            return Ok(None);
        }
        let is_answer = |message: &eversocket::Message| message.as_text() == Some(HEARTBEAT);
        let mut heartbeat = Heartbeat::default().message(|| HEARTBEAT, is_answer);
        heartbeat = heartbeat.period(self.seconds("heartbeat-period")?.unwrap_or(Duration::from_secs(5)));
        heartbeat = heartbeat.dead_after(self.seconds("heartbeat-limit")?.unwrap_or(Duration::from_secs(5)));
        Ok(Some(heartbeat))
    }

    fn label(&self, id: &str) -> String {
        let label = self.0.document().query_selector(&format!("label[for={id}]"));
        label.ok().flatten().and_then(|label: Element| label.text_content()).unwrap_or_else(|| id.to_owned())
    }
}

/// Puts what is filled in into the address, so that it can be passed on.
pub(crate) fn keep(elements: &Elements) -> Option<()> {
    let form: HtmlFormElement = elements.get("options")?;
    let filled = UrlSearchParams::new().ok()?;
    for entry in FormData::new_with_form(&form).ok()?.entries() {
        let pair = js_sys::Array::from(&entry.ok()?);
        let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
        if !value.is_empty() {
            filled.append(&name, &value);
        }
    }
    // the box that is not ticked is not in there
    for id in ["heartbeat", "page-events"] {
        if !elements.is_checked(id) {
            filled.append(id, "off");
        }
    }
    web_sys::window()?.location().set_hash(&String::from(filled.to_string())).ok()
}

/// Fills in what the address tells.
pub(crate) fn restore(elements: &Elements) -> Option<()> {
    let hash = web_sys::window()?.location().hash().ok()?;
    let told = UrlSearchParams::new_with_str(hash.strip_prefix('#')?).ok()?;
    for entry in told.entries() {
        let pair = js_sys::Array::from(&entry.ok()?);
        let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
        let Some(field) = elements.document().get_element_by_id(&name) else { continue };
        match wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlInputElement>(field) {
            Ok(input) if input.type_() == "checkbox" => input.set_checked(value != "off"),
            _ => elements.set_value(&name, &value),
        }
    }
    Some(())
}
