//! What the source is asked, as a task of its own: an attempt that is given up takes no answer with
//! it, which may bring a refresh token that exists nowhere else.

use super::{
    shared::Shared,
    token::{Token, TokenRequest},
};
use crate::{
    platform::{BoxFuture, MaybeSend, boxed, spawn},
    reconnect::{
        Failure,
        clock::Clock,
        endpoint::BoxError,
        guarded::{Fault, guarded},
    },
};
use futures::future::{Either, select};
use std::{future::Future, sync::Arc, time::Duration};

pub(super) trait Source: MaybeSend {
    fn fetch(&mut self, request: TokenRequest) -> BoxFuture<Result<Token, BoxError>>;
}

impl<F, Answer> Source for F
where
    F: FnMut(TokenRequest) -> Answer + MaybeSend,
    Answer: Future<Output = Result<Token, BoxError>> + MaybeSend + 'static,
{
    fn fetch(&mut self, request: TokenRequest) -> BoxFuture<Result<Token, BoxError>> {
        boxed(self(request))
    }
}

/// The one fetch that is under way. Dropped before it is done, because the runtime is gone, it has
/// failed.
pub(super) struct Fetch {
    pub(super) shared: Arc<Shared>,
    pub(super) source: Option<Box<dyn Source>>,
    pub(super) clock: Clock,
    pub(super) timeout: Duration,
}

#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("it took longer than {} ms", .0.as_millis())]
    InTime(Duration),
    #[error("the runtime that ran it was shut down")]
    RuntimeGone,
}

impl Fetch {
    pub(super) fn begin(self, request: TokenRequest) {
        // where nothing can run it, it is dropped, which ends it
        let _nowhere = spawn(self.run(request));
    }

    async fn run(mut self, request: TokenRequest) {
        let Some(source) = &mut self.source else { return };
        let answer = guarded(|| source.fetch(request));
        let alarm = self.clock.alarm(self.clock.now().at.after(self.timeout));
        let result = match select(answer, alarm).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(Fault::of(Unanswered::InTime(self.timeout))),
        };
        self.end(result);
    }

    fn end(&mut self, result: Result<Token, Fault>) {
        let Some(source) = self.source.take() else { return };
        let result =
            result.map_err(|fault| fault.into_failure(|error, give_up| Failure::Credentials { error, give_up }));
        self.shared.fetched(source, result, self.clock.now());
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.end(Err(Fault::of(Unanswered::RuntimeGone)));
    }
}
