//! Who is called when something happens.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// Those who listen at this time; `F` is a shared closure.
pub(crate) struct Listeners<F>(RefCell<Rc<Vec<Rc<Listener<F>>>>>);

/// One who listens, by the closure that the last rendering made; whoever holds it may call that when
/// its component is gone.
pub(crate) struct Listener<F> {
    is_gone: Cell<bool>,
    closure: RefCell<F>,
}

impl<F: Clone> Listeners<F> {
    pub(crate) fn add(&self, listener: Rc<Listener<F>>) {
        listener.is_gone.set(false);
        Rc::make_mut(&mut self.0.borrow_mut()).push(listener);
    }

    pub(crate) fn remove(&self, listener: &Rc<Listener<F>>) {
        listener.is_gone.set(true);
        Rc::make_mut(&mut self.0.borrow_mut()).retain(|other| !Rc::ptr_eq(other, listener));
    }

    pub(crate) fn all(&self) -> Rc<Vec<Rc<Listener<F>>>> {
        self.0.borrow().clone()
    }

    /// Nothing is borrowed while a closure runs, which may lead to a rendering.
    pub(crate) fn call(&self, mut call: impl FnMut(F)) {
        for listener in self.all().iter() {
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
        Self { is_gone: Cell::new(false), closure: RefCell::new(closure) }
    }

    /// From now on this closure is called, and no older one.
    pub(crate) fn renew(&self, closure: F) {
        // dropped when nothing is borrowed any more
        let _old = self.closure.replace(closure);
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.is_gone.get()
    }

    pub(crate) fn closure(&self) -> F {
        self.closure.borrow().clone()
    }
}
