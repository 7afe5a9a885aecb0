//! Who is called when something happens.

use dioxus_core::{Callback, use_drop, use_hook};
use dioxus_signals::{CopyValue, ReadableExt, WritableExt};
use std::{cell::Cell, rc::Rc};

/// Those who listen at this time, each by the closure that its last rendering made.
pub(crate) struct Listeners<T: 'static>(CopyValue<Vec<Callback<T>>>);

impl<T: Clone> Listeners<T> {
    /// A listener that comes after `call` has begun is called from the next on.
    pub(crate) fn call(self, value: &T) {
        let listeners = self.0.peek().clone();
        for listener in listeners {
            listener.call(value.clone());
        }
    }
}

impl<T: 'static> Listeners<T> {
    pub(crate) fn new() -> Self {
        Self(CopyValue::new(Vec::new()))
    }

    fn add(mut self, callback: Callback<T>) {
        // gone with the component that has the socket
        if let Ok(mut listeners) = self.0.try_write() {
            listeners.push(callback);
        }
    }

    fn remove(mut self, callback: Callback<T>) {
        if let Ok(mut listeners) = self.0.try_write() {
            listeners.retain(|other| *other != callback);
        }
    }
}

/// For as long as the component is there that calls it, or gives others.
pub(crate) fn use_listener<T: 'static>(listeners: Option<Listeners<T>>, callback: Callback<T>) {
    let current = use_hook(|| Rc::new(Cell::new(None::<Listeners<T>>)));
    if current.get() != listeners {
        if let Some(before) = current.replace(listeners) {
            before.remove(callback);
        }
        if let Some(now) = listeners {
            now.add(callback);
        }
    }
    use_drop(move || {
        if let Some(last) = current.take() {
            last.remove(callback);
        }
    });
}

impl<T> Clone for Listeners<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Listeners<T> {}

impl<T> PartialEq for Listeners<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
