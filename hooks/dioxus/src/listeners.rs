//! Who is called when something happens.

use dioxus_core::{Callback, use_drop, use_hook};
use dioxus_signals::{CopyValue, ReadableExt, WritableExt};
use std::{cell::Cell, rc::Rc};

/// One who listens, by the closure that the last rendering made. That is gone with its component.
pub(crate) struct Listener<T: 'static> {
    is_gone: Cell<bool>,
    callback: Callback<T>,
}

/// Those who listen at this time.
pub(crate) struct Listeners<T: 'static>(CopyValue<Vec<Rc<Listener<T>>>>);

impl<T> Listener<T> {
    /// Does nothing where it is gone.
    pub(crate) fn call(&self, value: T) {
        if !self.is_gone.get() {
            self.callback.call(value);
        }
    }
}

impl<T: Clone> Listeners<T> {
    /// A listener that comes after `call` has begun is called from the next on.
    pub(crate) fn call(self, value: &T) {
        for listener in self.all() {
            listener.call(value.clone());
        }
    }
}

impl<T: 'static> Listeners<T> {
    pub(crate) fn new() -> Self {
        Self(CopyValue::new(Vec::new()))
    }

    pub(crate) fn all(self) -> Vec<Rc<Listener<T>>> {
        self.0.peek().clone()
    }

    fn add(mut self, listener: Rc<Listener<T>>) {
        // gone with the component that has the socket
        if let Ok(mut listeners) = self.0.try_write() {
            listeners.push(listener);
        }
    }

    fn remove(mut self, listener: &Rc<Listener<T>>) {
        if let Ok(mut listeners) = self.0.try_write() {
            listeners.retain(|other| !Rc::ptr_eq(other, listener));
        }
    }
}

/// For as long as the component is there that calls it, or gives others.
pub(crate) fn use_listener<T: 'static>(listeners: Option<Listeners<T>>, callback: Callback<T>) {
    let listener = use_hook(|| Rc::new(Listener { is_gone: Cell::new(false), callback }));
    let current = use_hook(|| Rc::new(Cell::new(None::<Listeners<T>>)));
    if current.get() != listeners {
        if let Some(before) = current.replace(listeners) {
            before.remove(&listener);
        }
        if let Some(now) = listeners {
            now.add(listener.clone());
        }
    }
    use_drop(move || {
        listener.is_gone.set(true);
        if let Some(last) = current.take() {
            last.remove(&listener);
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
