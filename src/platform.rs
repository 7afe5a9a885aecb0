//! What the value types and the socket need of the platform, chosen here once.
//!
//! Each platform module offers the same names, and imports nothing from the rest of the crate:
//!
//! - `TextStorage`: shared UTF-8 text, made without copying what the backend received.
//! - `BlobStorage`: shared bytes that may be read asynchronously, with `ReadFailure`.
//! - `parse_url`: the WHATWG URL parser, giving a [`ParsedUrl`].
//! - `Sleep`: a future that ends after a time; dropping it frees the timer.
//! - `Runtime` natively, `defer` in a browser: where functions run that must not run at once.
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
        pub(crate) use native::{Engine, Runtime, TlsFailure};
    }
}

pub(crate) use chosen::{BlobStorage, Confined, DynFnMut, Sleep, TextStorage, parse_url};

/// A URL that was parsed by the WHATWG URL standard, with ws and wss in place of http and
/// https.
#[derive(Debug, Clone)]
pub(crate) struct ParsedUrl {
    pub(crate) href: String,
    /// Without the colon.
    pub(crate) scheme: String,
    /// As in a URL: an IPv6 address stands in brackets.
    pub(crate) host: String,
    /// `None` where it is the scheme's default.
    pub(crate) port: Option<u16>,
    pub(crate) path: String,
    /// With the question mark, or empty.
    pub(crate) query: String,
}

impl ParsedUrl {
    pub(crate) fn has_fragment(&self) -> bool {
        self.href.contains('#')
    }
}

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
