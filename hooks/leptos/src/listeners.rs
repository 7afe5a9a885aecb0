//! Who is called when something happens.

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use std::{cell::RefCell, rc::Rc};

type Listener<T> = Rc<RefCell<dyn FnMut(&T)>>;

/// Those who listen at this time, all on the thread of the page; on a server nobody does.
pub(crate) struct Listeners<T: 'static>(StoredValue<Vec<SendWrapper<Listener<T>>>>);

impl<T: 'static> Listeners<T> {
    pub(crate) fn new() -> Self {
        Self(StoredValue::new(Vec::new()))
    }

    /// Until the owner is cleaned up.
    pub(crate) fn add(self, listener: Listener<T>) {
        let added = SendWrapper::new(listener);
        let removed = added.clone();
        self.0.try_update_value(|listeners| listeners.push(added));
        on_cleanup(move || {
            self.0.try_update_value(|listeners| listeners.retain(|other| !Rc::ptr_eq(other, &removed)));
        });
    }

    /// Nothing is borrowed while a function runs, which may add and remove others.
    pub(crate) fn call(self, value: &T) {
        let listeners = self.0.try_get_value().unwrap_or_default();
        for listener in listeners {
            (listener.borrow_mut())(value);
        }
    }
}

impl<T> Clone for Listeners<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Listeners<T> {}
