//! What the browser tells of the network and of the page's life.

use super::{Confined, property};
use crate::{platform::Change, waiters::register};
use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::Rc,
    task::{Context, Poll, Waker},
};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Event, EventTarget};

/// Where what is listened to, by names of the properties of the global object. A worker has no
/// document, and its global never sees the events of pages.
const ON_GLOBAL: [&str; 4] = ["online", "offline", "pagehide", "pageshow"];
const ON_DOCUMENT: [&str; 3] = ["visibilitychange", "freeze", "resume"];

/// Listens until it is dropped.
pub(crate) struct Environment(Confined<Listening>);

struct Listening {
    changes: Rc<RefCell<Changes>>,
    global: JsValue,
    document: JsValue,
    /// One for all events, since each closure adds to the size of the module.
    listener: Closure<dyn FnMut(Event)>,
}

/// What was told and not read yet.
#[derive(Default)]
struct Changes {
    waiting: VecDeque<Change>,
    reader: Option<Waker>,
    /// The network was said to be off, last.
    is_offline: bool,
}

impl Environment {
    /// What already is the case, and matters, is told as a change too.
    pub(crate) fn listen() -> Self {
        let global = JsValue::from(js_sys::global());
        let document = property(&global, "document");
        let changes = Rc::new(RefCell::new(Changes::default()));
        tell_of_network(&changes, &global);
        if is_hidden(&document) {
            tell(&changes, Change::Hidden);
        }
        let listener = {
            let (changes, global, document) = (changes.clone(), global.clone(), document.clone());
            Closure::new(move |event: Event| {
                let Some(change) = change(&event, &document) else { return };
                if matches!(change, Change::PageReturned { .. } | Change::Resumed) {
                    tell_of_network(&changes, &global);
                }
                tell(&changes, change);
            })
        };
        let listening = Listening { changes, global, document, listener };
        listening.for_each_event(EventTarget::add_event_listener_with_callback);
        Self(Confined::new(listening))
    }

    pub(crate) fn poll_change(&mut self, context: &mut Context<'_>) -> Poll<Change> {
        // on another thread nothing can be read, and nothing wakes
        let Some(listening) = self.0.get_mut() else { return Poll::Pending };
        // dropped where nothing is borrowed
        let _replaced = {
            let mut changes = listening.changes.borrow_mut();
            if let Some(change) = changes.waiting.pop_front() {
                return Poll::Ready(change);
            }
            register(&mut changes.reader, context)
        };
        Poll::Pending
    }
}

impl Listening {
    fn for_each_event(&self, operation: fn(&EventTarget, &str, &js_sys::Function) -> Result<(), JsValue>) {
        for (target, names) in [(&self.global, &ON_GLOBAL[..]), (&self.document, &ON_DOCUMENT[..])] {
            for name in names {
                // what has no events, such as the document that a worker has not, throws
                let _nothing_to_listen_to =
                    operation(target.unchecked_ref(), name, self.listener.as_ref().unchecked_ref());
            }
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.for_each_event(EventTarget::remove_event_listener_with_callback);
    }
}

fn change(event: &Event, document: &JsValue) -> Option<Change> {
    let persisted = property(event, "persisted").is_truthy();
    Some(match event.type_().as_str() {
        "online" => Change::Online,
        "offline" => Change::Offline,
        "visibilitychange" if is_hidden(document) => Change::Hidden,
        "visibilitychange" => Change::Visible,
        "pagehide" => Change::PageLeft { persisted },
        // else it is the first time that the page is shown
        "pageshow" if persisted => Change::PageReturned { persisted },
        "freeze" => Change::Frozen,
        "resume" => Change::Resumed,
        _ => return None,
    })
}

fn is_hidden(document: &JsValue) -> bool {
    property(document, "visibilityState").as_string().is_some_and(|state| state == "hidden")
}

/// Whether there is a network, if that is another than was told. A page that stood still has missed what the browser
/// told meanwhile.
fn tell_of_network(changes: &RefCell<Changes>, global: &JsValue) {
    // elsewhere than in browsers nothing is told of it
    let Some(is_online) = property(&property(global, "navigator"), "onLine").as_bool() else { return };
    let was_online = !changes.borrow().is_offline;
    if is_online != was_online {
        tell(changes, if is_online { Change::Online } else { Change::Offline });
    }
}

fn tell(changes: &RefCell<Changes>, change: Change) {
    let reader = {
        let mut changes = changes.borrow_mut();
        match change {
            Change::Online => changes.is_offline = false,
            Change::Offline => changes.is_offline = true,
            _ => {}
        }
        changes.waiting.push_back(change);
        changes.reader.take()
    };
    if let Some(reader) = reader {
        reader.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::task::noop_waker;
    use std::{sync::Arc, task::Wake};
    use wasm_bindgen_test::wasm_bindgen_test;

    /// What was told, in order; and nothing waits then.
    fn told(environment: &mut Environment) -> Vec<Change> {
        let waker = noop_waker();
        let mut context = Context::from_waker(&waker);
        std::iter::from_fn(|| match environment.poll_change(&mut context) {
            Poll::Ready(change) => Some(change),
            Poll::Pending => None,
        })
        .collect()
    }

    fn dispatch(target: &JsValue, name: &str, persisted: Option<bool>) {
        let event = Event::new(name).expect("an event");
        if let Some(persisted) = persisted {
            js_sys::Reflect::set(&event, &"persisted".into(), &persisted.into()).expect("a property");
        }
        target.unchecked_ref::<EventTarget>().dispatch_event(&event).expect("it is dispatched");
    }

    #[wasm_bindgen_test]
    fn changes_are_told_until_it_is_dropped() {
        let window = JsValue::from(js_sys::global());
        let document = property(&window, "document");
        let mut environment = Environment::listen();
        told(&mut environment);

        for name in ["offline", "online"] {
            dispatch(&window, name, None);
        }
        dispatch(&window, "pagehide", Some(true));
        for name in ["freeze", "resume", "visibilitychange"] {
            dispatch(&document, name, None);
        }
        dispatch(&window, "pageshow", Some(true));
        dispatch(&window, "pageshow", Some(false));
        let seen = if is_hidden(&document) { Change::Hidden } else { Change::Visible };
        assert_eq!(
            told(&mut environment),
            [
                Change::Offline,
                Change::Online,
                Change::PageLeft { persisted: true },
                Change::Frozen,
                Change::Resumed,
                seen,
                Change::PageReturned { persisted: true },
            ]
        );

        let changes = environment.0.get().map(|listening| listening.changes.clone()).expect("on its thread");
        drop(environment);
        dispatch(&window, "online", None);
        assert!(changes.borrow().waiting.is_empty(), "nobody listens any more");
        assert_eq!(Rc::strong_count(&changes), 1, "the listener is freed");
    }

    /// What the browser tells while the waker of an earlier task is dropped is told too.
    #[wasm_bindgen_test]
    fn a_waker_that_is_dropped_may_cause_a_change() {
        struct Dispatches;
        impl Wake for Dispatches {
            fn wake(self: Arc<Self>) {}
        }
        impl Drop for Dispatches {
            fn drop(&mut self) {
                dispatch(&js_sys::global(), "online", None);
            }
        }
        let mut environment = Environment::listen();
        told(&mut environment);
        for waker in [Waker::from(Arc::new(Dispatches)), noop_waker()] {
            assert!(environment.poll_change(&mut Context::from_waker(&waker)).is_pending());
        }
        assert_eq!(told(&mut environment), [Change::Online]);
    }

    /// What the navigator says of the network while a function runs.
    fn with_network<R>(is_online: bool, function: impl FnOnce() -> R) -> R {
        let navigator = property(&js_sys::global(), "navigator");
        let value = js_sys::Object::new();
        js_sys::Reflect::set(&value, &"value".into(), &is_online.into()).expect("a property");
        js_sys::Reflect::set(&value, &"configurable".into(), &true.into()).expect("a property");
        js_sys::Reflect::define_property::<js_sys::Object>(navigator.unchecked_ref(), &"onLine".into(), &value)
            .expect("it is patched");
        let result = function();
        js_sys::Reflect::delete_property::<js_sys::Object>(navigator.unchecked_ref(), &"onLine".into())
            .expect("it is restored");
        result
    }

    #[wasm_bindgen_test]
    fn what_is_the_case_already_is_told_at_once() {
        let mut environment = with_network(false, Environment::listen);
        assert_eq!(told(&mut environment).first(), Some(&Change::Offline));
    }

    /// A page that stands still, in the back-forward cache or frozen, is told nothing.
    #[wasm_bindgen_test]
    fn what_became_of_the_network_meanwhile_is_told_first() {
        let window = JsValue::from(js_sys::global());
        let document = property(&window, "document");
        let mut environment = Environment::listen();
        told(&mut environment);
        let mut after = |target: &JsValue, name, persisted, is_online| {
            with_network(is_online, || dispatch(target, name, persisted));
            told(&mut environment)
        };
        let returned = Change::PageReturned { persisted: true };
        assert_eq!(after(&window, "pageshow", Some(true), false), [Change::Offline, returned]);
        assert_eq!(after(&window, "pageshow", Some(true), false), [returned], "it was told");
        assert_eq!(after(&document, "resume", None, true), [Change::Online, Change::Resumed]);
        assert_eq!(after(&document, "resume", None, false), [Change::Offline, Change::Resumed]);
        assert_eq!(after(&window, "online", None, true), [Change::Online]);
        assert_eq!(after(&window, "pageshow", Some(true), true), [returned]);
    }
}
