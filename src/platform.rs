//! What the floors above need of the platform, chosen here once.
//!
//! Each platform module offers the same names, and imports nothing from the rest of the crate:
//!
//! - `TextStorage`: shared UTF-8 text, made without copying what the backend received.
//! - `BlobStorage`: shared bytes that may be read asynchronously, with `ReadFailure`.
//! - `parse_url`: the WHATWG URL parser, giving a URL as its serializer writes it.
//! - `Sleep`: a future that ends after a time; dropping it frees the timer.
//! - `Runtime` natively, `defer` in a browser: where functions run that must not run at once.
//! - `monotonic`: the time since an origin of its own, by a clock that never goes back;
//!   `wall_clock`: since the Unix epoch, by one that can be set.
//! - `parse_http_date`: a date of an HTTP header, since the Unix epoch, where headers are seen.
//! - `BoxFuture` and `boxed`: a future of no particular type, `Send` where callbacks are;
//!   `spawn`: runs one.
//! - `random_seed`: a number that nobody foresees; not for secrets.
//! - `Environment`: tells of each [`Change`] of network and page until it is dropped, where
//!   somebody knows; polled by one task at a time.
//! - `Confined`: a value that may move between threads and is touched only on its own.
//! - `DynFnMut`, `MaybeSend`: a callback's type and what it must be.
//! - `Tls`: how the peer of a wss connection is verified.

cfg_if::cfg_if! {
    if #[cfg(target_arch = "wasm32")] {
        mod web;
        use web as chosen;
        #[doc(inline)]
        pub use web::{MaybeSend, Tls};
        pub(crate) use web::{defer, milliseconds, words};
    } else {
        mod native;
        use native as chosen;
        #[doc(inline)]
        pub use native::{MaybeSend, Tls};
        #[cfg(feature = "rustls")]
        pub(crate) use native::ALPN;
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        pub(crate) use native::ExtraRoots;
        pub(crate) use native::{Engine, Runtime, TlsFailure};
    }
}

pub(crate) use chosen::{BlobStorage, Confined, DynFnMut, Sleep, TextStorage, parse_url};
pub(crate) use chosen::{BoxFuture, Environment, boxed, monotonic, parse_http_date, random_seed, spawn, wall_clock};

/// Why a URL could not be parsed.
#[derive(Debug)]
#[allow(dead_code, reason = "native only: a browser has a base for relative URLs")]
pub(crate) enum UrlProblem {
    Relative,
    Invalid(String),
}

/// Why a blob could not be read.
#[derive(Debug)]
#[allow(dead_code, reason = "web only: bytes in memory can always be read")]
pub(crate) enum ReadFailure {
    WrongThread,
    Unreadable(String),
}

/// What a browser tells of the network and of a page's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "web only: natively nobody tells")]
pub(crate) enum Change {
    /// `online`: there may be a network again.
    Online,
    /// `offline`: there is no network; also if there is none at the start.
    Offline,
    /// `visibilitychange`: nobody sees the page, whose timers may be slowed down; also if nobody
    /// does at the start.
    Hidden,
    /// `visibilitychange`: the page is seen again.
    Visible,
    /// `pagehide`: the user goes elsewhere; `persisted` if the page may come back as it is.
    PageLeft { persisted: bool },
    /// `pageshow`: the page came back as it was. The first time that it is shown is not told.
    PageReturned { persisted: bool },
    /// `freeze`: nothing runs from here on.
    Frozen,
    /// `resume`: things run again.
    Resumed,
}
