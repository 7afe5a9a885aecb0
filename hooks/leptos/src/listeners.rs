//! Who is called when something happens.

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// One who listens; whoever holds it may call it when its component is gone.
pub(crate) struct Listener<F: ?Sized> {
    is_gone: Cell<bool>,
    function: RefCell<F>,
}

pub(crate) type Shared<T> = Rc<Listener<dyn FnMut(&T)>>;

/// Those who listen at this time, all on the thread of the page; on a server nobody does.
pub(crate) struct Listeners<T: 'static>(StoredValue<Vec<SendWrapper<Shared<T>>>>);

impl<F> Listener<F> {
    pub(crate) fn new(function: F) -> Self {
        Self { is_gone: Cell::new(false), function: RefCell::new(function) }
    }
}

impl<T> Listener<dyn FnMut(&T)> {
    pub(crate) fn is_gone(&self) -> bool {
        self.is_gone.get()
    }

    pub(crate) fn call(&self, value: &T) {
        (self.function.borrow_mut())(value);
    }
}

impl<T: 'static> Listeners<T> {
    pub(crate) fn new() -> Self {
        Self(StoredValue::new(Vec::new()))
    }

    /// Until the owner is cleaned up.
    pub(crate) fn add(self, listener: Shared<T>) {
        let added = SendWrapper::new(listener);
        let removed = added.clone();
        self.0.try_update_value(|listeners| listeners.push(added));
        on_cleanup(move || {
            removed.is_gone.set(true);
            self.0.try_update_value(|listeners| listeners.retain(|other| !Rc::ptr_eq(other, &removed)));
        });
    }

    pub(crate) fn all(self) -> Vec<SendWrapper<Shared<T>>> {
        self.0.try_get_value().unwrap_or_default()
    }

    /// Nothing is borrowed while a function runs, which may add and remove others.
    pub(crate) fn call(self, value: &T) {
        for listener in self.all() {
            listener.call(value);
        }
    }
}

impl<T> Clone for Listeners<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Listeners<T> {}
