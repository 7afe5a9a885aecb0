//! The platform in a browser: its URL parser, blobs, timers and event loop.

mod blob;
mod clock;
mod confined;
mod environment;
mod http_date;
mod random;
mod task;
mod url;

pub(crate) use blob::BlobStorage;
pub(crate) use confined::Confined;
pub(crate) use url::parse_url;
pub(crate) use {
    clock::{monotonic, wall_clock},
    environment::Environment,
    http_date::parse_http_date,
    random::random_seed,
    task::{BoxFuture, boxed, spawn},
};

use crate::waiters::register;
use gloo_timers::callback::Timeout;
use std::{
    cell::RefCell,
    future::Future,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};
use wasm_bindgen::{JsCast, JsValue};

/// What a callback must be: `Send` natively, since the connection's driver calls it from its
/// own thread; anything at all in a browser.
pub trait MaybeSend {}

impl<T> MaybeSend for T {}

/// A callback.
pub(crate) type DynFnMut<Argument> = dyn FnMut(Argument);

/// Text that came out of JavaScript in one copy and is shared from then on.
#[derive(Clone)]
pub(crate) struct TextStorage(Arc<String>);

impl TextStorage {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for TextStorage {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for TextStorage {
    fn from(text: String) -> Self {
        Self(Arc::new(text))
    }
}

/// Runs a function soon, from the browser's event loop and not within this call.
pub(crate) fn defer(function: impl FnOnce() + 'static) {
    js_sys::futures::spawn_local(async move { function() });
}

/// How a browser's user decides whom to trust: not through a script.
///
/// Setting any on a [`Builder`](crate::Builder) is
/// [`Unsupported::TlsSettings`](crate::Unsupported::TlsSettings) here.
#[derive(Debug, Clone, Default)]
pub struct Tls(());

impl Tls {
    /// The platform's trust store; the default.
    pub fn platform() -> Self {
        Self(())
    }

    /// The platform's trust store and these certificate authorities, in PEM form.
    pub fn with_root_certificates(_pem: impl Into<Vec<u8>>) -> Self {
        Self(())
    }
}

/// Ends after a time.
pub(crate) struct Sleep(Confined<Rc<RefCell<Alarm>>>);

struct Alarm {
    rung: bool,
    waker: Option<Waker>,
    timeout: Option<Timeout>,
}

impl Sleep {
    pub(crate) fn new(duration: Duration) -> Self {
        let alarm = Rc::new(RefCell::new(Alarm { rung: false, waker: None, timeout: None }));
        let weak = Rc::downgrade(&alarm);
        let timeout = Timeout::new(milliseconds(duration), move || {
            if let Some(alarm) = weak.upgrade() {
                let waker = {
                    let mut alarm = alarm.borrow_mut();
                    alarm.rung = true;
                    alarm.waker.take()
                };
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        });
        alarm.borrow_mut().timeout = Some(timeout);
        Self(Confined::new(alarm))
    }

    pub(crate) fn anywhere(duration: Duration) -> Self {
        Self::new(duration)
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // on another thread the timer can't be read; ending at once makes the caller look again
        let Some(alarm) = self.0.get_mut() else { return Poll::Ready(()) };
        // dropped where nothing is borrowed
        let _replaced = {
            let mut alarm = alarm.borrow_mut();
            if alarm.rung {
                return Poll::Ready(());
            }
            register(&mut alarm.waker, context)
        };
        Poll::Pending
    }
}

/// Browsers take a signed 32-bit number of milliseconds: at most 24 days.
pub(crate) fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX).min(i32::MAX as u32)
}

/// A property of a JavaScript object; `undefined` if it has none, or is no object. For what has
/// another type in each kind of context, such as the global object.
pub(crate) fn property(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

/// A JavaScript error's own words.
pub(crate) fn words(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => error.as_string().unwrap_or_else(|| "unknown error".to_owned()),
    }
}
