//! The application's own errors, as they come back from where they were thrown.

use super::*;
use eversocket::reconnect::{
    BoxError, Carrier, Credentials, EndCause, Endpoint, Failure, GiveUp, Handle, Token, Unauthorized, UserError,
};
use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex},
};

/// An error of an application's, with a source.
#[derive(Debug)]
struct Mine(&'static str, BoxError);

impl fmt::Display for Mine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl Error for Mine {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.1)
    }
}

/// Below two errors of the application's.
fn deep(error: impl Into<BoxError>) -> BoxError {
    Mine("outer", Mine("inner", error.into()).into()).into()
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Provider,
    Source,
    Session,
}

/// A socket one of whose functions always fails, and its network.
fn failing(
    place: Place,
    error: impl Fn() -> BoxError + Clone + Send + 'static,
) -> (Clock, Network, ReconnectingWebSocket) {
    let (clock, network) = scene();
    let builder = match place {
        Place::Provider => {
            ReconnectingWebSocket::with_endpoint(move |_| std::future::ready(Err::<Endpoint, _>(error())))
                .network(network.clone())
                .clock(clock.clone())
        }
        Place::Source => {
            let credentials = Credentials::new(move |_| std::future::ready(Err::<Token, _>(error())));
            builder(&clock, &network).credentials(credentials.carry(Carrier::query("t")))
        }
        Place::Session => {
            let credentials = Credentials::new(|_| std::future::ready(Ok("token".into())));
            let builder = builder(&clock, &network).credentials(credentials.carry(Carrier::query("t")));
            builder.session(move |_| std::future::ready(Err(error())))
        }
    };
    let socket = builder.open().expect("valid");
    (clock, network, socket)
}

/// Opens what is to be opened, without any time passing; the servers' ends.
async fn serve(network: &Network) -> Vec<Peer> {
    let mut peers = Vec::new();
    while let Some(peer) = soon(accept(network)).await {
        peers.push(peer);
    }
    peers
}

const PLACES: [Place; 3] = [Place::Provider, Place::Source, Place::Session];

fn error_of(failure: &Failure) -> &UserError {
    match failure {
        Failure::Provider { error, .. } | Failure::Credentials { error, .. } | Failure::Handshake { error, .. } => {
            error
        }
        other => panic!("{other:?}"),
    }
}

crate::rules! {
    async fn giving_up_is_found_among_the_sources_of_an_error() {
        for place in PLACES {
            let (_clock, network, mut socket) = failing(place, || deep(GiveUp::new("signed out")));
            let _peers = serve(&network).await;
            let EndCause::GivenUp(failure) = ended(&mut socket).await.cause else { panic!("{place:?}") };
            assert_eq!(error_of(&failure).find(), Some(&GiveUp::new("signed out")), "{place:?}");
        }
    }

    async fn a_refusal_is_found_among_the_sources_of_an_error() {
        for place in PLACES {
            let (_clock, network, mut socket) = failing(place, || deep(Unauthorized));
            let _peers = serve(&network).await;
            let cause = ended(&mut socket).await.cause;
            assert_eq!(cause, EndCause::CredentialsRefused(Failure::CredentialsRefused), "{place:?}");
        }
    }

    async fn an_error_is_kept_whole_and_told_once() {
        for (place, text) in PLACES.into_iter().zip([
            "the endpoint provider failed",
            "the token source failed",
            "the session handshake failed",
        ]) {
            let (_clock, network, socket) = failing(place, || deep("no network"));
            let _peers = serve(&network).await;
            let failure = waiting(&socket.handle()).await.failure;
            let mut chain = vec![failure.to_string()];
            let mut source = failure.source();
            assert_eq!(source.and_then(|error| error.downcast_ref::<Mine>()).expect("mine").0, "outer");
            while let Some(error) = source {
                chain.push(error.to_string());
                source = error.source();
            }
            assert_eq!(chain, [text, "outer", "inner", "no network"]);
            assert_eq!(format!("{failure:#}"), chain.join(": "));
            let ended = EndCause::GivenUp(failure);
            assert_eq!((ended.to_string(), ended.source().is_none()), (format!("given up: {}", chain.join(": ")), true));
        }
    }

    /// As an error with a connection to a log might: not under the socket's lock.
    async fn an_error_may_use_the_socket_when_it_is_dropped() {
        #[derive(Debug)]
        struct Reporting(Arc<Mutex<Option<Handle>>>);
        impl fmt::Display for Reporting {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("it reports")
            }
        }
        impl Error for Reporting {}
        impl Drop for Reporting {
            fn drop(&mut self) {
                let handle = self.0.lock().expect("whole").clone();
                assert!(handle.is_none_or(|handle| !handle.state().is_open()));
            }
        }
        for place in PLACES {
            let slot = Arc::new(Mutex::new(None));
            let in_errors = slot.clone();
            let (clock, network, mut socket) = failing(place, move || Reporting(in_errors.clone()).into());
            let handle = socket.handle();
            *slot.lock().expect("whole") = Some(handle.clone());
            for _ in 0..3 {
                let _peers = serve(&network).await;
                assert!(matches!(handle.state(), State::Waiting(_)), "{place:?}");
                // nobody else keeps the error
                while soon(socket.next_event()).await.is_some() {}
                clock.advance(handle.time_to_retry().unwrap_or_default());
            }
            *slot.lock().expect("whole") = None;
        }
    }
}
