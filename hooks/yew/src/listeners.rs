//! Who is called when something happens.

use std::{cell::RefCell, rc::Rc};

/// Those who listen at this time; `F` is a shared closure.
pub(crate) struct Listeners<F>(RefCell<Rc<Vec<Rc<Listener<F>>>>>);

/// One who listens, by the closure that the last rendering made.
pub(crate) struct Listener<F>(RefCell<F>);

impl<F: Clone> Listeners<F> {
    pub(crate) fn add(&self, listener: Rc<Listener<F>>) {
        Rc::make_mut(&mut self.0.borrow_mut()).push(listener);
    }

    pub(crate) fn remove(&self, listener: &Rc<Listener<F>>) {
        Rc::make_mut(&mut self.0.borrow_mut()).retain(|other| !Rc::ptr_eq(other, listener));
    }

    /// Nothing is borrowed while a closure runs, which may lead to a rendering.
    pub(crate) fn call(&self, mut call: impl FnMut(F)) {
        let listeners = self.0.borrow().clone();
        for listener in listeners.iter() {
            call(listener.closure());
        }
    }
}

impl<F> Default for Listeners<F> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<F: Clone> Listener<F> {
    pub(crate) fn new(closure: F) -> Self {
        Self(RefCell::new(closure))
    }

    /// From now on this closure is called, and no older one.
    pub(crate) fn renew(&self, closure: F) {
        // dropped when nothing is borrowed any more
        let _old = self.0.replace(closure);
    }

    fn closure(&self) -> F {
        self.0.borrow().clone()
    }
}
