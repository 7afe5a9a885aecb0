//! What is traced: what happens, and no secret.

#![allow(clippy::expect_used, reason = "a test that cannot go on says so")]
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/mod.rs"]
mod support;

use eversocket::{
    ReconnectingWebSocket,
    reconnect::{Backoff, Carrier, Credentials, Endpoint, Token},
};
use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};
use support::*;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Keeps every event of the crate's as a line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").expect("a string takes it");
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("eversocket")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut lines = self.0.lock().expect("whole");
        event.record(&mut Line(&mut lines));
        lines.push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn what_happens_is_traced_and_no_secret_is() {
    let lines = Lines::default();
    let _guard = tracing::subscriber::set_default(lines.clone());
    // refused with a token in each place where one may be, and in the answer
    let steps = encode("header:Set-Cookie:id=secret;http:503:secret");
    let url = url(&format!("/script?do={steps}&ticket=secret")).replace("ws://", "ws://user:secret@");
    let credentials = Credentials::new(|_| async { Ok(Token::new("secret")) }).carry(Carrier::query("token"));
    let mut socket = ReconnectingWebSocket::with_endpoint(move |_| {
        let endpoint = Endpoint::new(&url).header("Authorization", "secret").protocol("chat").first_message("secret");
        async { Ok(endpoint) }
    })
    .credentials(credentials)
    .backoff(Backoff::none())
    .max_attempts(2)
    .open()
    .expect("valid");
    socket.handle().set_resume_token("secret".to_owned());
    socket.send("secret").expect("it is queued");
    socket.ended().await;

    let traced = lines.0.lock().expect("whole").clone();
    for expected in ["connecting (attempt 1)", "waiting", "connecting (attempt 2)", "503", "ended", "unsent=1"] {
        assert!(traced.contains(expected), "{expected} in\n{traced}");
    }
    assert!(!traced.contains("secret"), "{traced}");
}
