//! Certificates, and what is no TLS. Natively the authority is trusted, so that the fault is the
//! one; browsers trust nobody here, and say nothing.

use crate::{
    rules,
    sockets::{Act, Fault},
    support::{fetch, host, reconnecting::Gate, tls_host},
};

async fn behind(name: &'static str, mode: &str) {
    let gate = Gate::new().await;
    gate.set(mode).await;
    let mut fault = Fault::new(name, gate.echo().replacen("ws:", "wss:", 1), Act::Send);
    fault.authority = Some(fetch("/authority").await);
    fault.befall().await;
}

rules! {
    async fn an_unknown_authority() {
        Fault::new("TLS: unknown authority", format!("wss://{}/echo", tls_host()), Act::Send).befall().await;
    }

    async fn a_certificate_that_does_not_fit() {
        behind("TLS: expired", "tls:expired").await;
        behind("TLS: another host's", "tls:elsewhere").await;
    }

    async fn no_version_in_common() {
        behind("TLS: old version", "tls:old").await;
    }

    async fn no_tls_at_all() {
        Fault::new("TLS: plain HTTP at the port", format!("wss://{}/echo", host()), Act::Send).befall().await;
    }
}
