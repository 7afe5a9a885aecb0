//! All that can be told to a socket, as a form which the address of the page keeps.

mod address;
mod form;

pub(crate) use address::{keep, restore};

use super::elements::Elements;
use crate::format;
use eversocket::{
    BinaryType, Message, ReconnectingWebSocket,
    reconnect::{
        Backoff, BoxError, Builder, Carrier, Credentials, Decision, Heartbeat, Jitter, Overflow, RetryPolicy, Session,
        Token, TokenRequest,
    },
};
use form::Form;
use std::{future::ready, time::Duration};

/// What the page's heartbeat says, which an echo answers.
const HEARTBEAT: &str = "heartbeat";
/// The sticky message's key.
const STICKY: &str = "page";

/// The socket of what is filled in, open, with its sticky message; or what is wrong in words.
pub(crate) fn open(elements: &Elements) -> Result<ReconnectingWebSocket, String> {
    let form = Form(elements);
    let socket = read(&form)?.open().map_err(|error| error.to_string())?;
    if let Some(message) = form.filled("sticky") {
        socket.handle().set_sticky(STICKY, message);
    }
    Ok(socket)
}

fn read(form: &Form<'_>) -> Result<Builder, String> {
    let mut builder = ReconnectingWebSocket::builder(&form.text("url"))
        .protocols(format::parse_protocols(&form.text("protocols")))
        .binary_type(if form.text("binary-type") == "blob" { BinaryType::Blob } else { BinaryType::ArrayBuffer })
        .page_events(form.is_checked("page-events"))
        .hidden_limit(form.seconds("hidden-limit")?);
    builder = retrying(form, builder)?;
    builder = timed(form, builder)?;
    builder = introduced(form, builder);
    buffered(form, builder)
}

/// When to try again.
fn retrying(form: &Form<'_>, builder: Builder) -> Result<Builder, String> {
    let mut builder = builder
        .backoff(backoff(form)?)
        .retry(policy(form)?)
        .max_attempts(form.number("max-attempts")?)
        .max_elapsed(form.seconds("max-elapsed")?);
    if let Some(time) = form.seconds("stable-after")? {
        builder = builder.stable_after(time);
    }
    if let Some(seed) = form.number("seed")? {
        builder = builder.seed(seed);
    }
    Ok(builder)
}

fn backoff(form: &Form<'_>) -> Result<Backoff, String> {
    let base = form.seconds("backoff-base")?.unwrap_or(Duration::from_millis(100));
    let cap = form.seconds("backoff-cap")?.unwrap_or(Duration::from_secs(30));
    let jitter = match &*form.text("jitter") {
        "equal" => Jitter::Equal,
        "decorrelated" => Jitter::Decorrelated,
        "none" => Jitter::None,
        _ => Jitter::Full,
    };
    Ok(match &*form.text("backoff") {
        "constant" => Backoff::constant(base),
        "none" => Backoff::none(),
        _ => Backoff::exponential(base, cap).factor(form.number("backoff-factor")?.unwrap_or(2.0)).jitter(jitter),
    })
}

fn policy(form: &Form<'_>) -> Result<RetryPolicy, String> {
    let kinds =
        [("codes-stop", Decision::Stop), ("codes-retry", Decision::Retry), ("codes-refresh", Decision::Refresh)];
    let mut policy = RetryPolicy::new();
    for (id, decision) in kinds {
        for code in form.numbers(id)? {
            policy = policy.on_code(code, decision);
        }
    }
    Ok(policy)
}

/// Deadlines, heartbeat, and the look at the clocks.
fn timed(form: &Form<'_>, builder: Builder) -> Result<Builder, String> {
    let mut builder = builder.heartbeat(heartbeat(form)?);
    if let Some(time) = form.seconds("provider-timeout")? {
        builder = builder.provider_timeout(time);
    }
    if let Some(time) = form.seconds_or_never("connect-timeout")? {
        builder = builder.connect_timeout(time);
    }
    if let Some(time) = form.seconds("session-timeout")? {
        builder = builder.session_timeout(time);
    }
    if let Some(time) = form.seconds("close-timeout")? {
        builder = builder.close_timeout(time);
    }
    if let Some(period) = form.seconds_or_never("clock-check")? {
        builder = builder.clock_check(period);
    }
    Ok(builder)
}

fn heartbeat(form: &Form<'_>) -> Result<Option<Heartbeat>, String> {
    if !form.is_checked("heartbeat") {
        return Ok(None);
    }
    let is_answer = |message: &Message| message.as_text() == Some(HEARTBEAT);
    let mut heartbeat = Heartbeat::default().message(|| HEARTBEAT, is_answer);
    heartbeat = heartbeat.period(form.seconds("heartbeat-period")?.unwrap_or(Duration::from_secs(5)));
    heartbeat = heartbeat.dead_after(form.seconds("heartbeat-limit")?.unwrap_or(Duration::from_secs(5)));
    Ok(Some(heartbeat))
}

/// What comes before messages: who the user is, and the session handshake.
fn introduced(form: &Form<'_>, mut builder: Builder) -> Builder {
    if let Some(token) = form.filled("token") {
        builder = builder.credentials(credentials(form, token));
    }
    if let Some(greeting) = form.filled("session-send") {
        let answer = form.filled("session-answer");
        builder = builder.session(move |session| greet(session, greeting.clone(), answer.clone()));
    }
    builder
}

fn credentials(form: &Form<'_>, token: String) -> Credentials {
    let source = move |_why: TokenRequest| ready(Ok::<_, BoxError>(Token::from(token.as_str())));
    Credentials::new(source).carry(match &*form.text("carrier") {
        "protocol" => Carrier::protocol("token."),
        "first" => Carrier::first_message(str::to_owned),
        _ => Carrier::query("token"),
    })
}

/// Says the greeting, and waits for its answer if there is to be one.
async fn greet(mut session: Session, greeting: String, answer: Option<String>) -> Result<(), BoxError> {
    session.send(greeting)?;
    let Some(answer) = answer else { return Ok(()) };
    match session.next_message().await {
        Some(message) if message.as_text() == Some(&answer) => Ok(()),
        Some(_another) => Err(format!("the greeting's answer was not “{answer}”").into()),
        None => Err("the connection ended before the greeting's answer".into()),
    }
}

/// The queue and the buffers.
fn buffered(form: &Form<'_>, mut builder: Builder) -> Result<Builder, String> {
    builder = builder.overflow(match &*form.text("overflow") {
        "refuse" => Overflow::Refuse,
        "drop-oldest" => Overflow::DropOldest,
        "drop-newest" => Overflow::DropNewest,
        _ => Overflow::Wait,
    });
    if let Some(bytes) = form.number("transport-buffer")? {
        builder = builder.transport_buffer(bytes);
    }
    if let Some(bytes) = form.number("inbox-capacity")? {
        builder = builder.inbox_capacity(bytes);
    }
    if form.is_checked("backpressure") {
        builder = builder.backpressure(true);
    }
    if let Some(bytes) = form.number("max-message-size")? {
        builder = builder.max_message_size(bytes);
    }
    let (messages, bytes) = (form.number("queue-messages")?, form.number("queue-bytes")?);
    Ok(builder.queue_capacity(messages.unwrap_or(65_536), bytes.unwrap_or(16 << 20)))
}
